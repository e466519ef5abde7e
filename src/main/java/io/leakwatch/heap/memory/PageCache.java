package io.leakwatch.heap.memory;

import java.util.Arrays;

/**
 * Single words from scattered present pages: a small direct-mapped cache, because the chunks of a
 * free list lie close together. Its pages are as old as the walk.
 */
public final class PageCache {
  private static final int PAGES = 64;

  /** The smallest page of all kernels: a larger one would cost memory and save nothing. */
  private static final int BYTES = 4096;

  private final HeapMemory memory;
  private final ByteBudget budget;
  private final long[][] pages = new long[PAGES][];
  private final long[] addresses = new long[PAGES];

  public PageCache(HeapMemory memory, ByteBudget budget) {
    this.memory = memory;
    this.budget = budget;
    Arrays.fill(addresses, -1);
  }

  /** Reads words that may span pages; false when one of them is not present. */
  public boolean words(long address, long[] into, int count) {
    int done = 0;
    while (done < count) {
      long at = address + 8L * done;
      long page = at & -BYTES;
      int slot = (int) (page >>> 12) & PAGES - 1;
      if (addresses[slot] != page && !load(page, slot)) {
        return false;
      }
      int from = (int) ((at - page) >>> 3);
      int length = Math.min(count - done, BYTES / 8 - from);
      System.arraycopy(pages[slot], from, into, done, length);
      done += length;
    }
    return true;
  }

  private boolean load(long page, int slot) {
    if (budget.isExhausted()) {
      return false;
    }
    long[] words = pages[slot];
    if (words == null) {
      words = new long[BYTES / 8];
      pages[slot] = words;
    }
    addresses[slot] = -1;
    budget.spend(BYTES);
    if (memory.peek(page, words, words.length) != words.length) {
      return false;
    }
    addresses[slot] = page;
    return true;
  }
}
