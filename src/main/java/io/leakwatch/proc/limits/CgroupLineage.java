package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.KeptFile;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.limits.CgroupFigures.Controller;
import io.leakwatch.proc.memory.ReadBuffers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cgroups that one process is in, each with its ancestors. Which they are is asked at every
 * reading by one small read of /proc/PID/cgroup; their directories are searched for again only when
 * that has changed, as when the process was moved, and now and then.
 */
public final class CgroupLineage implements AutoCloseable {
  private static final int LOOKS_PER_SEARCH = 16;

  private final Path cgroupRoot;
  private final CgroupNamespace namespace;
  private final CgroupFigures figures;
  private final KeptFile file;
  private byte[] membership = {};
  private int looks;
  private List<Level> levels = List.of();

  private record Level(Controller controller, Cgroups.Directory directory) {}

  public CgroupLineage(
      Path cgroupRoot, Path processDirectory, CgroupNamespace namespace, CgroupFigures figures) {
    this.cgroupRoot = cgroupRoot;
    this.namespace = namespace;
    this.figures = figures;
    this.file = new KeptFile(processDirectory.resolve("cgroup"));
  }

  /** The limits of all of them, innermost first within each hierarchy. */
  List<Limit> limits(ReadBuffers buffers, long nowNanos) {
    ByteBuffer scratch = buffers.buffer();
    byte[] text = buffers.text();
    int length = file.read(scratch, text);
    if (length < 0) {
      return List.of(); // A kernel without cgroups, or a process that has gone.
    }
    boolean moved = !Arrays.equals(text, 0, length, membership, 0, membership.length);
    if (moved || looks % LOOKS_PER_SEARCH == 0) {
      membership = Arrays.copyOf(text, length);
      levels = search(new String(membership, StandardCharsets.UTF_8));
      looks = 0;
    }
    looks++;
    List<Limit> limits = new ArrayList<>();
    for (Level level : levels) {
      limits.addAll(figures.limits(level.controller(), level.directory(), nowNanos));
    }
    return limits;
  }

  private List<Level> search(String text) {
    Cgroups cgroups = new Cgroups(cgroupRoot, CgroupMembership.parse(text), namespace);
    List<Level> found = new ArrayList<>();
    for (Cgroups.Directory directory : cgroups.unified()) {
      found.add(new Level(Controller.MEMORY, directory));
      found.add(new Level(Controller.PIDS, directory));
    }
    List<Cgroups.Directory> first = cgroups.controller("memory");
    for (int i = 0; i < first.size() && (i == 0 || counts(first.get(i))); i++) {
      found.add(new Level(Controller.MEMORY_V1, first.get(i)));
    }
    for (Cgroups.Directory directory : cgroups.controller("pids")) {
      found.add(new Level(Controller.PIDS, directory));
    }
    return List.copyOf(found);
  }

  /** Whether what the children use counts in a v1 cgroup; always so from Linux 5.11 on. */
  private static boolean counts(Cgroups.Directory ancestor) {
    return ProcFile.number(ancestor.path().resolve("memory.use_hierarchy")) != 0;
  }

  @Override
  public void close() {
    file.close();
  }
}
