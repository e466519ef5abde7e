package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;

/** The processes of a node: which there are, and who they are. */
public interface Processes {
  /**
   * The pids of all processes.
   *
   * @throws java.io.UncheckedIOException when they cannot be listed
   */
  int[] pids();

  /** Which incarnation has a pid now. */
  Outcome<ProcessId> id(int pid);

  /** Which incarnation has a pid now, and what the kernel calls it. */
  Outcome<ProcFs.Glance> glance(int pid);

  /** Everything that is known of a process without a reading of its memory. */
  Outcome<ProcessInfo> identify(int pid);

  /** Whether other users' processes are hidden from this one. */
  default boolean hidesProcesses() {
    return false;
  }
}
