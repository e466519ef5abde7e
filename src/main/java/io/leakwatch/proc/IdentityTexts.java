package io.leakwatch.proc;

import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.identity.Container;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.CgroupMembership;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The files of a process' directory in /proc, live or saved, that say who it is.
 *
 * @param commandLine arguments that each end with a NUL, {@code ""} where unknown
 * @param status {@code ""} where unknown
 * @param cgroup {@code ""} where unknown
 * @param exe what the link {@code exe} holds, {@code ""} where unknown
 */
public record IdentityTexts(
    ProcStat stat, String commandLine, String status, String cgroup, String exe) {
  /**
   * Who it is.
   *
   * @param livesOn whether a thread of it runs though the main one has ended
   */
  public ProcessInfo info(ProcessId id, Instant startTime, boolean livesOn) {
    Set<String> cgroups = new LinkedHashSet<>();
    for (CgroupMembership membership : CgroupMembership.parse(cgroup)) {
      cgroups.add(membership.path());
    }
    PrintedPath image = PrintedPath.of(exe);
    return new ProcessInfo(
        id,
        new ProcessInfo.Program(stat.comm(), arguments(commandLine), image.path(), image.deleted()),
        new ProcessInfo.Place(
            List.copyOf(cgroups), Container.of(cgroups), innerPid(status, id.pid())),
        startTime,
        effectiveUid(status),
        stat.isKernelThread(),
        stat.isExiting() && !livesOn);
  }

  private static List<String> arguments(String commandLine) {
    List<String> arguments = new ArrayList<>();
    int from = 0;
    int end = commandLine.indexOf('\0');
    while (end >= 0) {
      arguments.add(commandLine.substring(from, end));
      from = end + 1;
      end = commandLine.indexOf('\0', from);
    }
    if (from < commandLine.length()) {
      arguments.add(commandLine.substring(from));
    }
    return List.copyOf(arguments);
  }

  /** The second figure of the Uid line. */
  private static long effectiveUid(String status) {
    String[] words = words(status, "Uid");
    return words.length < 2 || !words[1].matches("[0-9]{1,10}") ? -1 : Long.parseLong(words[1]);
  }

  /** The last figure of the NSpid line (Linux 4.1): one for each namespace, outermost first. */
  private static int innerPid(String status, int pid) {
    String[] words = words(status, "NSpid");
    String last = words.length == 0 ? "" : words[words.length - 1];
    return last.matches("[0-9]{1,9}") ? Integer.parseInt(last) : pid;
  }

  private static String[] words(String status, String key) {
    int at = status.indexOf("\n" + key + ":");
    if (at < 0) {
      return new String[0];
    }
    int end = status.indexOf('\n', at + 1);
    return status
        .substring(at + key.length() + 2, end < 0 ? status.length() : end)
        .strip()
        .split("\\s+", -1);
  }
}
