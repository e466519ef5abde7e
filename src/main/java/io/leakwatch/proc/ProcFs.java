package io.leakwatch.proc;

import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.OwnPermissions;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.CgroupFigures;
import io.leakwatch.proc.limits.CgroupLineage;
import io.leakwatch.proc.limits.CgroupNamespace;
import io.leakwatch.proc.limits.LimitReader;
import io.leakwatch.proc.limits.NodeFigures;
import io.leakwatch.proc.limits.ResourceLimits;
import io.leakwatch.proc.memory.ReadBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node's /proc and cgroup trees: which processes there are and who they are. What a mount of
 * /proc leaves out (hidepid, subset=pid) is reported and done without; a /proc that cannot be
 * listed is no state of a process but a fault of the node, and throws.
 */
public final class ProcFs implements Processes {
  private static final Pattern IGNORED_SIGNALS =
      Pattern.compile("(?m)^SigIgn:\\s+([0-9a-f]{1,16})$");
  private static final int NODE_STAT_BYTES_MAX = 1 << 20;

  private final Path procRoot;
  private final Path cgroupRoot;
  private final String bootId;
  private final String missingOfNode;
  private final CgroupNamespace cgroupNamespace;
  private final CgroupFigures cgroupFigures = new CgroupFigures();
  private final NodeFigures nodeFigures;
  private final IdentityReader identities;

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
    identities = new IdentityReader(bootId, began < 0 ? bootSecondsByOwnStart() : began);
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

  /** The first process is always there. */
  @Override
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

  /** The process ids at this moment, ascending; some may be gone when they are read. */
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
    return identities.glance(pid, directory(pid));
  }

  /** Tells who has a pid now. */
  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    return identities.identify(pid, directory(pid));
  }

  /** Opens a process with buffers of its own. */
  public Outcome<ProcessReader> open(ProcessId id) {
    return open(id, new ReadBuffers());
  }

  /**
   * Opens a process for repeated looks. Nothing that needs a permission is opened yet: that happens
   * at the first reading that needs it.
   *
   * @param buffers of the thread that looks, which all of its readers may share
   */
  public Outcome<ProcessReader> open(ProcessId id, ReadBuffers buffers) {
    Path directory = directory(id.pid());
    if (!id.bootId().equals(bootId)) {
      return Outcome.vanished();
    }
    return LiveProcess.open(
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

  /** The files of a process, also of one in a container. */
  public LiveFiles files(int pid) {
    return new LiveFiles(directory(pid));
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

  /** What the cgroups of this program leave it. */
  private OwnCgroups ownCgroups() {
    return new OwnCgroups(procRoot, cgroupRoot, cgroupNamespace);
  }

  /** How much of the processor this program gets: see {@link OwnCgroups#cpuWeight}. */
  public double ownCpuWeight() {
    return ownCgroups().cpuWeight();
  }

  /** Memory that this program and its children may take by their cgroups; -1 for no bound. */
  public long ownMemoryMax() {
    return ownCgroups().memoryMax();
  }

  public Path directory(int pid) {
    return procRoot.resolve(Integer.toString(pid));
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
}
