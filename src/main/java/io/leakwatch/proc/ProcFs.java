package io.leakwatch.proc;

import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.OwnPermissions;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Refusal;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.Container;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.CgroupFigures;
import io.leakwatch.proc.limits.CgroupLineage;
import io.leakwatch.proc.limits.CgroupMembership;
import io.leakwatch.proc.limits.CgroupNamespace;
import io.leakwatch.proc.limits.Cgroups;
import io.leakwatch.proc.limits.LimitReader;
import io.leakwatch.proc.limits.NodeFigures;
import io.leakwatch.proc.limits.ResourceLimits;
import io.leakwatch.proc.memory.ReadBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node's /proc and cgroup trees: which processes there are and who they are. What a mount of
 * /proc leaves out (hidepid, subset=pid) is told and done without; a /proc that cannot be listed is
 * no state of a process but a fault of the node, and throws.
 */
public final class ProcFs implements Processes {
  private static final Pattern IGNORED_SIGNALS =
      Pattern.compile("(?m)^SigIgn:\\s+([0-9a-f]{1,16})$");
  private static final String DELETED = " (deleted)";
  private static final int COMMAND_LINE_BYTES_MAX = 64 * 1024;
  private static final int SMALL_BYTES_MAX = 16 * 1024;
  private static final int NODE_STAT_BYTES_MAX = 1 << 20;

  private final Path procRoot;
  private final Path cgroupRoot;
  private final String bootId;
  private final long bootSeconds;
  private final String missingOfNode;
  private final CgroupNamespace cgroupNamespace;
  private final CgroupFigures cgroupFigures = new CgroupFigures();
  private final NodeFigures nodeFigures;

  /**
   * Opens a node.
   *
   * @param procRoot normally {@code /proc}
   * @param cgroupRoot normally {@code /sys/fs/cgroup}
   */
  public ProcFs(Path procRoot, Path cgroupRoot) {
    this.procRoot = procRoot;
    this.cgroupRoot = cgroupRoot;
    this.cgroupNamespace = new CgroupNamespace(procRoot);
    this.nodeFigures = new NodeFigures(procRoot);
    String boot = text("sys/kernel/random/boot_id").strip();
    long began = new KeyedText(text("stat")).number("btime");
    boolean hasMemory = !text("meminfo").isEmpty();
    bootId = boot.isEmpty() ? "unknown-" + UUID.randomUUID() : boot;
    bootSeconds = began < 0 ? bootSecondsByOwnStart() : began;
    missingOfNode =
        boot.isEmpty() || began < 0 || !hasMemory
            ? procRoot
                + " does not show the node itself (mounted with subset=pid?): limits of the node are"
                + " not known"
                + (boot.isEmpty()
                    ? ", and after a restart of the agent every process counts as restarted"
                    : "")
            : "";
  }

  /** A file of the node, {@code ""} where it cannot be read. */
  private String text(String file) {
    try {
      return ProcFile.text(procRoot.resolve(file), NODE_STAT_BYTES_MAX);
    } catch (IOException e) {
      return ""; // Told by missingOfNode.
    }
  }

  /** When the node was booted, by the start of this program in both of its clocks. */
  private long bootSecondsByOwnStart() {
    ProcStat own = ProcStat.parse(text("self/stat"));
    long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
    return own == null ? 0 : startMillis / 1000 - own.startTicks() / Status.TICKS_PER_SECOND;
  }

  /** What /proc does not show of the node, in one line; {@code ""} where it shows all. */
  public String missingOfNode() {
    return missingOfNode;
  }

  /** Whether other users' processes are hidden from this one: the first process is always there. */
  public boolean hidesProcesses() {
    return !ProcFile.isThere(directory(1));
  }

