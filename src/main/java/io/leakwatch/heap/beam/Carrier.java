package io.leakwatch.heap.beam;

/**
 * Memory that BEAM got for its allocators, by mmap or from malloc ({@code Carrier_t} in
 * erts/emulator/beam/erl_alloc_util.h): one block, or many, of which it says how many are in use of
 * each kind.
 *
 * @param counts of blocks in use by the numbers of their kinds
 * @param sizes of them together, bytes
 */
record Carrier(
    long address,
    long bytes,
    boolean isMapped,
    boolean isSingle,
    BeamAllocator allocator,
    Sums counts,
    Sums sizes) {
  static final int HEAD_WORDS = 38;
  static final int NEXT = 1;
  static final int PREVIOUS = 2;
  static final int ALLOCATOR = 3;
  static final long FLAGS = 7;

  /** A block's size, without its flags and what is kept in the upper bits. */
  static final long BLOCK_SIZE = (1L << 40) - 8;

  static final long BYTES_MIN = 16 << 10;
  static final long UNIT_BYTES = 4 << 10;

  /** In use and never abandoned, what begins a carrier of one block. */
  static final int SINGLE_HEAD_BYTES = 32;

  private static final long MAPPED = 1;
  private static final long SINGLE = 2;
  private static final int COUNTS = 12;
  private static final int SIZES = 24;
  private static final int SIZE = 37;
  private static final int SINGLE_BLOCK = SINGLE_HEAD_BYTES / 8;

  /** Whether words may begin a carrier that ends within as many bytes. */
  static boolean mayBe(long[] words, long space) {
    long bytes = words[0] & ~FLAGS;
    return (words[0] & FLAGS) <= (MAPPED | SINGLE)
        && bytes >= BYTES_MIN
        && bytes <= space
        && bytes % UNIT_BYTES == 0
        && (words[NEXT] & (UNIT_BYTES - 1)) == 0
        && (words[PREVIOUS] & (UNIT_BYTES - 1)) == 0;
  }

  /** Numbers by kinds of memory. */
  static final class Sums {
    private final long[] byKind;

    private Sums(long[] byKind) {
      this.byKind = byKind;
    }

    long of(int kind) {
      return byKind[kind];
    }

    long all() {
      long all = 0;
      for (long one : byKind) {
        all += one;
      }
      return all;
    }
  }

  /** The carrier that words begin; one of a single block has it in use or not. */
  static Carrier of(long address, long[] words, BeamAllocator allocator, boolean isInUse) {
    long[] counts = new long[BeamAllocator.KINDS];
    long[] sizes = new long[BeamAllocator.KINDS];
    boolean isSingle = (words[0] & SINGLE) != 0;
    if (isSingle) {
      counts[allocator.number()] = isInUse ? 1 : 0;
      sizes[allocator.number()] = isInUse ? words[SINGLE_BLOCK] & BLOCK_SIZE : 0;
    } else {
      System.arraycopy(words, COUNTS, counts, 0, counts.length);
      System.arraycopy(words, SIZES, sizes, 0, sizes.length);
    }
    return new Carrier(
        address,
        words[0] & ~FLAGS,
        (words[0] & MAPPED) != 0,
        isSingle,
        allocator,
        new Sums(counts),
        new Sums(sizes));
  }

  int headBytes() {
    return isSingle ? SINGLE_HEAD_BYTES : allocator.headBytes();
  }

  long end() {
    return address + bytes;
  }

  /** Whether what it says of its blocks fits into it, and adds up to the sum that it keeps. */
  boolean isSound(long[] words) {
    long room = bytes - headBytes();
    for (int kind = 0; kind < BeamAllocator.KINDS; kind++) {
      long count = counts.of(kind);
      long size = sizes.of(kind);
      if (size < 0 || size > room || count < 0 || count > size / 8 || (count == 0) != (size == 0)) {
        return false;
      }
    }
    return sizes.all() <= room && (isSingle || sizes.all() == words[SIZE]);
  }
}
