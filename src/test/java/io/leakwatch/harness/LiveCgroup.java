package io.leakwatch.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A cgroup of this machine, of version 1 or 2, that bounds memory and threads. Needs root; {@link
 * #isPossible} tells.
 */
public final class LiveCgroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final boolean FIRST = Files.exists(ROOT.resolve("memory/memory.limit_in_bytes"));

  private final String name;
  private final List<LiveCgroup> children = new ArrayList<>();

  private LiveCgroup(String name) {
    this.name = name;
    for (Path directory : directories()) {
      try {
        Files.createDirectory(directory);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public static boolean isPossible() {
    try {
      return System.getProperty("user.name").equals("root")
          && (FIRST
              ? Files.isWritable(ROOT.resolve("memory/cgroup.procs"))
                  && Files.isWritable(ROOT.resolve("pids/cgroup.procs"))
              : Files.readString(ROOT.resolve("cgroup.subtree_control")).contains("memory pids"));
    } catch (IOException e) {
      return false; // Neither version is mounted here.
    }
  }

  /** Makes one right below the root. */
  public static LiveCgroup make() {
    return new LiveCgroup(
        "leakwatch-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
  }

  public LiveCgroup child(String childName) {
    if (!FIRST) {
      write("cgroup.subtree_control", "+memory +pids");
    }
    LiveCgroup child = new LiveCgroup(name + "/" + childName);
    children.add(child);
    return child;
  }

  private List<Path> directories() {
    return FIRST
        ? List.of(ROOT.resolve("memory").resolve(name), ROOT.resolve("pids").resolve(name))
        : List.of(ROOT.resolve(name));
  }

  /** Moves a process here. */
  public void take(int pid) {
    write("cgroup.procs", Integer.toString(pid));
  }

  public void limitMemory(long bytes) {
    write(FIRST ? "memory.limit_in_bytes" : "memory.max", Long.toString(bytes));
  }

  public void limitThreads(int threads) {
    write("pids.max", Integer.toString(threads));
  }

  /** What the limit of memory is to be called. */
  public String memoryLimitName() {
    return (FIRST ? "memory.limit_in_bytes" : "memory.max") + " of /" + name;
  }

  public String threadLimitName() {
    return "pids.max of /" + name;
  }

  private void write(String file, String text) {
    for (Path directory : directories()) {
      if (Files.exists(directory.resolve(file))) {
        try {
          Files.writeString(directory.resolve(file), text);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** A cgroup can be removed once its last process has been reaped. */
  @Override
  public void close() {
    children.forEach(LiveCgroup::close);
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    for (Path directory : directories()) {
      boolean gone = false;
      while (!gone && System.nanoTime() < end) {
        try {
          gone = Files.deleteIfExists(directory) || !Files.exists(directory);
        } catch (IOException e) {
          LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
      }
    }
  }
}
