package io.leakwatch.proc.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What this program itself may do on the node.
 *
 * @param sysPtrace CAP_SYS_PTRACE: smaps and memory of other users' processes
 * @param sysAdmin CAP_SYS_ADMIN: page frame numbers in pagemap; nothing here needs it
 * @param dacReadSearch CAP_DAC_READ_SEARCH: pagemap of other users' processes, whose mode is 0400,
 *     and executables that only their owner may read
 * @param yamaScope kernel.yama.ptrace_scope, -1 where the kernel has no Yama
 */
public record OwnPermissions(
    boolean sysPtrace, boolean sysAdmin, boolean dacReadSearch, int yamaScope) {
  private static final int CAP_DAC_READ_SEARCH = 2;
  private static final int CAP_SYS_PTRACE = 19;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int YAMA_NO_ATTACH = 3;

  public static OwnPermissions read(Path procRoot) {
    long capabilities = 0;
    try {
      String status = ProcFile.record(procRoot.resolve("self/status"), Status.BYTES_MAX);
      capabilities = new KeyedText(status).mask("CapEff");
    } catch (IOException e) {
      capabilities = 0; // Nothing known, nothing claimed.
    }
    return new OwnPermissions(
        (capabilities >> CAP_SYS_PTRACE & 1) != 0,
        (capabilities >> CAP_SYS_ADMIN & 1) != 0,
        (capabilities >> CAP_DAC_READ_SEARCH & 1) != 0,
        (int) ProcFile.number(procRoot.resolve("sys/kernel/yama/ptrace_scope")));
  }

  /** What is missing to read another process' smaps after the kernel has refused it. */
  String missingToLook() {
    return sysPtrace
        ? "CAP_SYS_PTRACE in its user namespace, or a security module that permits it"
        : Refusal.READ_MEMORY;
  }

  /** What is missing to read another process' memory after the kernel has refused it. */
  public String missingToReadMemory() {
    if (yamaScope == YAMA_NO_ATTACH) {
      return "kernel.yama.ptrace_scope below 3";
    }
    if (!sysPtrace) {
      return "CAP_SYS_PTRACE";
    }
    return "CAP_SYS_PTRACE in the target's user namespace, or a seccomp filter that permits it";
  }

  /** What is missing to open another user's pagemap after the kernel has refused it. */
  public String missingToReadPagemap() {
    return dacReadSearch ? missingToReadMemory() : "CAP_DAC_READ_SEARCH";
  }
}
