package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Refusal;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Reads who a process is out of its directory in /proc. */
final class IdentityReader {
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
      ProcStat stat = ProcStat.parse(ProcFile.record(file, ProcStat.BYTES_MAX));
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
      ProcStat stat = ProcStat.parse(ProcFile.record(file, ProcStat.BYTES_MAX));
      if (stat == null) {
        return Outcome.unable(file + " has no line that can be parsed");
      }
      Optional<Path> thread =
          stat.isExiting() && stat.threads() > 1 ? LivingThread.find(directory) : Optional.empty();
      Path living = thread.orElse(directory);
      file = living.resolve("cmdline");
      String commandLine = ProcFile.text(file, COMMAND_LINE_BYTES_MAX);
      file = living.resolve("status");
      String status = ProcFile.record(file, SMALL_BYTES_MAX);
      file = directory.resolve("cgroup");
      String cgroup = ProcFile.isThere(file) ? ProcFile.text(file, SMALL_BYTES_MAX) : "";
      String link = link(living.resolve("exe"));
      return Outcome.sampled(
          new IdentityTexts(stat, commandLine, status, cgroup, link)
              .info(id(pid, stat), startTime(stat.startTicks()), thread.isPresent()));
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private Instant startTime(long startTicks) {
    long millis = startTicks * 1000 / Status.TICKS_PER_SECOND;
    return Instant.ofEpochSecond(Math.max(0, bootSeconds)).plusMillis(millis);
  }

  private static String link(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // Another user's process, a kernel thread, a zombie: documented as "".
    }
  }
}
