package io.leakwatch.heap.memory;

import io.leakwatch.proc.memory.AddressRanges;

/**
 * The first two words of present pages outside the arenas' heaps, read by as few calls as possible:
 * malloc starts what it gets by mmap on a page, and its header tells what it is. The pages of all
 * reads together are bounded.
 */
public final class PageHeads {
  private static final int BATCH = 64;

  private final HeapMemory memory;
  private final Presence presence;
  private final ByteBudget budget;
  private final long[] pages = new long[BATCH];
  private final long[] words = new long[BATCH * 2];
  private int pagesLeft;
  private long next;

  public PageHeads(HeapMemory memory, Presence presence, ByteBudget budget, int pagesMax) {
    this.memory = memory;
    this.presence = presence;
    this.budget = budget;
    this.pagesLeft = pagesMax;
  }

  /** Whether no more pages are read: the bound is reached, or memory cannot be read any more. */
  public boolean isCut() {
    return pagesLeft <= 0;
  }

  /**
   * Reads the next pages of a range, up to the first heap.
   *
   * @return their number
   */
  public int read(long from, long end, AddressRanges heaps) {
    int n = 0;
    int wanted = Math.min(BATCH, pagesLeft);
    next = from;
    while (n < wanted && next < end && heaps.endOf(next) == 0) {
      next = presence.nextPresent(next, end);
      if (next < end && heaps.endOf(next) == 0) {
        pages[n++] = next;
        next += presence.pageBytes();
      }
    }
    pagesLeft -= n;
    budget.spend(n * 16L);
    if (n > 0 && memory.readHeaders(pages, n, words) < 0) {
      pagesLeft = 0;
      next = end;
      return 0;
    }
    return n;
  }

  /** Where the pages behind the last ones read go on. */
  public long next() {
    return next;
  }

  public long page(int i) {
    return pages[i];
  }

  public long first(int i) {
    return words[2 * i];
  }

  public long second(int i) {
    return words[2 * i + 1];
  }
}
