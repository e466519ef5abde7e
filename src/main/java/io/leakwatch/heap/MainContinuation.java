package io.leakwatch.heap;

/**
 * Where the main arena goes on when brk could not be extended: then it gets regions of a megabyte
 * and more by mmap, of which malloc keeps no list. The one that holds the top starts on a page in
 * the same mapping, with a chunk from which headers lead on; other mappings may have been fused in
 * front of it.
 */
final class MainContinuation {
  private static final int WINDOW_BYTES = 1 << 16;

  private final HeapMemory memory;
  private final Presence presence;

  MainContinuation(HeapMemory memory, Presence presence) {
    this.memory = memory;
    this.presence = presence;
  }

  /** First chunk of the region that holds the top, 0 when none is found. */
  long startOf(AddressSpace space, long top, long end) {
    long start = 0;
    for (int i = 0; i < space.anonymous().count(); i++) {
      if (top >= space.anonymous().start(i) && top < space.anonymous().end(i)) {
        start = space.anonymous().start(i);
      }
    }
    long[] words = new long[WINDOW_BYTES / 8];
    Segment segment = Segment.ofMain(memory, 0, start, end, end);
    long page = presence.nextPresent(start, top);
    while (page < top) {
      long until = presence.presentUntil(page, Math.min(end, page + WINDOW_BYTES));
      int count = memory.read(page, words, (int) ((until - page) >>> 3));
      if (count >= 8 && ChainSearch.startsAt(words, count, page, page, segment)) {
        return page;
      }
      page = presence.nextPresent(page + HeapMemory.PAGE_BYTES, top);
    }
    return 0;
  }
}
