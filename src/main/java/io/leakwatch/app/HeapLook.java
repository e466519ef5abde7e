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
import java.util.concurrent.locks.LockSupport;

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
          .flatMap(read -> walker.walk(reader, read, meter, new Breather()));
    }
  }

  /**
   * Rests as long as it read, after every few megabytes, so that a walk never takes a whole core.
   */
  private static final class Breather implements ReadPace {
    private static final long BYTES = 4 << 20;
    private long bytes;
    private long sinceNanos = System.nanoTime();

    @Override
    public void read(long read) {
      bytes += read;
      if (bytes >= BYTES) {
        LockSupport.parkNanos(System.nanoTime() - sinceNanos);
        bytes = 0;
        sinceNanos = System.nanoTime();
      }
    }
  }
}
