package io.leakwatch.proc.limits;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the cgroups of a process lie in the file system, v1, v2 or both (hybrid) under one root.
 *
 * <p>/proc/PID/cgroup tells a path from the root of the reader's cgroup namespace, {@code /..} and
 * on for what lies outside ({@link CgroupNamespace}). A container may see only its own part of the
 * tree mounted, as root: so when a path does not exist below the mount, leading parts are left out
 * until the rest exists.
 */
public final class Cgroups {
  private static final int DEPTH_MAX = 64;

  /**
   * A cgroup's directory.
   *
   * @param name its path as an operator knows it, {@code /} for the root
   */
  public record Directory(Path path, String name) {}

  private final Path root;
  private final List<CgroupMembership> memberships;
  private final CgroupNamespace namespace;

  public Cgroups(Path root, List<CgroupMembership> memberships, CgroupNamespace namespace) {
    this.namespace = namespace;
    this.root = root;
    this.memberships = memberships;
  }

  /** The cgroup and its ancestors, innermost first, of the unified hierarchy; empty without one. */
  public List<Directory> unified() {
    Path hybrid = root.resolve("unified");
    return lineage(Files.isDirectory(hybrid) ? hybrid : root, "");
  }

  /** The same of a v1 controller. */
  public List<Directory> controller(String name) {
    return lineage(root.resolve(name), name);
  }

  private List<Directory> lineage(Path mount, String controller) {
    List<Directory> found = new ArrayList<>();
    for (CgroupMembership membership : memberships) {
      if (membership.has(controller) && Files.isDirectory(mount)) {
        Path inner = inner(mount, controller, membership.path());
        for (Path at = inner; at.startsWith(mount) && found.size() < DEPTH_MAX; at = parent(at)) {
          found.add(new Directory(at, "/" + mount.relativize(at)));
        }
        break;
      }
    }
    return found;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? Path.of("/") : parent;
  }

  private Path inner(Path mount, String controller, String path) {
    if (path.indexOf('\0') < 0 && path.startsWith("/")) {
      Path seen = namespace.root(mount, controller).resolve(path.substring(1)).normalize();
      if (seen.startsWith(mount) && Files.isDirectory(seen)) {
        return seen;
      }
    }
    return existing(mount, path);
  }

  private static Path existing(Path mount, String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", DEPTH_MAX)) {
      if (!part.isEmpty() && !part.equals(".") && !part.equals("..") && part.indexOf('\0') < 0) {
        parts.add(part);
      }
    }
    for (int skipped = 0; skipped < parts.size(); skipped++) {
      Path candidate = mount.resolve(String.join("/", parts.subList(skipped, parts.size())));
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return mount;
  }
}
