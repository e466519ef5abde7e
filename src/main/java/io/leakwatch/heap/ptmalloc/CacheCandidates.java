package io.leakwatch.heap.ptmalloc;

import java.util.Arrays;

/** Chunks in use whose size is that of a tcache: looked at after the walk, bounded. */
public final class CacheCandidates {
  private final int chunkBytes;
  private final int countMax;
  private long[] addresses = new long[64];
  private int count;
  private long droppedCount;

  /**
   * @param chunkBytes size of a tcache's chunk, 0 when the process has none
   */
  public CacheCandidates(int chunkBytes, int countMax) {
    this.chunkBytes = chunkBytes;
    this.countMax = countMax;
  }

  int chunkBytes() {
    return chunkBytes;
  }

  void add(long address) {
    if (count == countMax) {
      droppedCount++;
      return;
    }
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, Math.min(countMax, count * 2));
    }
    addresses[count++] = address;
  }

  int count() {
    return count;
  }

  long address(int i) {
    return addresses[i];
  }

  /** Chunks of that size that found no room. */
  long droppedCount() {
    return droppedCount;
  }
}
