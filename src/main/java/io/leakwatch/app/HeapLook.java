package io.leakwatch.app;

import io.leakwatch.heap.WalkSettings;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ProcessReader;
import java.util.List;

/**
 * One look into the heaps of a process, on descriptors of its own and within its bytes a second.
 * For one thread.
 */
final class HeapLook {
  private final ProcFs procFs;
  private final WalkSettings settings;
  private final MappingTable table = new MappingTable();
  private final PacedMeter meter = new PacedMeter();

  HeapLook(ProcFs procFs, WalkSettings settings) {
    this.procFs = procFs;
    this.settings = settings;
  }

  /** Opens the process, walks, and closes it again. */
  WalkDesk.Walked walk(ProcessId id, List<String> allocators) {
    meter.reset();
    Outcome<Heaps> outcome = procFs.open(id).flatMap(opened -> walk(opened, allocators));
    return new WalkDesk.Walked(
        outcome, System.nanoTime(), meter.spentNanos(), meter.longestNanos());
  }

  private Outcome<Heaps> walk(ProcessReader opened, List<String> allocators) {
    try (ProcessReader reader = opened) {
      BytePace pace = new BytePace(settings.bytesPerSecondMax(), System.nanoTime());
      return reader
          .maps(table, meter)
          .flatMap(read -> Heaps.look(reader, read, allocators, settings, meter, pace));
    }
  }
}