  /** This machine. */
  public static ProcFs live() {
    return new ProcFs(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  }

  /** Changes with every boot of the node. */
  public String bootId() {
    return bootId;
  }

  public Path procRoot() {
    return procRoot;
  }

  public Path cgroupRoot() {
    return cgroupRoot;
  }

  /** The process ids at this moment, ascending; some may be gone when they are looked at. */
  @Override
  public int[] pids() {
    int[] pids = new int[256];
    int count = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(procRoot)) {
      for (Path entry : entries) {
        int pid = pidOf(entry.getFileName().toString());
        if (pid > 0) {
          if (count == pids.length) {
            pids = Arrays.copyOf(pids, count * 2);
          }
          pids[count++] = pid;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    pids = Arrays.copyOf(pids, count);
    Arrays.sort(pids);
    return pids;
  }

  /** Tells the incarnation that has a pid now, by one small read. */
  @Override
  public Outcome<ProcessId> id(int pid) {
    return glance(pid).map(Glance::id);
  }

  /**
   * What one small read tells of a process.
   *
   * @param comm the name in the kernel, which an exec changes too
   */
  public record Glance(ProcessId id, String comm) {}

  /** Tells which incarnation has a pid now, and what the kernel calls it. */
  @Override
  public Outcome<Glance> glance(int pid) {
    Path directory = directory(pid);
    Path file = directory.resolve("stat");
    try {
      ProcStat stat = ProcStat.parse(ProcFile.text(file, ProcStat.BYTES_MAX));
      return stat == null
          ? Outcome.unable(file + " has no line that can be parsed")
          : Outcome.sampled(new Glance(id(pid, stat), stat.comm()));
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private ProcessId id(int pid, ProcStat stat) {
    return new ProcessId(pid, stat.startTicks(), bootId, stat.image());
  }

  /** Tells who has a pid now. */
  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    Path directory = directory(pid);
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

  /** Opens a process with buffers of its own. */
  public Outcome<ProcessReader> open(ProcessId id) {
    return open(id, new ReadBuffers());
  }

  /**
   * Opens a process for repeated looks. Nothing that needs a permission is opened yet: that happens
   * at the first look that needs it.
   *
   * @param buffers of the thread that looks, which all of its readers may share
   */
  public Outcome<ProcessReader> open(ProcessId id, ReadBuffers buffers) {
    Path directory = directory(id.pid());
    if (!id.bootId().equals(bootId)) {
      return Outcome.vanished();
    }
    return ProcessReader.open(
        id,
        directory,
        new LimitReader(
            procRoot,
            nodeFigures,
            new CgroupLineage(cgroupRoot, directory, cgroupNamespace, cgroupFigures),
            new ResourceLimits(directory),
            id.startTicks()),
        buffers);
  }

  /** What this program may do here. */
  public OwnPermissions ownPermissions() {
    return OwnPermissions.read(procRoot);
  }

  /** Which of the node's namespaces this program runs in. */
  public OwnNamespaces ownNamespaces() {
    return OwnNamespaces.read(procRoot);
  }

  /**
   * Whether this program was started with a signal ignored, as nohup(1) does and a shell for jobs
   * in the background; Java leaves such a signal ignored whatever handler is asked for.
   *
   * @param number e.g. 1 for SIGHUP
   */
  public boolean ignoresSignal(int number) {
    Matcher mask = IGNORED_SIGNALS.matcher(text("self/status"));
    return mask.find() && (Long.parseUnsignedLong(mask.group(1), 16) >>> (number - 1) & 1) != 0;
  }

  /** What the kernel offers. */
  public KernelFeatures kernelFeatures() {
    return KernelFeatures.read(procRoot);
  }

  /**
   * How much of the processor this program gets when it is busy, against an ordinary program: 1 for
   * the usual cpu.weight (100) or cpu.shares (1024) in its cgroup and all of their ancestors, less
   * when the smallest of them is less. A reader that is starved while it holds a target's mmap_lock
   * stalls the target.
   */
  public double ownCpuWeight() {
    try {
      Cgroups own = ownCgroups();
      double smallest = 1;
      for (Cgroups.Directory cgroup : own.unified()) {
        long weight = ProcFile.number(cgroup.path().resolve("cpu.weight"));
        smallest = weight < 0 ? smallest : Math.min(smallest, weight / 100.0);
      }
      for (Cgroups.Directory cgroup : own.controller("cpu")) {
        long shares = ProcFile.number(cgroup.path().resolve("cpu.shares"));
        smallest = shares < 0 ? smallest : Math.min(smallest, shares / 1024.0);
      }
      return smallest;
    } catch (IOException e) {
      return 1; // A kernel without cgroups shares the processor evenly.
    }
  }

  /** Memory that this program and its children may take by their cgroups; -1 for no bound. */
  public long ownMemoryMax() {
    try {
      Cgroups own = ownCgroups();
      long smallest = Long.MAX_VALUE;
      for (Cgroups.Directory cgroup : own.unified()) {
        smallest = Math.min(smallest, bound(cgroup, "memory.max"));
      }
      for (Cgroups.Directory cgroup : own.controller("memory")) {
        smallest = Math.min(smallest, bound(cgroup, "memory.limit_in_bytes"));
      }
      return smallest >= LimitReader.UNLIMITED ? -1 : smallest;
    } catch (IOException e) {
      return -1; // A kernel without cgroups bounds nobody by them.
    }
  }

  private static long bound(Cgroups.Directory cgroup, String file) {
    long bytes = ProcFile.number(cgroup.path().resolve(file));
    return bytes < 0 ? Long.MAX_VALUE : bytes;
  }

  private Cgroups ownCgroups() throws IOException {
    return new Cgroups(
        cgroupRoot,
        CgroupMembership.parse(ProcFile.text(procRoot.resolve("self/cgroup"), SMALL_BYTES_MAX)),
        cgroupNamespace);
  }

  public Path directory(int pid) {
    return procRoot.resolve(Integer.toString(pid));
  }

  private Instant startTime(long startTicks) {
    long millis = startTicks * 1000 / Status.TICKS_PER_SECOND;
    return Instant.ofEpochSecond(Math.max(0, bootSeconds)).plusMillis(millis);
  }

  private static int pidOf(String name) {
    if (name.length() > 9) {
      return -1;
    }
    int pid = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      pid = pid * 10 + (c - '0');
    }
    return pid;
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
