package io.leakwatch.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A small Debian 12 that a real systemd has booted, as a storage node would: a tree made by {@code
 * .ci/debian-node} (kept as a tarball), booted by systemd-nspawn in name spaces of its own, with
 * the unified cgroup hierarchy and a /tmp from which nothing can be executed.
 */
public final class DebianNode implements AutoCloseable {
  private static final Path HOME = Path.of("target", "node").toAbsolutePath();
  private static final Duration MAKING = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * The node's cgroups hang on that of who boots it, by names that two nodes have in common, and
   * what one's units forbid would be forbidden to the other's as well.
   */
  private static final String CGROUP =
      "C=$(awk '$3 == \"cgroup2\" {print $2; exit}' /proc/mounts)/leakwatch-node-"
          + ProcessHandle.current().pid();

  private static final String IN_A_CGROUP = CGROUP + "; mkdir -p $C && echo $$ > $C/cgroup.procs;";

  /** What apt says of a package that it would install. */
  private static final Pattern SIMULATED =
      Pattern.compile("(?m)^Inst (\\S+) (?:\\[\\S+\\] )?\\((\\S+) .*\\[(\\w+)\\]\\)");

  private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory");

  private final Path memoryGroup =
      MEMORY.resolve("leakwatch-node-" + ProcessHandle.current().pid());
  private final Path root;
  private final Process console;
  private final long init;

  private DebianNode(Path root, Process console) {
    this.root = root;
    this.console = console;
    this.init = await("the node's init", this::findInit, pid -> pid > 0);
  }

  /** Why no node can be booted here; empty where one can. */
  public static String obstacle() {
    if (!System.getProperty("user.name").equals("root")) {
      return "only root can boot a node in systemd-nspawn";
    }
    for (String program : List.of("systemd-nspawn", "mmdebstrap", "script", "nsenter")) {
      if (Tool.run("", List.of("sh", "-c", "command -v " + program)).status() != 0) {
        return program + " is not installed";
      }
    }
    Path tree = HOME.resolve("bookworm.tar");
    Tool.Result made = Tool.run("", List.of(".ci/debian-node", tree.toString()), MAKING);
    if (made.status() != 0) {
      return "no Debian 12 tree: " + made.output().strip();
    }
    Tool.Result probe = Tool.run("", List.of("unshare", "--mount", "--pid", "--fork", "true"));
    return probe.status() == 0 ? "" : "name spaces are refused: " + probe.output().strip();
  }

  /** Unpacks the tree anew and boots it until systemd says that it is up. */
  public static DebianNode boot() {
    Path root = HOME.resolve("root");
    succeed(Tool.run("", List.of("rm", "-rf", root.toString()), MAKING));
    succeed(Tool.run("", List.of("mkdir", "-p", root.toString())));
    String tree = HOME.resolve("bookworm.tar").toString();
    succeed(Tool.run("", List.of("tar", "-C", root.toString(), "-xf", tree)));
    String nspawn =
        IN_A_CGROUP
            + " exec systemd-nspawn --boot --quiet --register=no --keep-unit --private-network"
            + " --system-call-filter=bpf --tmpfs=/tmp:mode=1777,noexec,nosuid,nodev -D "
            + root;
    String log = HOME.resolve("console.log").toString();
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qfec", nspawn, log)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
    try {
      DebianNode node = new DebianNode(root, builder.start());
      node.await(
          "the end of the boot",
          () -> node.attempt("systemctl", "is-system-running").output().strip(),
          state -> state.equals("running") || state.equals("degraded"));
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long findInit() {
    if (!console.isAlive()) {
      throw new AssertionError("the node does not boot, see " + HOME.resolve("console.log"));
    }
    return console
        .descendants()
        .filter(one -> one.info().command().orElse("").endsWith("/systemd"))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElse(0);
  }

  /** Runs a command on the node as root, whatever its end. */
  public Tool.Result attempt(String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "-a", "-t", Long.toString(init), "--"));
    all.addAll(List.of("env", "-i", PATH, "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"));
    all.addAll(List.of(command));
    return Tool.run("", all, PATIENCE);
  }

  /** Runs a command that must succeed; returns what it said, without blanks around it. */
  public String run(String... command) {
    return succeed(attempt(command)).strip();
  }

  /** Runs a line of the shell that must succeed. */
  public String shell(String line) {
    return run("bash", "-c", line);
  }

