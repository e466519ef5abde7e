package io.leakwatch.app;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapWalker;
import io.leakwatch.heap.ReadPace;
import io.leakwatch.heap.WalkSettings;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ProcessReader;

/** One walk through the heaps of a process, on descriptors of its own. For one thread. */
final class HeapLook {
  private final ProcFs procFs;
  private final HeapWalker walker;
  private final MappingTable table = new MappingTable();
  private final PacedMeter meter = new PacedMeter();

  HeapLook(ProcFs procFs, WalkSettings settings) {
    this.procFs = procFs;
    this.walker = new HeapWalker(settings);
  }

  /** Opens the process, walks, and closes it again. */
  WalkDesk.Walked walk(ProcessId id) {
    meter.reset();
    Outcome<HeapReport> outcome = procFs.open(id).flatMap(this::walk);
    return new WalkDesk.Walked(
        outcome, System.nanoTime(), meter.spentNanos(), meter.longestNanos());
  }

  private Outcome<HeapReport> walk(ProcessReader opened) {
    try (ProcessReader reader = opened) {
      return reader
          .maps(table, meter)
          .flatMap(read -> walker.walk(reader, read, meter, ReadPace.UNPACED));
    }
  }
}
