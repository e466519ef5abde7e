package io.leakwatch.app;

import io.leakwatch.heap.WalkSettings;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ReadBuffers;
import java.util.List;

/**
 * One look into the heaps of a process, on descriptors of its own and within its bytes a second.
 * For one thread.
 */
final class HeapLook {
  /** Arenas of a process that are kept one by one. */
  static final int ARENAS_KEPT_MAX = 32;

  private final ProcFs procFs;
  private final WalkSettings settings;
  private final MappingTable table;
  private final ReadBuffers buffers = new ReadBuffers();
  private final PacedMeter meter = new PacedMeter();

  /**
   * @param mappingsMax of a process; the heaps of one that has more are not looked at
   */
  HeapLook(ProcFs procFs, WalkSettings settings, int mappingsMax) {
    this.procFs = procFs;
    this.table = new MappingTable(mappingsMax);
    this.settings = settings;
  }

  /** Opens the process, walks, and closes it again. */
  WalkDesk.Walked walk(ProcessId id, List<String> allocators) {
    meter.reset();
    Outcome<Heaps> outcome =
        procFs
            .open(id, buffers)
            .flatMap(opened -> walk(opened, allocators))
            .map(heaps -> heaps.brief(ARENAS_KEPT_MAX));
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
