package io.leakwatch.heap.memory;

import java.util.Arrays;

/** Disjoint address ranges, added in address order, that can be asked for an address. */
public final class AddressRanges {
  private long[] starts = new long[16];
  private long[] ends = new long[16];
  private int count;

  public void add(long start, long end) {
    if (count > 0 && start == ends[count - 1]) {
      ends[count - 1] = end;
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

  public int count() {
    return count;
  }

  public long start(int i) {
    return starts[i];
  }

  public long end(int i) {
    return ends[i];
  }

  public boolean contains(long address) {
    return endOf(address) != 0;
  }

  /** End of the range that holds an address; 0 when none does. */
  public long endOf(long address) {
    int at = Arrays.binarySearch(starts, 0, count, address);
    int range = at >= 0 ? at : -at - 2;
    return range >= 0 && address < ends[range] ? ends[range] : 0;
  }
}
