package io.leakwatch.inspection;

import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.time.Time;
import java.util.List;

/**
 * Walks through the heaps of processes, on descriptors of its own and within its bytes a second.
 * For one thread.
 */
public final class PacedHeapWalk {
  /** Arenas of a process that are kept one by one. */
  public static final int ARENAS_KEPT_MAX = 32;

  private final ProcFs procFs;
  private final WalkSettings settings;
  private final OwnerReaders owners;
  private final MappingTable table;
  private final ReadBuffers buffers = new ReadBuffers();
  private final Time time;
  private final PacedMeter meter;

  /**
   * @param mappingsMax of a process; the heaps of one that has more are not walked
   */
  PacedHeapWalk(ProcFs procFs, WalkSettings settings, int mappingsMax, Time time) {
    this.time = time;
    this.meter = new PacedMeter(time);
    this.procFs = procFs;
    this.table = new MappingTable(mappingsMax);
    this.settings = settings;
    this.owners = new OwnerReaders(settings);
  }

  /** Opens the process, walks, and closes it again. */
  HeapWalk of(ProcessId id, List<String> allocators) {
    meter.reset();
    Outcome<OwnerReports> outcome =
        procFs
            .open(id, buffers)
            .flatMap(opened -> walk(opened, allocators))
            .map(heaps -> heaps.brief(ARENAS_KEPT_MAX));
    return new HeapWalk(outcome, time.nanos(), meter.spentNanos(), meter.longestNanos());
  }

  private Outcome<OwnerReports> walk(ProcessReader opened, List<String> allocators) {
    try (ProcessReader reader = opened) {
      BytePace pace = new BytePace(settings.bytesPerSecondMax(), time);
      return reader
          .maps(table, meter)
          .flatMap(
              read -> owners.read(reader, read, allocators, meter, pace, OwnerTarget.Depth.SUMS));
    }
  }
}
