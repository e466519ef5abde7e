package io.leakwatch.target;

import io.leakwatch.config.TargetMatcher;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.Processes;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.program.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The process that a person means by {@code PID|NAME}. */
public final class ProcessFinder {
  private final Processes processes;
  private final TargetFinder targets;
  private final long ownPid;

  private ProcessFinder(Processes processes, TargetFinder targets, long ownPid) {
    this.processes = processes;
    this.targets = targets;
    this.ownPid = ownPid;
  }

  /** Among the processes of this node, without this program. */
  public static ProcessFinder onThisNode(ProcFs procFs, TargetMatcher matcher) {
    return new ProcessFinder(
        procFs, new TargetFinder(procFs, matcher, false), ProcessHandle.current().pid());
  }

  /** Among processes that run elsewhere or have ended. */
  public static ProcessFinder among(Processes processes, TargetMatcher matcher) {
    return new ProcessFinder(processes, new TargetFinder(processes, matcher, false), -1);
  }

  /** A process, and how to call it. */
  public record Named(String name, ProcessInfo info) {}

  /**
   * Finds it: a number is a pid; a name is that of a configured instance, else the file name of an
   * executable or the kernel's name of a process.
   *
   * @throws CommandFailure when there is none, or more than one
   */
  public Named find(String pidOrName) {
    if (pidOrName.matches("\\d{1,9}")) {
      int pid = Integer.parseInt(pidOrName);
      if (processes.identify(pid) instanceof Outcome.Sampled<ProcessInfo> sampled) {
        return named(sampled.value());
      }
      throw CommandFailure.noProcess(
          "no process has pid "
              + pid
              + (processes.hidesProcesses()
                  ? ", or it is another user's: /proc is mounted with hidepid (run as root, or with"
                      + " CAP_SYS_PTRACE)"
                  : ""));
    }
    List<Named> instances = new ArrayList<>();
    List<Named> programs = new ArrayList<>();
    for (int pid : processes.pids()) {
      if (pid == ownPid
          || !(processes.identify(pid) instanceof Outcome.Sampled<ProcessInfo> sampled)) {
        continue;
      }
      Named one = named(sampled.value());
      if (one.name().equals(pidOrName)) {
        instances.add(one);
      } else if (one.info().programNames().contains(pidOrName)
          || one.info().program().comm().equals(pidOrName)) {
        programs.add(one);
      }
    }
    List<Named> found = instances.isEmpty() ? programs : instances;
    if (found.isEmpty()) {
      throw CommandFailure.noProcess("no process is named " + pidOrName);
    }
    if (found.size() > 1) {
      String pids =
          found.stream()
              .map(one -> String.valueOf(one.info().id().pid()))
              .collect(Collectors.joining(", "));
      throw CommandFailure.usage(
          found.size() + " processes are called " + pidOrName + ": give one of the pids " + pids);
    }
    return found.get(0);
  }

  /** How to call a process. */
  public Named named(ProcessInfo info) {
    return new Named(
        targets.match(info).map(TargetFinder.Found::name).orElse(info.programName()), info);
  }
}
