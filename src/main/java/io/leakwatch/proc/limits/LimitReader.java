package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.ReadBuffers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bounds that a process runs into, each with what counts against it now.
 *
 * <p>A bound of a cgroup counts what all of its descendants use ({@link CgroupFigures}). The node's
 * bound is MemTotal, used by all but MemAvailable, so its headroom is MemAvailable itself.
 * RLIMIT_AS and RLIMIT_DATA bound address space, not resident bytes. Threads are bounded by
 * pids.max of each cgroup, by what the node has room for (kernel.threads-max, and kernel.pid_max
 * because each takes a pid) and by RLIMIT_NPROC ({@link ResourceLimits}).
 */
public final class LimitReader implements AutoCloseable {
  /** v1 writes "no limit" as a number near 2^63. */
  public static final long UNLIMITED = 1L << 60;

  private final Path procRoot;
  private final NodeFigures node;
  private final CgroupLineage cgroups;
  private final ResourceLimits resources;
  private final long startTicks;

  public LimitReader(
      Path procRoot,
      NodeFigures node,
      CgroupLineage cgroups,
      ResourceLimits resources,
      long startTicks) {
    this.procRoot = procRoot;
    this.node = node;
    this.cgroups = cgroups;
    this.resources = resources;
    this.startTicks = startTicks;
  }

  public Path procRoot() {
    return procRoot;
  }

  public boolean mapsTakesNoLock() {
    return node.mapsTakesNoLock();
  }

  /**
   * Reads.
   *
   * @param mappings -1 when they were not counted
   * @param descriptors -1 when they are not known
   * @param nowNanos in {@link System#nanoTime} time
   */
  public Limits read(
      Status status, long mappings, long descriptors, ReadBuffers buffers, long nowNanos) {
    NodeFigures.Reading all = node.now(nowNanos);
    double ageSeconds = all.ageSeconds(startTicks, nowNanos);
    ResourceLimits.Soft soft = resources.now(ageSeconds, status, descriptors, buffers);
    List<Limit> memory = new ArrayList<>();
    List<Limit> threads = new ArrayList<>();
    for (Limit limit : cgroups.limits(buffers, nowNanos)) {
      (limit.unit() == Limit.Unit.BYTES ? memory : threads).add(limit);
    }
    limit("RLIMIT_NPROC", Limit.Unit.THREADS, soft.threads(), status.threads())
        .ifPresent(threads::add);
    NodeFigures.Threads ofAll = all.threads();
    limit("kernel.threads-max", Limit.Unit.THREADS, ofAll.max(), ofAll.count())
        .ifPresent(threads::add);
    limit("kernel.pid_max", Limit.Unit.THREADS, ofAll.pidMax(), ofAll.count())
        .ifPresent(threads::add);
    return new Limits(
        ageSeconds,
        all.mappingsMax(),
        new Limits.Memory(
            memory,
            limit(
                "RLIMIT_AS",
                Limit.Unit.BYTES,
                soft.addressSpaceBytes(),
                status.space().sizeBytes()),
            limit("RLIMIT_DATA", Limit.Unit.BYTES, soft.dataBytes(), status.space().dataBytes()),
            ofNode(all.memory())),
        limit("vm.max_map_count", Limit.Unit.MAPPINGS, all.mappingsMax(), mappings),
        threads,
        limit("RLIMIT_NOFILE", Limit.Unit.DESCRIPTORS, soft.descriptors(), descriptors));
  }

  private static Optional<Limit> ofNode(NodeFigures.Memory all) {
    return all.totalBytes() <= 0 || all.availableBytes() < 0
        ? Optional.empty()
        : limit(
            "MemAvailable of the node",
            Limit.Unit.BYTES,
            all.totalBytes(),
            Math.max(0, all.totalBytes() - all.availableBytes()));
  }

  private static Optional<Limit> limit(String name, Limit.Unit unit, long limit, long used) {
    return limit < 0 || used < 0
        ? Optional.empty()
        : Optional.of(new Limit(name, unit, limit, used));
  }

  @Override
  public void close() {
    cgroups.close();
  }
}
