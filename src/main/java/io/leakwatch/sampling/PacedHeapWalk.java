package io.leakwatch.sampling;

import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.inspection.AllocatorReports;
import io.leakwatch.inspection.BytePace;
import io.leakwatch.inspection.PacedMeter;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ReadBuffers;
import java.util.List;

/**
 * One look into the heaps of a process, on descriptors of its own and within its bytes a second.
 * For one thread.
 */
public final class PacedHeapWalk {
  /** Arenas of a process that are kept one by one. */
  public static final int ARENAS_KEPT_MAX = 32;

  private final ProcFs procFs;
  private final WalkSettings settings;
  private final MappingTable table;
  private final ReadBuffers buffers = new ReadBuffers();
  private final PacedMeter meter = new PacedMeter();

  /**
   * @param mappingsMax of a process; the heaps of one that has more are not looked at
   */
  PacedHeapWalk(ProcFs procFs, WalkSettings settings, int mappingsMax) {
    this.procFs = procFs;
    this.table = new MappingTable(mappingsMax);
    this.settings = settings;
  }

  /** Opens the process, walks, and closes it again. */
  HeapWalkQueue.Walked walk(ProcessId id, List<String> allocators) {
    meter.reset();
    Outcome<AllocatorReports> outcome =
        procFs
            .open(id, buffers)
            .flatMap(opened -> walk(opened, allocators))
            .map(heaps -> heaps.brief(ARENAS_KEPT_MAX));
    return new HeapWalkQueue.Walked(
        outcome, System.nanoTime(), meter.spentNanos(), meter.longestNanos());
  }

  private Outcome<AllocatorReports> walk(ProcessReader opened, List<String> allocators) {
    try (ProcessReader reader = opened) {
      BytePace pace = new BytePace(settings.bytesPerSecondMax(), System.nanoTime());
      return reader
          .maps(table, meter)
          .flatMap(read -> AllocatorReports.look(reader, read, allocators, settings, meter, pace));
    }
  }
}
