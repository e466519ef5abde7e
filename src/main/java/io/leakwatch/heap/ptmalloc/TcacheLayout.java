package io.leakwatch.heap.ptmalloc;

/**
 * The shapes of a thread's {@code tcache_perthread_struct}. It is itself an allocated chunk of an
 * otherwise rare size, which tells the generation: 0x250 with byte counts (2.26), 0x290 with 16-bit
 * counts (2.30), 0x300 with more bins and counts of free slots that run downwards (2.42).
 *
 * <p>Sizes are bytes; offsets are from the memory behind the chunk's header.
 */
enum TcacheLayout {
  V2_26(0x250, 64, 1, true),
  V2_30(0x290, 64, 2, true),
  V2_42(0x300, 76, 2, false);

  /** A cache this full is no cache: the tunable tcache_count allows no more. */
  static final int COUNT_MAX = 65535;

  /** Bins of one chunk size each; what follows them, since 2.42, are bins of ranges. */
  static final int SMALL_BINS = 64;

  private final int chunkBytes;
  private final int bins;
  private final int countBytes;
  private final boolean countsEntries;

  TcacheLayout(int chunkBytes, int bins, int countBytes, boolean countsEntries) {
    this.chunkBytes = chunkBytes;
    this.bins = bins;
    this.countBytes = countBytes;
    this.countsEntries = countsEntries;
  }

  int chunkBytes() {
    return chunkBytes;
  }

  int bins() {
    return bins;
  }

  /** Whether the counts tell the entries; else they tell the slots that are left. */
  boolean countsEntries() {
    return countsEntries;
  }

  /** Words from the chunk's header to the first list head. */
  int entriesWord() {
    return 2 + bins * countBytes / 8;
  }

  /** Words of the whole chunk with its header. */
  int words() {
    return entriesWord() + bins;
  }

  /** The count of one bin. */
  int count(long[] chunk, int bin) {
    int at = bin * countBytes;
    int shift = at % 8 * 8;
    return (int) (chunk[2 + at / 8] >>> shift) & (countBytes == 1 ? 0xff : 0xffff);
  }

  /** Largest chunk that one of the equally spaced small bins may hold. */
  static long smallBinChunkBytes(int bin) {
    return 32 + 16L * bin;
  }
}
