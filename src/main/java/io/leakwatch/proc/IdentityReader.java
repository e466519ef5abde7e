package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Refusal;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.Container;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.CgroupMembership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads who a process is out of its directory in /proc. */
final class IdentityReader {
  private static final String DELETED = " (deleted)";
  private static final int COMMAND_LINE_BYTES_MAX = 64 * 1024;
  private static final int SMALL_BYTES_MAX = 16 * 1024;

  private final String bootId;
  private final long bootSeconds;

  /**
   * A reader of one boot of the node.
   *
   * @param bootSeconds when that was, seconds since 1970
   */
  IdentityReader(String bootId, long bootSeconds) {
    this.bootId = bootId;
    this.bootSeconds = bootSeconds;
  }

  /** Tells which incarnation has a pid now, and what the kernel calls it. */
  Outcome<ProcFs.Glance> glance(int pid, Path directory) {
    Path file = directory.resolve("stat");
    try {
      ProcStat stat = ProcStat.parse(ProcFile.text(file, ProcStat.BYTES_MAX));
      return stat == null
          ? Outcome.unable(file + " has no line that can be parsed")
          : Outcome.sampled(new ProcFs.Glance(id(pid, stat), stat.comm()));
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private ProcessId id(int pid, ProcStat stat) {
    return new ProcessId(pid, stat.startTicks(), bootId, stat.image());
  }

  /** Tells who has a pid now. */
  Outcome<ProcessInfo> identify(int pid, Path directory) {
    Path file = directory.resolve("stat");
    try {
      ProcStat stat = ProcStat.parse(ProcFile.text(file, ProcStat.BYTES_MAX));
      if (stat == null) {
        return Outcome.unable(file + " has no line that can be parsed");
      }
      Optional<Path> thread =
          stat.isExiting() && stat.threads() > 1 ? LivingThread.find(directory) : Optional.empty();
      Path living = thread.orElse(directory);
      file = living.resolve("cmdline");
      List<String> commandLine = commandLine(ProcFile.bytes(file, COMMAND_LINE_BYTES_MAX));
      file = living.resolve("status");
      String status = ProcFile.text(file, SMALL_BYTES_MAX);
      file = directory.resolve("cgroup");
      Set<String> cgroups = new LinkedHashSet<>();
      if (ProcFile.isThere(file)) {
        for (CgroupMembership membership :
            CgroupMembership.parse(ProcFile.text(file, SMALL_BYTES_MAX))) {
          cgroups.add(membership.path());
        }
      }
      String link = link(living.resolve("exe"));
      boolean deleted = link.endsWith(DELETED);
      return Outcome.sampled(
          new ProcessInfo(
              id(pid, stat),
              new ProcessInfo.Program(
                  stat.comm(),
                  commandLine,
                  deleted ? link.substring(0, link.length() - DELETED.length()) : link,
                  deleted),
              new ProcessInfo.Place(
                  List.copyOf(cgroups), Container.of(cgroups), innerPid(status, pid)),
              startTime(stat.startTicks()),
              effectiveUid(status),
              stat.isKernelThread(),
              stat.isExiting() && thread.isEmpty()));
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private Instant startTime(long startTicks) {
    long millis = startTicks * 1000 / Status.TICKS_PER_SECOND;
    return Instant.ofEpochSecond(Math.max(0, bootSeconds)).plusMillis(millis);
  }

  private static List<String> commandLine(byte[] bytes) {
    List<String> arguments = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        arguments.add(new String(bytes, from, i - from, StandardCharsets.UTF_8));
        from = i + 1;
      }
    }
    if (from < bytes.length) {
      arguments.add(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8));
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

  private static String link(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // Another user's process, a kernel thread, a zombie: documented as "".
    }
  }
}
