package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;

/**
 * What of a process' memory turned out to be jemalloc's, and what of the rest the kernel's list of
 * mappings cannot tell from it: private memory without a name that holds nothing of jemalloc's was
 * mapped by the program itself. Stacks lie above a guard that nobody may read; what malloc of glibc
 * mapped begins with its header.
 */
final class JemallocMemory {
  private static final int RANGES_MAX = 1 << 16;
  private static final int HEAP_SHIFT = 26;
  private static final long IS_MMAPPED = 2;

  /** What is smaller is the loader's or the program's, and of no kind of jemalloc's. */
  private static final long MAPPING_MIN_BYTES = 64 << 10;

  private static final long MAPPING_MIN_BYTES_BESIDE_GLIBC = 2 << 20;

  private final AddressRanges ranges = new AddressRanges(RANGES_MAX);
  private final AddressRanges later = new AddressRanges(RANGES_MAX);

  /** Adds a range; what does not come in the order of addresses must overlap nothing. */
  void add(long start, long end) {
    boolean follows = ranges.count() == 0 || start >= ranges.end(ranges.count() - 1);
    if (follows) {
      ranges.add(start, end);
    } else if (later.count() == 0 || start >= later.end(later.count() - 1)) {
      later.add(start, end);
    }
  }

  /** Present bytes of mappings of jemalloc's kind in which nothing of it lies. */
  long foreignBytes(OwnerTarget target) {
    if (ranges.isFull() || later.isFull()) {
      return 0;
    }
    boolean serves = Allocator.JEMALLOC.isFirstOf(target.allocators());
    long least = serves ? MAPPING_MIN_BYTES : MAPPING_MIN_BYTES_BESIDE_GLIBC;
    AddressRanges mapped = target.space().mmapped();
    Presence presence = new Presence(target.memory());
    MappingTable table = target.table();
    long sum = 0;
    for (int i = 0; i < table.size(); i++) {
      long start = table.start(i);
      long end = table.end(i);
      boolean isLike =
          end - start >= least
              && mapped.contains(start)
              && !table.isExecutable(i)
              && !ThreadVariables.isAboveGuard(table, i, mapped)
              && !ranges.meets(start, end)
              && !later.meets(start, end);
      if (isLike && (serves || !isOfGlibc(target.memory(), table, i))) {
        sum += presence.presentBytes(start, end);
      }
    }
    return sum;
  }

  /** Present bytes of some ranges that lie in one mapping with what is jemalloc's. */
  long presentBeside(AddressRanges some, OwnerTarget target) {
    Presence presence = new Presence(target.memory());
    MappingTable table = target.table();
    long sum = 0;
    for (int i = 0; i < table.size() && some.count() > 0; i++) {
      long start = table.start(i);
      long end = table.end(i);
      if (ranges.meets(start, end) || later.meets(start, end)) {
        for (int j = Math.max(0, some.lastBefore(start)); j < some.count(); j++) {
          long from = Math.max(start, some.start(j));
          long to = Math.min(end, some.end(j));
          if (some.start(j) >= end) {
            break;
          }
          sum += to > from ? presence.presentBytes(from, to) : 0;
        }
      }
    }
    return sum;
  }

  private static boolean isOfGlibc(HeapMemory memory, MappingTable table, int i) {
    boolean isHeap =
        (table.start(i) & (1L << HEAP_SHIFT) - 1) == 0
            && i + 1 < table.size()
            && table.start(i + 1) == table.end(i)
            && !table.isReadable(i + 1);
    long[] header = new long[2];
    return isHeap
        || (memory.peek(table.start(i), header, 2) == 2
            && header[0] == 0
            && (header[1] & 7) == IS_MMAPPED
            && (header[1] & -4096) == (header[1] & -8)
            && header[1] <= table.end(i) - table.start(i) + IS_MMAPPED);
  }
}
