package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import org.jspecify.annotations.Nullable;

/**
 * What was read of {@code mp_}, malloc's own parameters: its count of mmapped chunks is exact and
 * costs nothing.
 *
 * @param mmapCount chunks got by mmap now
 * @param mmappedBytes their pages
 * @param sbrkBase where the main arena starts
 * @param thpPageBytes size of huge pages that malloc asks the kernel for, 0 when it does not
 */
record MallocParameters(int mmapCount, long mmappedBytes, long sbrkBase, long thpPageBytes) {
  /** Default of {@code n_mmaps_max}, which serves as the mark to search for. */
  private static final int MMAPS_MAX = 65536;

  /** Word of {@code mmap_threshold}; malloc itself raises it to 32 MiB at the most. */
  private static final int THRESHOLD = 2;

  private static final long THRESHOLD_BYTES_MAX = 64L << 20;
  private static final int STEP_BYTES = 4096;
  private static final int WORDS = 16;

  /**
   * Searches for it among the variables around a main arena, where somebody set M_MMAP_MAX by the
   * start of brk instead of the mark.
   *
   * @return null when it is not there
   */
  static @Nullable MallocParameters find(
      HeapMemory memory, GlibcLayout layout, AddressSpace space, long mainArena) {
    MallocParameters marked = find(memory, layout, space, mainArena, true);
    return marked == null ? find(memory, layout, space, mainArena, false) : marked;
  }

  private static @Nullable MallocParameters find(
      HeapMemory memory, GlibcLayout layout, AddressSpace space, long mainArena, boolean marked) {
    for (AddressSpace.DataSegment data : space.data()) {
      if (mainArena < data.start() || mainArena >= data.end()) {
        continue;
      }
      long[] window = new long[STEP_BYTES / 8 + WORDS];
      long bound = Math.min(data.end(), data.start() + (32L << 20));
      for (long at = data.start(); at < bound; at += STEP_BYTES) {
        int wanted = (int) Math.min(window.length, (data.end() - at) >>> 3);
        int count = memory.peek(at, window, wanted);
        for (int i = 0; i + WORDS <= count; i++) {
          MallocParameters found = at(window, i, layout, space, memory.pageBytes(), marked);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private static @Nullable MallocParameters at(
      long[] words, int at, GlibcLayout layout, AddressSpace space, int pageBytes, boolean marked) {
    int base = layout.mmapCount();
    if (marked ? intAt(words, at, base + 4) != MMAPS_MAX : words[at] < pageBytes) {
      return null;
    }
    long sbrkBase = sbrkBase(words, at + layout.sbrkBase() / 8, space);
    int count = intAt(words, at, base);
    int countMax = intAt(words, at, base + 8);
    long bytes = words[at + layout.mmappedMem() / 8];
    long bytesMax = words[at + layout.mmappedMem() / 8 + 1];
    long thpPageBytes = layout.thpPageBytes() < 0 ? 0 : words[at + layout.thpPageBytes() / 8];
    boolean sound =
        count >= 0
            && count <= countMax
            && bytes >= 0
            && bytes <= bytesMax
            && bytes % pageBytes == 0
            && (count > 0 || bytes == 0)
            && words[at + THRESHOLD] > 0
            && words[at + THRESHOLD] <= THRESHOLD_BYTES_MAX
            && (thpPageBytes == 0 || (thpPageBytes > 0 && Long.bitCount(thpPageBytes) == 1))
            && (marked
                ? sbrkBase == 0 ? space.brk().isEmpty() : space.anonymous().contains(sbrkBase)
                : space.brk().stream().anyMatch(b -> b[0] == sbrkBase));
    return sound ? new MallocParameters(count, bytes, sbrkBase, thpPageBytes) : null;
  }

  /** Up to 2.23 {@code max_total_mem} stood in front of it. */
  private static long sbrkBase(long[] words, int at, AddressSpace space) {
    long late = words[at + 1];
    return space.brk().stream().anyMatch(b -> late >= b[0] && late < b[1]) ? late : words[at];
  }

  private static int intAt(long[] words, int at, int offset) {
    return (int) (words[at + offset / 8] >>> (offset % 8 * 8));
  }
}
