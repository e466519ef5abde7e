package io.leakwatch.proc.memory;

import java.util.Arrays;

/**
 * Disjoint address ranges, added in address order, that can be asked for an address. Ranges that
 * touch become one.
 */
public final class AddressRanges {
  private static final long ADDRESS_MAX = 1L << 62;
  private static final long HIGHEST_BYTES = 1L << 32;

  private final int countMax;
  private long[] starts = new long[16];
  private long[] ends = new long[16];
  private int count;

  public AddressRanges() {
    this(Integer.MAX_VALUE);
  }

  /**
   * Empty ranges.
   *
   * @param countMax what does not touch the last of so many is left out
   */
  public AddressRanges(int countMax) {
    this.countMax = countMax;
  }

  /**
   * Whether a mapping can lie there: behind the one before, and in the lower half of the address
   * space, as every processor has it, or in the last 4 GiB, where vsyscall is. So the lengths of
   * all mappings add up to a positive number of 64 bits.
   */
  public static boolean isPossible(long start, long stop, long lastEnd) {
    boolean low = start >= 0 && stop > 0 && stop <= ADDRESS_MAX;
    return (low || (start < 0 && start >= -HIGHEST_BYTES))
        && Long.compareUnsigned(start, stop) < 0
        && Long.compareUnsigned(start, lastEnd) >= 0;
  }

  public void add(long start, long end) {
    if (count > 0 && start == ends[count - 1]) {
      ends[count - 1] = end;
      return;
    }
    if (count == countMax) {
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    starts[count] = start;
    ends[count] = end;
    count++;
  }

  /** Takes all ranges away and keeps the room for others. */
  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  /** Whether there are as many as there may be. */
  public boolean isFull() {
    return count == countMax;
  }

  public long start(int i) {
    return starts[i];
  }

  /** First address behind a range. */
  public long end(int i) {
    return ends[i];
  }

  public boolean contains(long address) {
    return endOf(address) != 0;
  }

  /** Whether all of {@code [start, end)} lies in one range. */
  public boolean covers(long start, long end) {
    int range = lastBefore(start);
    return range >= 0 && end <= ends[range];
  }

  /** End of the range that holds an address; 0 when none does. */
  public long endOf(long address) {
    if (count == 0 || address < starts[0] || address >= ends[count - 1]) {
      return 0;
    }
    int range = lastBefore(address);
    return address < ends[range] ? ends[range] : 0;
  }

  /** Whether any of the ranges reaches into {@code [start, end)}. */
  public boolean meets(long start, long end) {
    int last = lastBefore(end - 1);
    return last >= 0 && end(last) > start;
  }

  /** The last range that begins at or before an address, negative where none does. */
  public int lastBefore(long address) {
    int at = Arrays.binarySearch(starts, 0, count, address);
    return at >= 0 ? at : -at - 2;
  }
}
