package io.leakwatch.target;

import io.leakwatch.proc.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A /proc tree of a node that was booted long ago, with processes as a test wants them. */
public final class NodeTree {
  public static final String BOOT = "b00t";

  private final Path root;
  private final double bootSeconds;

  /**
   * @param bootSeconds since 1970, whole
   */
  public NodeTree(Path root, double bootSeconds) throws IOException {
    this.root = root;
    this.bootSeconds = bootSeconds;
    write("sys/kernel/random/boot_id", BOOT + "\n");
    write("stat", "btime " + (long) bootSeconds + "\n");
    write("meminfo", "MemTotal: 64000000 kB\n");
    write("self/status", "Name:\tjava\nCapEff:\t0000000000080000\n");
    add(Math.toIntExact(ProcessHandle.current().pid()), "java", bootSeconds + 7, 1, 1);
  }

  /** Adds or changes a process. */
  public void add(
      int pid, String program, double startSeconds, long rssKilobytes, long anonKilobytes)
      throws IOException {
    long ticks = Math.round((startSeconds - bootSeconds) * 100);
    write(
        pid + "/stat",
        pid
            + " ("
            + program
            + ") S 1 42 42 0 -1 4194560 1 2 3 4 50 7 0 0 20 0 12 0 "
            + ticks
            + " 9 9\n");
    write(
        pid + "/status",
        "Name:\t%s\nVmRSS:\t %d kB\nRssAnon:\t %d kB\nVmSwap:\t 0 kB\n"
            .formatted(program, rssKilobytes, anonKilobytes));
    write(pid + "/cmdline", program + "\0");
    write(pid + "/cgroup", "0::/\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  public ProcFs procFs() {
    return new ProcFs(root, root.resolve("cgroup"));
  }
}
