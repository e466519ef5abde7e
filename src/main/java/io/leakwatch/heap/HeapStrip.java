package io.leakwatch.heap;

/**
 * One heap of glibc's malloc as a row of cells, so that one look tells a leak (cells in use up to
 * the top) from a pinned heap (free cells below one in use).
 *
 * @param arena index of the arena that it belongs to
 * @param address of its first byte
 * @param cellBytes a power of two, so large that {@link #CELLS_MAX} cells suffice
 * @param cells a character each: {@code 1} to {@code 9} the tenths in use, {@code f} free with
 *     memory behind it, {@code r} free without (given back, or not touched yet), {@code ?} not
 *     known (swapped out, torn, beyond the budget, or not malloc's); what the heap has never
 *     reached is left out
 * @param pinCell the cell of the chunk that keeps the top from shrinking, -1 where it pins less
 *     than a cell
 */
public record HeapStrip(int arena, long address, long cellBytes, String cells, int pinCell) {
  /** Of a heap of a thread's arena: 64 MiB in cells of 64 KiB. */
  public static final int CELLS_MAX = 1024;

  public static final int CELL_BYTES_MIN = 64 << 10;
  public static final char FREE = 'f';
  public static final char RETURNED = 'r';
  public static final char UNKNOWN = '?';
  private static final int TENTHS_MAX = 9;

  /** Whether it is one of the arena that grows by brk. */
  public boolean main() {
    return arena == 0;
  }

  public long bytes() {
    return cells.length() * cellBytes;
  }

  /** The character of a cell with so much in use, at least one byte. */
  public static char inUse(long usedBytes, long cellBytes) {
    long tenths = Math.round(10.0 * usedBytes / cellBytes);
    return (char) ('0' + Math.max(1, Math.min(TENTHS_MAX, tenths)));
  }

  /** Whether a character stands for a cell at all. */
  public static boolean isCell(char cell) {
    return isInUse(cell) || cell == FREE || cell == RETURNED || cell == UNKNOWN;
  }

  /** Whether it stands for one with something in use. */
  public static boolean isInUse(char cell) {
    return cell >= '1' && cell <= '9';
  }

  /** The same with no more cells than that, each of which stands for several. */
  public HeapStrip folded(int cellsMax) {
    int each = 1;
    while ((cells.length() + each - 1) / each > cellsMax) {
      each *= 2;
    }
    if (each == 1) {
      return this;
    }
    StringBuilder fewer = new StringBuilder();
    for (int from = 0; from < cells.length(); from += each) {
      fewer.append(together(from, Math.min(cells.length(), from + each), each));
    }
    int pin = pinCell < 0 ? -1 : pinCell / each;
    return new HeapStrip(arena, address, cellBytes * each, fewer.toString(), pin);
  }

  private char together(int from, int to, int each) {
    int tenths = 0;
    boolean isAnyInUse = false;
    boolean isAnyFree = false;
    boolean isAnyUnknown = false;
    for (int i = from; i < to; i++) {
      char cell = cells.charAt(i);
      isAnyInUse |= isInUse(cell);
      isAnyFree |= cell == FREE;
      isAnyUnknown |= cell == UNKNOWN;
      tenths += isInUse(cell) ? cell - '0' : 0;
    }
    if (isAnyInUse) {
      return inUse(tenths, 10L * each);
    }
    return isAnyFree ? FREE : isAnyUnknown ? UNKNOWN : RETURNED;
  }
}
