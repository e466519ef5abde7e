package io.leakwatch.heap.holders;

import org.jspecify.annotations.Nullable;

/**
 * Tells from the words around a pointer that a container of libstdc++ owns what it refers to. The
 * figures that a container keeps beside the pointer must fit the chunk, so chance is no matter.
 *
 * <p>{@code std::unordered_map} and its kin: buckets, their number, first node, number of elements,
 * load factor 1.0f (hashtable.h). {@code std::vector}: begin, end, end of storage (stl_vector.h).
 * {@code std::deque}: map, its size, then an iterator whose last word points into the map
 * (stl_deque.h).
 */
final class ContainerSigns {
  /** Words to read from the pointer on. */
  static final int WORDS = 6;

  private static final long LOAD_FACTOR_ONE = 0x3f800000L;

  /** What glibc lets the application use behind an object. */
  private static final long TAIL_BYTES = 8;

  private static final long ROUNDING_BYTES = 32;
  private static final long PAGE_BYTES = 4096;

  /** Where the application's bytes begin in a chunk that glibc got by mmap. */
  private static final long MAPPED_CHUNK_HEADER_BYTES = 16;

  private ContainerSigns() {}

  /**
   * What the chunk is that the first word refers to.
   *
   * @param words from the pointer on
   * @param address first byte of the object
   * @param bytes that it can use
   * @return null when no sign shows
   */
  static @Nullable String of(long[] words, int count, long address, long bytes) {
    if (count < WORDS || words[0] != address) {
      return null;
    }
    long number = words[1];
    boolean isArray = number > 0 && number < 1L << 40;
    boolean isMapped = (address & PAGE_BYTES - 1) == MAPPED_CHUNK_HEADER_BYTES;
    long rounding = isMapped ? PAGE_BYTES + ROUNDING_BYTES : ROUNDING_BYTES;
    boolean fits = isArray && number * 8 <= bytes + TAIL_BYTES && number * 8 + rounding > bytes;
    if (fits && (words[4] & 0xffffffffL) == LOAD_FACTOR_ONE) {
      return "std::unordered_map buckets";
    }
    long end = address + bytes + TAIL_BYTES;
    if (words[5] >= address && words[5] < end && fits && words[2] >= words[3]) {
      return "std::deque map";
    }
    if (words[1] > address && words[1] <= words[2] && words[2] <= end) {
      return "std::vector buffer";
    }
    return null;
  }
}
