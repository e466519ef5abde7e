package io.leakwatch.proc;

import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The shared memory that a process holds by its descriptors, mapped or not: memfds and files of
 * /dev/shm.
 *
 * <p>It is asked for only where a cgroup is full of shared memory that no process maps. A look
 * costs 5 µs for each descriptor and needs the right to trace the process, so it is taken for a
 * small share of the time and of a bounded number of descriptors.
 */
final class HeldFiles {
  private static final int LOOKED_MAX = 4096;
  private static final int REST_TIMES = 1_000;
  private static final int NAME_CHARS_MAX = 64;

  private final Path directory;
  private final int pid;
  private long dueNanos;
  private boolean looked;
  private String last = "";

  HeldFiles(Path processDirectory, int pid) {
    this.directory = processDirectory.resolve("fd");
    this.pid = pid;
  }

  private static final class Kind {
    int descriptors;
    long bytes;
  }

  /**
   * The name that holds most, e.g. {@code 240 MiB behind 80 descriptors of pid 4711 (memfd:pane)};
   * {@code ""} where it holds nothing or may not be looked at.
   */
  String most(long nowNanos) {
    if (!looked || nowNanos - dueNanos >= 0) {
      last = look();
      looked = true;
      long end = SystemTime.TIME.nanos();
      dueNanos = end + (end - nowNanos) * REST_TIMES;
    }
    return last;
  }

  private String look() {
    Map<String, Kind> kinds = new HashMap<>();
    Set<Object> seen = new HashSet<>();
    try {
      Descriptors.visit(
          directory,
          LOOKED_MAX,
          (link, target) -> {
            if (target.startsWith("/memfd:") || target.startsWith("/dev/shm/")) {
              add(link, target, kinds, seen);
            }
            return true;
          });
    } catch (IOException e) {
      return ""; // Refused, or gone.
    }
    return kinds.entrySet().stream()
        .max(Map.Entry.comparingByValue((a, b) -> Long.compare(a.bytes, b.bytes)))
        .filter(most -> most.getValue().bytes > 0)
        .map(
            most ->
                Quantity.size(most.getValue().bytes)
                    + " of it behind "
                    + most.getValue().descriptors
                    + (most.getValue().descriptors == 1 ? " descriptor" : " descriptors")
                    + " of pid "
                    + pid
                    + " ("
                    + ForeignText.harmless(most.getKey(), NAME_CHARS_MAX)
                    + ")")
        .orElse("");
  }

  private static void add(Path link, String target, Map<String, Kind> kinds, Set<Object> seen) {
    try {
      BasicFileAttributes file = Files.readAttributes(link, BasicFileAttributes.class);
      Kind kind = kinds.computeIfAbsent(name(target), name -> new Kind());
      kind.descriptors++;
      Object key = file.fileKey();
      kind.bytes += key == null || seen.add(key) ? file.size() : 0;
    } catch (IOException e) {
      assert e != null; // A descriptor that has just been closed.
    }
  }

  private static String name(String target) {
    String name = PrintedPath.of(target).path();
    return name.startsWith("/memfd:") ? name.substring(1) : name;
  }
}
