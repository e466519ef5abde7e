package io.leakwatch.heap.memory;

import io.leakwatch.os.RemoteMemory;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * The piece of the target's memory that a walk reads: one copy of present pages, in a buffer that
 * is reused and that the walk reads in place.
 *
 * <p>Windows start small behind a large chunk, as the next one may be as large and only headers
 * matter, and after trouble, as a short copy is less likely to be torn; each is twice as long as
 * the one before, up to the greatest length.
 */
public final class WalkWindow {
  private static final int HEADER_BYTES = 16;

  private final HeapMemory memory;
  private final Presence presence;
  private final ByteBudget budget;
  private final int pageBytes;
  private final int greatestBytes;
  private final ByteBuffer headerAndPages;
  private final ByteBuffer pages;
  private final LongBuffer header;
  private final LongBuffer words;
  private long start;
  private long end;
  private int nextBytes;

  public WalkWindow(HeapMemory memory, Presence presence, ByteBudget budget, int greatestBytes) {
    this.memory = memory;
    this.presence = presence;
    this.budget = budget;
    this.pageBytes = memory.pageBytes();
    this.greatestBytes = Math.max(greatestBytes & -pageBytes, 2 * pageBytes);
    this.nextBytes = this.greatestBytes;
    ByteBuffer whole = RemoteMemory.allocate(pageBytes + this.greatestBytes);
    this.headerAndPages =
        whole
            .slice(pageBytes - HEADER_BYTES, HEADER_BYTES + this.greatestBytes)
            .order(whole.order());
    this.pages = whole.slice(pageBytes, this.greatestBytes).order(whole.order());
    this.header = headerAndPages.asLongBuffer();
    this.words = pages.asLongBuffer();
  }

  /** The words of the window; those behind {@link #end} are old. */
  public LongBuffer words() {
    return words;
  }

  public long start() {
    return start;
  }

  public long end() {
    return end;
  }

  public int greatestBytes() {
    return greatestBytes;
  }

  /** Whether a chunk's header lies in the window. */
  public boolean holds(long address) {
    return address >= start && address + HEADER_BYTES <= end;
  }

  /** The word at an address within the window. */
  public long word(long address) {
    return words.get((int) ((address - start) >>> 3));
  }

  /** The second word of the header that {@link #loadBehind} read. */
  public long headBehind() {
    return header.get(1);
  }

  /** Whether a range that starts with the address' page fits into a window of the full length. */
  public boolean couldHold(long address, long until) {
    return until - (address & -pageBytes) <= greatestBytes;
  }

  /** Whether the window starts with the address' page. */
  public boolean startsAtPageOf(long address) {
    return start == (address & -pageBytes);
  }

  public void drop() {
    start = 0;
    end = 0;
  }

  /** Makes the next window a small one. */
  public void startSmall() {
    nextBytes = 2 * pageBytes;
  }

  /**
   * Reads the window that starts with the address' page.
   *
   * @return whether the address' header is there
   */
  public boolean load(long address, long bound) {
    int wanted = wanted(address, bound);
    if (wanted == 0) {
      return false;
    }
    return accept(address, memory.read(address & -pageBytes, pages.clear().limit(wanted)), 0);
  }

  /** Reads one header and the window that starts with another address' page by one call. */
  public boolean loadBehind(long headerAddress, long address, long bound) {
    if (address - headerAddress > greatestBytes / 8) {
      startSmall();
    }
    int wanted = wanted(address, bound);
    if (wanted == 0) {
      return false;
    }
    ByteBuffer into = headerAndPages.clear().limit(HEADER_BYTES + wanted);
    return accept(address, memory.read(headerAddress, address & -pageBytes, into), HEADER_BYTES);
  }

  /** Bytes to be read: up to the first absent page; 0 when the address' own page is absent. */
  private int wanted(long address, long bound) {
    long from = address & -pageBytes;
    long until = presence.presentUntil(from, Math.min(bound, from + nextBytes));
    nextBytes = Math.min(greatestBytes, nextBytes * 2);
    drop();
    return until <= address ? 0 : (int) (until - from);
  }

  private boolean accept(long address, int readBytes, int before) {
    int got = Math.max(0, readBytes - before) & -8;
    budget.spend(Math.max(8, got));
    if (got == 0) {
      return false;
    }
    start = address & -pageBytes;
    end = start + got;
    return holds(address);
  }
}