  /** Writes a file on the node. */
  public void write(String path, String text) {
    Path file = root.resolve(path.substring(1));
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a file to the node, with its permissions. */
  public void copy(Path from, String path) {
    Path file = root.resolve(path.substring(1));
    succeed(Tool.run("", List.of("install", "-D", "-p", from.toString(), file.toString())));
  }

  /**
   * Installs packages of Debian with what they need. The node has no network: they are fetched out
   * here, by this machine's own package sources, and kept.
   */
  public void installPackages(String... names) {
    String kept = HOME.resolve("packages").toString();
    List<String> fetch = new ArrayList<>(List.of("apt-get", "--yes", "-q"));
    for (String option :
        List.of(
            "Dir::State::status=" + root.resolve("var/lib/dpkg/status"),
            "Dir::Cache::archives=" + kept,
            "APT::Install-Recommends=false",
            "APT::Keep-Downloaded-Packages=true",
            "Debug::NoLocking=true")) {
      fetch.addAll(List.of("-o", option));
    }
    fetch.addAll(List.of("--simulate", "install"));
    fetch.addAll(List.of(names));
    succeed(Tool.run("", List.of("mkdir", "-p", kept + "/partial")));
    List<String> files =
        SIMULATED
            .matcher(succeed(Tool.run("", fetch)))
            .results()
            .map(one -> one.group(1) + "_" + one.group(2).replace(":", "%3a") + "_" + one.group(3))
            .map(name -> name + ".deb")
            .toList();
    fetch.set(fetch.indexOf("--simulate"), "--download-only");
    succeed(Tool.run("", fetch, MAKING));
    List<String> unpack = new ArrayList<>(List.of("dpkg", "--install"));
    for (String file : files) {
      copy(Path.of(kept, file), "/root/packages/" + file);
      unpack.add("/root/packages/" + file);
    }
    run(unpack.toArray(String[]::new));
  }

  /** A property of a unit, as systemd knows it. */
  public String property(String unit, String name) {
    return run("systemctl", "show", "--value", "--property=" + name, unit);
  }

  /**
   * Holds the main process of a unit, and what it starts from now on, to the unit's MemoryMax=.
   * Systemd does so itself where the unified hierarchy has the memory controller; where that is in
   * the older hierarchy, it is done here, less what the process has already.
   *
   * @return false where neither is possible
   */
  public boolean enforceMemoryMax(String unit) {
    String own = "/sys/fs/cgroup" + property(unit, "ControlGroup") + "/memory.max";
    if (attempt("test", "-e", own).status() == 0) {
      return true;
    }
    if (!Files.isWritable(MEMORY.resolve("cgroup.procs"))) {
      return false;
    }
    try {
      long pid = outside(property(unit, "MainPID"));
      String[] statm = Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ");
      long residentBytes = 4096 * Long.parseLong(statm[1]);
      long bytes = Long.parseLong(property(unit, "MemoryMax")) - residentBytes;
      Files.createDirectories(memoryGroup);
      Files.writeString(memoryGroup.resolve("memory.limit_in_bytes"), Long.toString(bytes));
      Files.writeString(memoryGroup.resolve("cgroup.procs"), Long.toString(pid));
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a process of the node is called outside of it. */
  private long outside(String pid) {
    return console
        .descendants()
        .mapToLong(ProcessHandle::pid)
        .filter(one -> innerPid(one).equals(pid))
        .findFirst()
        .orElseThrow();
  }

  private static String innerPid(long pid) {
    try (Stream<String> status = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return status
          .filter(line -> line.startsWith("NSpid:"))
          .map(line -> line.substring(line.lastIndexOf('\t') + 1))
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return ""; // It has ended.
    }
  }

  /** What a unit has logged so far. */
  public String journal(String unit) {
    return run("journalctl", "--no-pager", "--quiet", "--output=cat", "--unit=" + unit);
  }

  /** A page of the agent, without the headers; empty where nobody answers. */
  public String get(String path) {
    Tool.Result got =
        attempt(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/127.0.0.1/9870 && printf 'GET "
                + path
                + " HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3");
    int body = got.output().indexOf("\r\n\r\n");
    return got.status() == 0 && body >= 0 ? got.output().substring(body + 4) : "";
  }

  /** What the agent exports; nothing where it does not answer. */
  public Scrape scrape() {
    return Scrape.parse(get("/metrics"));
  }

  /** Looks until what is seen is as wanted, and returns that. */
  public <T> T await(String what, Supplier<T> look, Predicate<T> wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      T seen = look.get();
      if (wanted.test(seen)) {
        return seen;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(what + " was awaited in vain:\n" + seen);
      }
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** A package like this one but for its version and the text of its configuration. */
  public static Path successor(Path deb, String version, Map<String, String> appended) {
    Path tree = HOME.resolve("successor");
    succeed(Tool.run("", List.of("rm", "-rf", tree.toString())));
    succeed(Tool.run("", List.of("dpkg-deb", "-R", deb.toString(), tree.toString())));
    try {
      Path control = tree.resolve("DEBIAN/control");
      String text = Files.readString(control);
      Files.writeString(control, text.replaceFirst("(?m)^Version: .*$", "Version: " + version));
      for (Map.Entry<String, String> one : appended.entrySet()) {
        Path file = tree.resolve(one.getKey().substring(1));
        Files.writeString(file, Files.readString(file) + one.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path built = HOME.resolve("successor.deb");
    succeed(
        Tool.run(
            "",
            List.of(
                "dpkg-deb",
                "--root-owner-group",
                "-Zgzip",
                "-z1",
                "-b",
                tree.toString(),
                built.toString()),
            MAKING));
    return built;
  }

  private static String succeed(Tool.Result result) {
    if (result.status() != 0) {
      throw new AssertionError("status " + result.status() + ": " + result.output());
    }
    return result.output();
  }

  /** Ends the node at once and removes its tree. */
  @Override
  public void close() {
    ProcessHandle.of(init).ifPresent(ProcessHandle::destroyForcibly);
    try {
      if (!console.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        console.descendants().forEach(ProcessHandle::destroyForcibly);
        console.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    succeed(Tool.run("", List.of("rm", "-rf", root.toString()), MAKING));
    Tool.run("", List.of("sh", "-c", CGROUP + "; find $C -depth -type d -exec rmdir {} +"));
    Tool.run("", List.of("sh", "-c", "[ ! -d $0 ] || rmdir $0", memoryGroup.toString()));
  }
}
