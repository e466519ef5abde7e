package io.leakwatch.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A leaking curvebs-mds in a container as Docker makes it: its own mount and pid namespaces, an
 * overlay as root that holds nothing of the host's but a libc in a place of its own, a cgroup named
 * after the container's id with a memory limit. Needs root; {@link #isPossible} tells.
 */
public final class ContainerNode implements AutoCloseable {
  static final String ID = "9d2f1c6b7a80e4f3".repeat(4);
  public static final String SHORT_ID = ID.substring(0, 12);
  public static final long LIMIT_BYTES = 768L << 20;
  public static final String PROGRAM = "/curvebs/mds/sbin/curvebs-mds";

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final List<String> LIBRARIES =
      List.of(
          "/lib/x86_64-linux-gnu/libc.so.6",
          "/lib/x86_64-linux-gnu/libm.so.6",
          "/lib64/ld-linux-x86-64.so.2");

  private final List<Path> cgroups;
  private final CTarget engine;
  private final int pid;
  private final Path root;

  private ContainerNode(List<Path> cgroups, CTarget engine, Path root) {
    this.cgroups = cgroups;
    this.engine = engine;
    this.root = root;
    this.pid = Integer.parseInt(engine.awaitLine("pid ").substring(4));
  }

  public static boolean isPossible() {
    return System.getProperty("user.name").equals("root") && memoryCgroup().isPresent();
  }

  private static java.util.Optional<Path> memoryCgroup() {
    for (Path candidate : List.of(CGROUPS.resolve("memory"), CGROUPS)) {
      if (Files.isWritable(candidate.resolve("cgroup.procs"))
          && (Files.exists(candidate.resolve("memory.limit_in_bytes")) || isDelegated(candidate))) {
        return java.util.Optional.of(candidate);
      }
    }
    return java.util.Optional.empty();
  }

  private static boolean isDelegated(Path unified) {
    try {
      return Files.readString(unified.resolve("cgroup.subtree_control")).contains("memory");
    } catch (IOException e) {
      return false; // Version 1, or not mounted.
    }
  }

  /**
   * Starts it.
   *
   * @param directory empty; its file system must be able to carry an overlay
   * @param uid of the program in the container
   * @param userNamespace uid outside of the container's root, 0 for no user namespace
   * @param arguments of leak_threads
   */
  public static ContainerNode start(Path directory, int uid, int userNamespace, String... arguments)
      throws IOException {
    Path root = Files.createDirectories(directory.resolve("image"));
    Path scratch = Files.createDirectories(directory.resolve("scratch"));
    Path libraries = Files.createDirectories(root.resolve("curvebs/lib"));
    for (String library : LIBRARIES) {
      Path file = Path.of(library);
      Files.copy(file, libraries.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    Path program =
        CTarget.compile(
            "leak_threads",
            "-Wl,--dynamic-linker=/curvebs/lib/ld-linux-x86-64.so.2",
            "-Wl,-rpath=/curvebs/lib",
            "-Wl,--build-id=0x" + "c0ffee01".repeat(5));
    Path inside = root.resolve(PROGRAM.substring(1));
    Files.createDirectories(inside.getParent());
    Files.copy(program, inside, StandardCopyOption.REPLACE_EXISTING);
    Tool.run("", List.of("chmod", "-R", "a+rX", directory.toString()));
    List<Path> cgroups = makeCgroups();
    List<String> command = new ArrayList<>();
    command.add(CTarget.compile("contain").toAbsolutePath().toString());
    command.addAll(List.of(root.toString(), scratch.toString()));
    command.addAll(List.of(Integer.toString(uid), Integer.toString(userNamespace)));
    command.add(
        String.join(
            ",",
            cgroups.stream().map(cgroup -> cgroup.resolve("cgroup.procs").toString()).toList()));
    command.add(PROGRAM);
    command.addAll(List.of(arguments));
    return new ContainerNode(cgroups, CTarget.launch(Map.of(), command), root);
  }

  private static List<Path> makeCgroups() throws IOException {
    List<Path> made = new ArrayList<>();
    Path memory = memoryCgroup().orElseThrow();
    boolean first = Files.exists(memory.resolve("memory.limit_in_bytes"));
    Path cgroup = Files.createDirectories(memory.resolve("docker").resolve(ID));
    if (!first) {
      Files.writeString(memory.resolve("docker/cgroup.subtree_control"), "+memory");
    }
    Files.writeString(
        cgroup.resolve(first ? "memory.limit_in_bytes" : "memory.max"), Long.toString(LIMIT_BYTES));
    made.add(cgroup);
    Path unified = CGROUPS.resolve("unified");
    if (Files.isWritable(unified.resolve("cgroup.procs"))) {
      made.add(Files.createDirectories(unified.resolve("docker").resolve(ID)));
    }
    return made;
  }

  /** Outside of the container. */
  public int pid() {
    return pid;
  }

  /** The image's file, outside of the container. */
  Path file(String inside) {
    return root.resolve(inside.substring(1));
  }

  public void awaitReady() {
    engine.awaitLine("ready");
  }

  /** Waits until the heaps are large beside what the program allocates while one reads them. */
  public void awaitResidentBytes(long bytes) throws IOException {
    CTarget.awaitResidentBytes(pid, bytes);
  }

  /** The name of the limit as leakwatch has to call it. */
  public static String limitName() {
    boolean first = Files.exists(CGROUPS.resolve("memory/memory.limit_in_bytes"));
    return (first ? "memory.limit_in_bytes" : "memory.max") + " of /docker/" + ID;
  }

  @Override
  public void close() {
    engine.close();
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    for (Path cgroup : cgroups) {
      remove(cgroup, end);
      remove(cgroup.getParent(), 0);
    }
  }

  /** A cgroup can be removed once its last process has been reaped. */
  private static void remove(Path cgroup, long endNanos) {
    while (true) {
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(cgroup, child -> Files.isDirectory(child))) {
        if (!children.iterator().hasNext()) {
          Files.deleteIfExists(cgroup);
        }
        return;
      } catch (IOException e) {
        if (System.nanoTime() > endNanos) {
          return;
        }
        Thread.onSpinWait();
      }
    }
  }
}
