package io.leakwatch.heap;

import io.leakwatch.proc.MappingTable;
import io.leakwatch.region.RegionKind;
import io.leakwatch.region.RegionMap;

/**
 * One scan of everything that could hold a pointer: first the living part of each stack, right
 * after the stack pointers were asked for, then all other private writable memory.
 */
final class HolderPass {
  private final AddressRanges stacks = new AddressRanges();
  private final AddressRanges rest = new AddressRanges();
  private final HeapMemory memory;
  private final HolderSettings settings;
  private final Budget budget;
  private long readBytes;
  private long unsearchedBytes;
  private long swappedBytes;
  private boolean cut;
  private int failure;

  HolderPass(
      HeapMemory memory,
      MappingTable table,
      RegionMap regions,
      ThreadMemory threads,
      HolderSettings settings,
      Budget budget) {
    this.memory = memory;
    this.settings = settings;
    this.budget = budget;
    for (int r = 0; r < regions.size(); r++) {
      if (!mayHold(table, regions.mapping(r), regions.kind(r))) {
        continue;
      }
      RegionKind kind = regions.kind(r);
      boolean isStack = kind == RegionKind.THREAD_STACK || kind == RegionKind.MAIN_STACK;
      long from = isStack ? threads.aliveFrom(regions.start(r)) & -memory.pageBytes() : 0;
      (isStack ? stacks : rest).add(Math.max(from, regions.start(r)), regions.end(r));
    }
  }

  /** Memory that the program writes for itself: shared memory and devices are not searched. */
  static boolean mayHold(MappingTable table, int mapping, RegionKind kind) {
    return table.isReadable(mapping)
        && table.isWritable(mapping)
        && !table.isShared(mapping)
        && table.start(mapping) > 0
        && kind != RegionKind.SPECIAL
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
