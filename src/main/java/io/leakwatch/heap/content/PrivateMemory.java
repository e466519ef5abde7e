package io.leakwatch.heap.content;

import io.leakwatch.proc.memory.MappingTable;
import java.util.Arrays;

/** Where a process' private writable memory without a file lies: heaps, stacks, plain mappings. */
final class PrivateMemory {
  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private int count;

  PrivateMemory(MappingTable table) {
    for (int i = 0; i < table.size(); i++) {
      if (table.isWritable(i) && !table.isShared(i) && table.inode(i) == 0 && table.start(i) > 0) {
        add(table.start(i), table.end(i));
      }
    }
  }

  private void add(long start, long end) {
    if (count > 0 && ends[count - 1] == start) {
      ends[count - 1] = end;
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    starts[count] = start;
    ends[count++] = end;
  }

  boolean contains(long address) {
    if (count == 0 || address < starts[0] || address >= ends[count - 1]) {
      return false;
    }
    int at = Arrays.binarySearch(starts, 0, count, address);
    int range = at >= 0 ? at : -at - 2;
    return range >= 0 && address < ends[range];
  }
}
