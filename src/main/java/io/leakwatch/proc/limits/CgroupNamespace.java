package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.ProcFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the root of this program's cgroup namespace lies in a mounted hierarchy.
 *
 * <p>The kernel tells all cgroup paths from that root (cgroup_namespaces(7)): to an agent in a
 * container of its own, a neighbour is {@code /../../pod2/ID}. When the node's whole tree is
 * mounted for it, such a path leads nowhere before it is known where in that tree the agent itself
 * is. It is where cgroup.procs names it: searched for once, in a bounded number of cgroups.
 */
public final class CgroupNamespace {
  private static final int CGROUPS_MAX = 20_000;
  private static final int PROCS_BYTES_MAX = 256 * 1024;

  private final Path procRoot;
  private final Map<Path, Path> roots = new HashMap<>();

  public CgroupNamespace(Path procRoot) {
    this.procRoot = procRoot;
  }

  /** The directory that {@code /} in a path of this hierarchy means; the mount when unknown. */
  synchronized Path root(Path mount, String controller) {
    return roots.computeIfAbsent(mount, at -> find(at, controller));
  }

  private Path find(Path mount, String controller) {
    try {
      String own = ownPath(controller);
      String pid = Files.readSymbolicLink(procRoot.resolve("self")).toString();
      if (own.isEmpty() || holds(mount.resolve(own.substring(1)), pid)) {
        return mount;
      }
      return above(search(mount, pid), own, mount);
    } catch (IOException e) {
      return mount; // No /proc/self of this kind: nothing to correct.
    }
  }

  private String ownPath(String controller) throws IOException {
    String text = ProcFile.text(procRoot.resolve("self/cgroup"), 16 * 1024);
    return CgroupMembership.parse(text).stream()
        .filter(membership -> membership.has(controller) && membership.path().startsWith("/"))
        .map(CgroupMembership::path)
        .findFirst()
        .orElse("");
  }

  /** The own cgroup's directory without the own path at its end. */
  private static Path above(Path found, String own, Path mount) {
    int parts = found.getNameCount() - Path.of(own).getNameCount();
    Path root = parts <= 0 ? mount : mount.getRoot().resolve(found.subpath(0, parts));
    return root.startsWith(mount) && found.equals(root.resolve(own.substring(1))) ? root : mount;
  }

  private static Path search(Path mount, String pid) {
    Deque<Path> queue = new ArrayDeque<>(List.of(mount));
    for (int looked = 0; looked < CGROUPS_MAX && !queue.isEmpty(); looked++) {
      Path cgroup = queue.remove();
      if (holds(cgroup, pid)) {
        return cgroup;
      }
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(cgroup, child -> Files.isDirectory(child))) {
        children.forEach(queue::add);
      } catch (IOException | DirectoryIteratorException e) {
        assert e != null; // A cgroup that has just been removed has no children.
      }
    }
    return mount;
  }

  private static boolean holds(Path cgroup, String pid) {
    try {
      return ("\n" + ProcFile.text(cgroup.resolve("cgroup.procs"), PROCS_BYTES_MAX))
          .contains("\n" + pid + "\n");
    } catch (IOException e) {
      return false; // A threaded cgroup, or one that has just been removed.
    }
  }
}
