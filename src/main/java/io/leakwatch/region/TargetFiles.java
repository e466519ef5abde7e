package io.leakwatch.region;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The files of a process as it sees them itself: below {@code /proc/PID/root}.
 *
 * <p>The kernel resolves an absolute symbolic link against the root of whoever follows it, so one
 * inside a container would lead into our own file system. Therefore links are followed here, step
 * by step, each absolute one from the process' root on, and {@code ..} never leads above it. Only
 * regular files are given, for opening a pipe would wait for its writer.
 */
public final class TargetFiles {
  private static final int LINKS_MAX = 40;
  private static final int STEPS_MAX = 256;

  private final Path directory;
  private final Path root;

  /**
   * Files of one process.
   *
   * @param directory {@code /proc/PID}
   */
  public TargetFiles(Path directory) {
    this.directory = directory;
    this.root = directory.resolve("root");
  }

  /** The running executable, whatever became of its path. */
  public Path exe() {
    return directory.resolve("exe");
  }

  /** The file behind a mapping, also one without a name; opening it needs a capability. */
  public Path mapped(long start, long end) {
    return directory
        .resolve("map_files")
        .resolve(Long.toHexString(start) + "-" + Long.toHexString(end));
  }

  /** What the executable is called in the mappings; {@code ""} when that may not be known. */
  public String exeName() {
    try {
      return Files.readSymbolicLink(exe()).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  /** A regular file by its absolute path in the process' eyes. */
  public Optional<Path> find(String path) {
    Deque<String> left = new ArrayDeque<>();
    push(left, path);
    Deque<Path> trail = new ArrayDeque<>();
    trail.push(root);
    int links = 0;
    for (int step = 0; !left.isEmpty() && step < STEPS_MAX; step++) {
      String name = left.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (trail.size() > 1) {
          trail.pop();
        }
        continue;
      }
      Path next = trail.element().resolve(name);
      try {
        if (Files.isSymbolicLink(next)) {
          String target = Files.readSymbolicLink(next).toString();
          if (++links > LINKS_MAX) {
            return Optional.empty();
          }
          if (target.startsWith("/")) {
            trail.clear();
            trail.push(root);
          }
          push(left, target);
          continue;
        }
      } catch (IOException e) {
        return Optional.empty();
      }
      trail.push(next);
    }
    Path found = trail.element();
    boolean whole = left.isEmpty() && Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS);
    return whole ? Optional.of(found) : Optional.empty();
  }

  private static void push(Deque<String> left, String path) {
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      left.push(names[i]);
    }
  }
}
