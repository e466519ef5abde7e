package io.leakwatch.proc;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The soft resource limits of a process (/proc/PID/limits, getrlimit(2)), which hardly ever change
 * and are read at every tenth look.
 *
 * <p>RLIMIT_NPROC counts all threads of the real user on the node. Counting those would take a read
 * of every process there is, so it is told as if the process were the only one of its user: the
 * most that it can ever have. The kernel holds it neither against root nor against those with
 * CAP_SYS_RESOURCE or CAP_SYS_ADMIN (kernel/fork.c, {@code copy_process}); a process with such a
 * capability in a user namespace of its own cannot be told from them here, and shows no such limit.
 */
final class ResourceLimits {
  private static final int LOOKS_PER_READ = 10;
  private static final int TEXT_BYTES_MAX = 16 * 1024;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_SYS_RESOURCE = 24;

  private final Path processDirectory;
  private int looks;
  private Soft soft = new Soft(-1, -1, -1, -1);

  /**
   * Soft limits, -1 where unlimited or unknown.
   *
   * @param addressSpaceBytes RLIMIT_AS
   * @param dataBytes RLIMIT_DATA
   * @param descriptors RLIMIT_NOFILE
   * @param threads RLIMIT_NPROC
   */
  record Soft(long addressSpaceBytes, long dataBytes, long descriptors, long threads) {}

  ResourceLimits(Path processDirectory) {
    this.processDirectory = processDirectory;
  }

  Soft now() {
    if (looks++ % LOOKS_PER_READ == 0) {
      String limits = text("limits");
      soft =
          new Soft(
              soft(limits, "Max address space"),
              soft(limits, "Max data size"),
              soft(limits, "Max open files"),
              isPrivileged(text("status")) ? -1 : soft(limits, "Max processes"));
    }
    return soft;
  }

  private String text(String file) {
    try {
      return ProcFile.text(processDirectory.resolve(file), TEXT_BYTES_MAX);
    } catch (IOException e) {
      return ""; // What cannot be read is absent.
    }
  }

  /** The soft limit of one line, -1 when unlimited or absent. */
  static long soft(String limits, String name) {
    int at = limits.indexOf("\n" + name + " ");
    if (at < 0) {
      return -1;
    }
    String value = limits.substring(at + name.length() + 2).strip().split("\\s", 2)[0];
    return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
  }

  /** Also where the user is not known. */
  private static boolean isPrivileged(String status) {
    long capabilities = OwnPermissions.effective(status);
    return new KeyedText(status).number("Uid") <= 0
        || (capabilities >> CAP_SYS_ADMIN & 1) != 0
        || (capabilities >> CAP_SYS_RESOURCE & 1) != 0;
  }
}
