package io.leakwatch.heap;

import org.jspecify.annotations.Nullable;

/**
 * What was read of {@code mp_}, malloc's own parameters: its count of mmapped chunks is exact and
 * costs nothing.
 *
 * @param mmapCount chunks got by mmap now
 * @param mmappedBytes their pages
 * @param sbrkBase where the main arena starts
 */
record MallocParameters(int mmapCount, long mmappedBytes, long sbrkBase) {
  /** Default of {@code n_mmaps_max}, which serves as the mark to look for. */
  private static final int MMAPS_MAX = 65536;

  /** Word of {@code mmap_threshold}; malloc itself raises it to 32 MiB at the most. */
  private static final int THRESHOLD = 2;

  private static final long THRESHOLD_BYTES_MAX = 64L << 20;

  /**
   * Looks for it among the variables around a main arena.
   *
   * @return null when it is not there, as when somebody set M_MMAP_MAX
   */
  static @Nullable MallocParameters find(
      HeapMemory memory, GlibcLayout layout, AddressSpace space, long mainArena) {
    for (AddressSpace.DataSegment data : space.data()) {
      if (mainArena < data.start() || mainArena >= data.end()) {
        continue;
      }
      long[] window = new long[HeapMemory.PAGE_WORDS + 16];
      long bound = Math.min(data.end(), data.start() + (32L << 20));
      for (long page = data.start(); page < bound; page += HeapMemory.PAGE_BYTES) {
        int wanted = (int) Math.min(window.length, (data.end() - page) >>> 3);
        int count = memory.peek(page, window, wanted);
        for (int i = 0; i + 16 <= count; i++) {
          MallocParameters found = at(window, i, layout, space);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private static @Nullable MallocParameters at(
      long[] words, int at, GlibcLayout layout, AddressSpace space) {
    int base = layout.mmapCount();
    if (intAt(words, at, base + 4) != MMAPS_MAX) {
      return null;
    }
    int count = intAt(words, at, base);
    int countMax = intAt(words, at, base + 8);
    long bytes = words[at + layout.mmappedMem() / 8];
    long bytesMax = words[at + layout.mmappedMem() / 8 + 1];
    long sbrkBase = sbrkBase(words, at + layout.sbrkBase() / 8, space);
    boolean sound =
        count >= 0
            && count <= countMax
            && bytes >= 0
            && bytes <= bytesMax
            && bytes % HeapMemory.PAGE_BYTES == 0
            && (count > 0 || bytes == 0)
            && words[at + THRESHOLD] > 0
            && words[at + THRESHOLD] <= THRESHOLD_BYTES_MAX
            && (space.brk().isEmpty()
                ? sbrkBase == 0
                : space.brk().stream().anyMatch(b -> within(sbrkBase, b)));
    return sound ? new MallocParameters(count, bytes, sbrkBase) : null;
  }

  /** Up to 2.23 {@code max_total_mem} stood in front of it. */
  private static long sbrkBase(long[] words, int at, AddressSpace space) {
    long late = words[at + 1];
    return space.brk().stream().anyMatch(b -> within(late, b)) ? late : words[at];
  }

  private static boolean within(long address, long[] range) {
    return address >= range[0] && address < range[1];
  }

  private static int intAt(long[] words, int at, int offset) {
    return (int) (words[at + offset / 8] >>> (offset % 8 * 8));
  }
}
