package io.leakwatch.heap.mimalloc;

/**
 * How far behind their page's first slice the blocks of 1024 bytes and fewer begin in mimalloc 2.0:
 * the build's own guarantee of alignment ({@code _mi_segment_page_start}, src/segment.c), which is
 * written down nowhere. A page has room for as many blocks as fit behind it, so each page leaves an
 * interval of less than one block, and what lies in all of them is it.
 */
final class SmallOffset implements PageSource.Receiver {
  /** Blocks of up to so many bytes begin a little behind their page. */
  static final long SMALL_BYTES_MAX = 1024;

  private static final long UNIT = 128;

  private long least;
  private long most = Long.MAX_VALUE;

  @Override
  public void segment(long start, long firstPage, long end) {}

  /** Takes a page of small blocks; others tell nothing, and those of 2.1 say where they begin. */
  @Override
  public void page(MimallocPage page) {
    if (page.isFree()
        || page.start() != 0
        || page.blockBytes() > SMALL_BYTES_MAX
        || page.room() <= 0) {
      return;
    }
    long left = page.end() - page.address() - page.room() * page.blockBytes();
    if (left >= 0) {
      least = Math.max(least, left - page.blockBytes() + 1);
      most = Math.min(most, left);
    }
  }

  /** The offset, 0 where nobody needs it, -1 where the pages contradict each other. */
  long bytes() {
    long first = (Math.max(0, least) + UNIT - 1) / UNIT * UNIT;
    return first > most ? -1 : first;
  }
}
