package io.leakwatch.inspection;

import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.region.Classification;
import io.leakwatch.region.RegionMap;
import io.leakwatch.time.Time;
import java.util.List;

/**
 * The node that this program runs on. All readings of the sampler thread share one table and its
 * buffers, heap walks have their own.
 */
public final class LiveNode implements SampledNode {
  private final ProcFs procFs;
  private final ReadBuffers buffers = new ReadBuffers();
  private final MappingReader mappings;
  private final ExecutableCache executables;
  private final PacedHeapWalk walk;

  /**
   * Opens nothing yet.
   *
   * @param mappingsMax of a process; one that has more is not read
   */
  public LiveNode(ProcFs procFs, WalkSettings walk, int mappingsMax, Time time) {
    this.procFs = procFs;
    this.mappings = new MappingReader(mappingsMax, time);
    this.executables = new ExecutableCache(new RegionMap());
    this.walk = new PacedHeapWalk(procFs, walk, mappingsMax, time);
  }

  @Override
  public int[] pids() {
    return procFs.pids();
  }

  @Override
  public Outcome<ProcessId> id(int pid) {
    return procFs.id(pid);
  }

  @Override
  public Outcome<ProcFs.Glance> glance(int pid) {
    return procFs.glance(pid);
  }

  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    return procFs.identify(pid);
  }

  @Override
  public Outcome<SampledProcess> open(ProcessId id) {
    return procFs.open(id, buffers).map(LiveProcess::new);
  }

  @Override
  public String buildId(ProcessInfo info) {
    return executables.buildId(procFs.files(info.id().pid()));
  }

  @Override
  public String build(ProcessInfo info) {
    return executables.build(procFs.files(info.id().pid()));
  }

  @Override
  public HeapWalk walk(ProcessId id, List<String> allocators) {
    return walk.of(id, allocators);
  }

  private final class LiveProcess implements SampledProcess {
    private final ProcessReader reader;

    LiveProcess(ProcessReader reader) {
      this.reader = reader;
    }

    @Override
    public Outcome<Status> status() {
      return reader.status();
    }

    @Override
    public boolean mayHaveChanged() {
      return reader.mayHaveChanged();
    }

    @Override
    public Outcome<Limits> limits(Status status, int mappingCount) {
      return reader.limits(status, mappingCount);
    }

    @Override
    public long descriptorsTold() {
      return reader.descriptorsTold();
    }

    @Override
    public boolean countsWithoutLock() {
      return reader.countsWithoutLock();
    }

    @Override
    public MappingReading<Integer> count() {
      PacedMeter meter = mappings.meter();
      meter.reset();
      Outcome<Integer> counted = reader.countMappings(meter);
      return new MappingReading<>(
          counted, "maps", meter.spentNanos(), meter.longestNanos(), 0, -1, "");
    }

    @Override
    public MappingReading<Classification> read(boolean exact) {
      Outcome<Classification> seen =
          exact ? mappings.exact(reader, executables) : mappings.quick(reader, executables);
      reader.rest();
      PacedMeter meter = mappings.meter();
      return new MappingReading<>(
          seen,
          mappings.source(),
          meter.spentNanos(),
          meter.longestNanos(),
          mappings.table().malformedLines(),
          mappings.table().rowsBeyond() > 0 ? mappings.mappingCount() : -1,
          seen instanceof Outcome.Sampled<Classification> read
              ? mappings.most(reader, read.value().layout())
              : "");
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
