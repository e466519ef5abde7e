package io.leakwatch.heap.ptmalloc;

import io.leakwatch.proc.memory.AddressList;

/** Chunks in use whose size is that of a tcache: read after the walk, bounded. */
public final class CacheCandidates {
  private final int chunkBytes;
  private final int countMax;
  private final AddressList addresses = new AddressList(64);
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
    if (addresses.count() == countMax) {
      droppedCount++;
    } else {
      addresses.add(address);
    }
  }

  int count() {
    return addresses.count();
  }

  long address(int i) {
    return addresses.get(i);
  }

  /** Chunks of that size that found no room. */
  long droppedCount() {
    return droppedCount;
  }
}
