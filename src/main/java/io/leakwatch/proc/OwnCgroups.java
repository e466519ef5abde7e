package io.leakwatch.proc;

import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.limits.CgroupMembership;
import io.leakwatch.proc.limits.CgroupNamespace;
import io.leakwatch.proc.limits.Cgroups;
import io.leakwatch.proc.limits.LimitReader;
import java.io.IOException;
import java.nio.file.Path;

/** What the cgroups that this program runs in leave it of processor and memory. */
final class OwnCgroups {
  private static final int MEMBERSHIP_BYTES_MAX = 16 * 1024;

  private final Path procRoot;
  private final Path cgroupRoot;
  private final CgroupNamespace namespace;

  OwnCgroups(Path procRoot, Path cgroupRoot, CgroupNamespace namespace) {
    this.procRoot = procRoot;
    this.cgroupRoot = cgroupRoot;
    this.namespace = namespace;
  }

  /**
   * How much of the processor this program gets when it is busy, against an ordinary program: 1 for
   * the usual cpu.weight (100) or cpu.shares (1024) in its cgroup and all of their ancestors, less
   * when the smallest of them is less. A reader that is starved while it holds a target's mmap_lock
   * stalls the target.
   */
  double cpuWeight() {
    try {
      Cgroups own = cgroups();
      double smallest = 1;
      for (Cgroups.Directory cgroup : own.unified()) {
        long weight = ProcFile.number(cgroup.path().resolve("cpu.weight"));
        smallest = weight < 0 ? smallest : Math.min(smallest, weight / 100.0);
      }
      for (Cgroups.Directory cgroup : own.controller("cpu")) {
        long shares = ProcFile.number(cgroup.path().resolve("cpu.shares"));
        smallest = shares < 0 ? smallest : Math.min(smallest, shares / 1024.0);
      }
      return smallest;
    } catch (IOException e) {
      return 1; // A kernel without cgroups shares the processor evenly.
    }
  }

  /** Memory that this program and its children may take by their cgroups; -1 for no bound. */
  long memoryMax() {
    try {
      Cgroups own = cgroups();
      long smallest = Long.MAX_VALUE;
      for (Cgroups.Directory cgroup : own.unified()) {
        smallest = Math.min(smallest, bound(cgroup, "memory.max"));
      }
      for (Cgroups.Directory cgroup : own.controller("memory")) {
        smallest = Math.min(smallest, bound(cgroup, "memory.limit_in_bytes"));
      }
      return smallest >= LimitReader.UNLIMITED ? -1 : smallest;
    } catch (IOException e) {
      return -1; // A kernel without cgroups bounds nobody by them.
    }
  }

  private static long bound(Cgroups.Directory cgroup, String file) {
    long bytes = ProcFile.number(cgroup.path().resolve(file));
    return bytes < 0 ? Long.MAX_VALUE : bytes;
  }

  private Cgroups cgroups() throws IOException {
    return new Cgroups(
        cgroupRoot,
        CgroupMembership.parse(
            ProcFile.text(procRoot.resolve("self/cgroup"), MEMBERSHIP_BYTES_MAX)),
        namespace);
  }
}
