package io.leakwatch.heap.memory;

import java.util.Arrays;

/**
 * Which pages are present, asked ahead in stretches of 2,048 and answered from a bitmap. It may be
 * as old as its last stretch; {@link #forget} makes the next question a fresh one.
 */
public final class Presence {
  private static final int STRETCH_PAGES = 2048;

  private final HeapMemory memory;
  private final int pageShift;
  private final long stretchBytes;
  private final long[] bits = new long[STRETCH_PAGES / 64];
  private long base = -1;

  /** Whether any page of the last stretch is in swap. */
  private boolean swapped;

  private int failure;

  public Presence(HeapMemory memory) {
    this.memory = memory;
    this.pageShift = Integer.numberOfTrailingZeros(memory.pageBytes());
    this.stretchBytes = (long) STRETCH_PAGES << pageShift;
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} once that was met, else 0. */
  public int failure() {
    return failure;
  }

  public long pageBytes() {
    return 1L << pageShift;
  }

  public void forget() {
    base = -1;
  }

  /**
   * First address at or behind {@code address}, but not behind {@code end}, whose page's presence
   * differs from {@code present}.
   */
  private long run(long address, long end, boolean present) {
    long page = address & -pageBytes();
    long flip = present ? -1L : 0;
    while (page < end) {
      load(page);
      int at = (int) ((page - base) >>> pageShift);
      while (at < STRETCH_PAGES) {
        long differing = (bits[at >>> 6] ^ flip) >>> at;
        if (differing != 0) {
          at += Long.numberOfTrailingZeros(differing);
          return Math.min(end, Math.max(address, base + ((long) at << pageShift)));
        }
        at = (at | 63) + 1;
      }
      page = base + stretchBytes;
    }
    return end;
  }

  /** End of the present pages that start with {@code address}'s; the address when it is absent. */
  long presentUntil(long address, long end) {
    return run(address, end, true);
  }

  /** Start of the first present page, or the address itself when its own page is present. */
  public long nextPresent(long address, long end) {
    return run(address, end, false);
  }

  public boolean isPresent(long address) {
    load(address);
    int at = (int) ((address - base) >>> pageShift);
    return (bits[at >>> 6] >>> at & 1) != 0;
  }

  /** Present bytes of {@code [start, end)}, both page-aligned. */
  public long presentBytes(long start, long end) {
    long sum = 0;
    long page = start;
    while (page < end) {
      load(page);
      int from = (int) ((page - base) >>> pageShift);
      int to = (int) Math.min(STRETCH_PAGES, (end - base) >>> pageShift);
      sum += count(from, to);
      page = base + ((long) to << pageShift);
    }
    return sum << pageShift;
  }

  private int count(int from, int to) {
    int sum = 0;
    int at = from;
    while (at < to) {
      int take = Math.min(to - at, 64 - (at & 63));
      long word = bits[at >>> 6] >>> at;
      sum += Long.bitCount(take == 64 ? word : word & (1L << take) - 1);
      at += take;
    }
    return sum;
  }

  /** Whole pages within {@code [start, end)} that are neither present nor in swap, in bytes. */
  public long untouchedBytes(long start, long end) {
    long page = start + pageBytes() - 1 & -pageBytes();
    long to = end & -pageBytes();
    long sum = 0;
    while (page < to) {
      load(page);
      long until = Math.min(to, base + stretchBytes);
      long absent = until - page - presentBytes(page, until);
      sum += absent == 0 || !swapped ? absent : Math.max(0, absent - swappedBytes(page, until));
      page = until;
    }
    return sum;
  }

  /** Bytes of {@code [start, end)} that are in swap, asked again; 0 where that cannot be known. */
  public long swappedBytes(long start, long end) {
    long sum = 0;
    long[] unused = new long[STRETCH_PAGES / 64];
    for (long at = start & -pageBytes(); at < end; at += stretchBytes) {
      int pages = (int) Math.min(STRETCH_PAGES, (end - at + pageBytes() - 1) >>> pageShift);
      sum += Math.max(0, memory.present(at, pages, unused));
    }
    return sum;
  }

  private void load(long address) {
    if (base >= 0 && address >= base && address - base < stretchBytes) {
      return;
    }
    base = address & -stretchBytes;
    long result = memory.present(base, STRETCH_PAGES, bits);
    swapped = result > 0;
    if (result < 0) {
      failure = (int) result;
      Arrays.fill(bits, 0);
    }
  }
}
