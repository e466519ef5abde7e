package io.leakwatch.inspection;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.jemalloc.JemallocReader;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.ptmalloc.HeapWalker;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the allocators of one process hold, as far as they can be read.
 *
 * @param ptmalloc null where glibc's malloc is not at work
 * @param jemalloc null where jemalloc is not
 */
public record AllocatorReports(@Nullable HeapReport ptmalloc, @Nullable JemallocReport jemalloc) {
  /** Below it the sums of a walk are no measure of growth. */
  private static final double COVERAGE_TRUSTED = 0.98;

  /** The same with so many arenas listed, for what is kept of each process. */
  public AllocatorReports brief(int arenasMax) {
    return new AllocatorReports(
        ptmalloc == null ? null : ptmalloc.brief(arenasMax),
        jemalloc == null ? null : jemalloc.brief(arenasMax));
  }

  /** Whether there is an allocator that can be read. */
  public static boolean canRead(List<String> allocators) {
    return Allocator.PTMALLOC.isAmong(allocators) || Allocator.JEMALLOC.isAmong(allocators);
  }

  /** Reads those of a process' allocators that can be read. */
  public static Outcome<AllocatorReports> read(
      ProcessReader reader,
      MappingTable table,
      List<String> allocators,
      WalkSettings settings,
      ReadMeter meter,
      ReadPace pace) {
    Outcome<AllocatorReports> seen = Outcome.sampled(new AllocatorReports(null, null));
    if (Allocator.JEMALLOC.isAmong(allocators)) {
      seen =
          new JemallocReader(settings)
              .read(reader, table, meter, pace)
              .map(report -> new AllocatorReports(null, report));
    }
    if (!Allocator.PTMALLOC.isAmong(allocators)) {
      return seen;
    }
    return seen.flatMap(
        heaps ->
            new HeapWalker(settings)
                .walk(reader, table, meter, pace)
                .map(report -> new AllocatorReports(report, heaps.jemalloc())));
  }

  /** Whether the sums tell how the process' use of memory changes. */
  public boolean isTrusted() {
    HeapReport walked = ptmalloc;
    JemallocReport read = jemalloc;
    return (walked != null || read != null)
        && (walked == null || walked.walk().coverage() >= COVERAGE_TRUSTED)
        && (read == null || read.coverage() >= COVERAGE_TRUSTED);
  }

  /**
   * Bytes that the application has not freed and that memory stands behind, as far as that can be
   * told: a growth of what was only asked for fills no memory.
   */
  long inUseBytes() {
    HeapReport walked = ptmalloc;
    JemallocReport read = jemalloc;
    return (walked == null ? 0 : walked.backedBytes())
        + (read == null ? 0 : read.total().allocatedBytes());
  }

  /** Freed bytes that the allocators keep, glibc's tops included. */
  long freeBytes() {
    HeapReport walked = ptmalloc;
    JemallocReport read = jemalloc;
    return (walked == null ? 0 : HeapTotals.of(walked).keptBytes())
        + (read == null ? 0 : read.freeBytes());
  }

  /** In-use chunks or allocations by size, of the allocator that holds more. */
  public List<HeapReport.SizeClass> census() {
    HeapReport walked = ptmalloc;
    JemallocReport read = jemalloc;
    if (read == null || (walked != null && walked.backedBytes() > inUseBytes() / 2)) {
      return walked == null ? List.of() : walked.census();
    }
    return read.census();
  }
}
