package io.leakwatch.heap.holders;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.MemoryScan;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;

/**
 * One scan of everything that could hold a pointer: first the living part of each stack, right
 * after the stack pointers were asked for, then all other private writable memory.
 */
final class HolderPass {
  private final AddressRanges stacks = new AddressRanges();
  private final AddressRanges rest = new AddressRanges();
  private final HeapMemory memory;
  private final HolderSettings settings;
  private final ByteBudget budget;
  private long readBytes;
  private long unsearchedBytes;
  private long swappedBytes;
  private boolean cut;
  private int failure;

  /**
   * Lays out the scan.
   *
   * @param table the mappings of the moment
   * @param regions what they were when the search began
   */
  HolderPass(
      HeapMemory memory,
      MappingTable table,
      RegionMap regions,
      ThreadMemory threads,
      HolderSettings settings,
      ByteBudget budget) {
    this.memory = memory;
    this.settings = settings;
    this.budget = budget;
    for (int i = 0; i < table.size(); i++) {
      if (mayHold(table, i)) {
        add(table.start(i), table.end(i), regions, threads);
      }
    }
  }

  /** Divides a mapping by its regions; what was mapped since they were found has none. */
  private void add(long start, long end, RegionMap regions, ThreadMemory threads) {
    long at = start;
    while (at < end) {
      int region = regions.indexOf(at);
      long until = region < 0 ? nextRegion(regions, at, end) : Math.min(end, regions.end(region));
      RegionKind kind = region < 0 ? RegionKind.ANONYMOUS : regions.kind(region);
      if (kind == RegionKind.THREAD_STACK || kind == RegionKind.MAIN_STACK) {
        long alive = threads.aliveFrom(regions.start(region)) & -memory.pageBytes();
        if (alive < until) {
          stacks.add(Math.max(at, alive), until);
        }
      } else if (kind != RegionKind.SPECIAL) {
        rest.add(at, until);
      }
      at = until;
    }
  }

  private static long nextRegion(RegionMap regions, long address, long end) {
    int low = 0;
    int high = regions.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(regions.start(middle), address) > 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    boolean isBefore = low < regions.size() && Long.compareUnsigned(regions.start(low), end) < 0;
    return isBefore ? regions.start(low) : end;
  }

  /** Memory that the program writes for itself: shared memory and devices are not searched. */
  static boolean mayHold(MappingTable table, int mapping) {
    return table.isReadable(mapping)
        && table.isWritable(mapping)
        && !table.isShared(mapping)
        && table.start(mapping) > 0
        && !table.name(mapping).startsWith("/dev/");
  }

  /** Scans; what the budget does not reach is counted as not searched. */
  void run(MemoryScan.Receiver receiver, int pass, long totalBytes, HolderProgress progress) {
    for (AddressRanges ranges : new AddressRanges[] {stacks, rest}) {
      MemoryScan scan = new MemoryScan(memory, ranges, budget, settings.pieceBytes());
      while (!scan.isFinished() && !budget.isExhausted()) {
        scan.advance(receiver);
        progress.searched(pass, readBytes + scan.readBytes(), totalBytes);
      }
      cut |= !scan.isFinished();
      readBytes += scan.readBytes();
      swappedBytes += scan.swappedBytes();
      unsearchedBytes += scan.swappedBytes() + scan.refusedBytes();
      unsearchedBytes += scan.failure() == 0 ? scan.leftBytes() : 0;
      failure = failure == 0 ? scan.failure() : failure;
    }
  }

  long readBytes() {
    return readBytes;
  }

  long swappedBytes() {
    return swappedBytes;
  }

  /** Whether the budget ended it. */
  boolean isCut() {
    return cut;
  }

  int failure() {
    return failure;
  }

  double unsearchedFraction() {
    long all = readBytes + unsearchedBytes;
    return all == 0 ? 0 : (double) unsearchedBytes / all;
  }
}
