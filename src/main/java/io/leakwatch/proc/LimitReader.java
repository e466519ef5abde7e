package io.leakwatch.proc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The bounds that a growing process runs into, each with what counts against it now.
 *
 * <p>A cgroup's usage holds page cache, which the kernel drops before it kills or throttles; its
 * inactive part is therefore not counted as used. A bound of an ancestor counts the usage of all
 * its descendants. The node's bound is MemTotal, used by all but MemAvailable, so its headroom is
 * MemAvailable itself. RLIMIT_AS and RLIMIT_DATA bound address space, not resident bytes. What is
 * unlimited, or whose usage cannot be told, is left out.
 */
final class LimitReader {
  /** v1 writes "no limit" as a number near 2^63. */
  static final long UNLIMITED = 1L << 60;

  private static final int TEXT_BYTES_MAX = 16 * 1024;

  private final Path procRoot;
  private final Path cgroupRoot;
  private final Path processDirectory;
  private final CgroupNamespace namespace;

  LimitReader(Path procRoot, Path cgroupRoot, Path processDirectory, CgroupNamespace namespace) {
    this.namespace = namespace;
    this.procRoot = procRoot;
    this.cgroupRoot = cgroupRoot;
    this.processDirectory = processDirectory;
  }

  Path procRoot() {
    return procRoot;
  }

  Outcome<List<Limit>> read(Status status, int mappingCount) {
    List<Limit> limits = new ArrayList<>();
    Path file = processDirectory.resolve("cgroup");
    try {
      Cgroups cgroups =
          new Cgroups(
              cgroupRoot, CgroupMembership.parse(ProcFile.text(file, TEXT_BYTES_MAX)), namespace);
      for (Cgroups.Directory cgroup : cgroups.unified()) {
        addCgroup(limits, cgroup, "memory.max", "memory.current", "inactive_file");
        addCgroup(limits, cgroup, "memory.high", "memory.current", "inactive_file");
      }
      for (Cgroups.Directory cgroup : cgroups.controller("memory")) {
        addCgroup(
            limits,
            cgroup,
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file");
      }
      file = processDirectory.resolve("limits");
      String resources = ProcFile.text(file, TEXT_BYTES_MAX);
      add(limits, "RLIMIT_AS", resourceLimit(resources, "Max address space"), status.sizeBytes());
      add(limits, "RLIMIT_DATA", resourceLimit(resources, "Max data size"), status.dataBytes());
    } catch (IOException e) {
      return Refusal.of(e, file, processDirectory);
    }
    addNode(limits);
    long mappingsMax = Cgroups.number(procRoot.resolve("sys/vm/max_map_count"));
    if (mappingsMax > 0 && mappingCount >= 0) {
      limits.add(new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, mappingsMax, mappingCount));
    }
    return Outcome.sampled(List.copyOf(limits));
  }

  private void addNode(List<Limit> limits) {
    try {
      KeyedText memory = new KeyedText(ProcFile.text(procRoot.resolve("meminfo"), TEXT_BYTES_MAX));
      long total = memory.kilobytes("MemTotal");
      long available = memory.kilobytes("MemAvailable");
      if (total > 0 && available >= 0) {
        add(limits, "MemAvailable of the node", total, Math.max(0, total - available));
      }
    } catch (IOException e) {
      // A node without meminfo (MemAvailable came with 3.14) has no such bound to tell.
      assert e != null;
    }
  }

  private static void addCgroup(
      List<Limit> limits, Cgroups.Directory cgroup, String limit, String usage, String cache) {
    long bytes = Cgroups.number(cgroup.path().resolve(limit));
    long used = Cgroups.number(cgroup.path().resolve(usage));
    if (bytes >= 0 && bytes < UNLIMITED && used >= 0) {
      long reclaimable = reclaimable(cgroup.path().resolve("memory.stat"), cache);
      add(limits, limit + " of " + cgroup.name(), bytes, Math.max(0, used - reclaimable));
    }
  }

  private static long reclaimable(Path stat, String key) {
    try {
      return Math.max(0, new KeyedText(ProcFile.text(stat, TEXT_BYTES_MAX)).number(key));
    } catch (IOException e) {
      return 0; // Without memory.stat all usage counts: the cautious side.
    }
  }

  private static void add(List<Limit> limits, String name, long bytes, long usedBytes) {
    if (bytes >= 0 && usedBytes >= 0) {
      limits.add(new Limit(name, Limit.Unit.BYTES, bytes, usedBytes));
    }
  }

  /** The soft limit of one line of /proc/PID/limits, -1 when unlimited or absent. */
  static long resourceLimit(String text, String name) {
    int at = text.indexOf("\n" + name + " ");
    if (at < 0) {
      return -1;
    }
    int from = at + name.length() + 1;
    while (from < text.length() && text.charAt(from) == ' ') {
      from++;
    }
    int to = from;
    while (to < text.length() && text.charAt(to) >= '0' && text.charAt(to) <= '9') {
      to++;
    }
    return to == from || to - from > 18 ? -1 : Long.parseLong(text.substring(from, to));
  }
}
