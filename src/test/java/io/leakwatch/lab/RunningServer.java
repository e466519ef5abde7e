package io.leakwatch.lab;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server of the laboratory that runs, in a directory of its own, until it is closed. */
final class RunningServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PRELOAD = "LD_PRELOAD";
  private static final Path CLASSES = Path.of("target", "test-classes").toAbsolutePath();

  private final Server server;
  private final Path directory;
  private final Shell shell;
  private final Shell.Running process;
  private final long pid;

  private RunningServer(Server server, Path directory, Shell shell, Shell.Running process) {
    this.server = server;
    this.directory = directory;
    this.process = process;
    try {
      awaitReady(server.start().readyLine(), Integer.parseInt(shell.run("port", "echo $PORT")));
      String found = shell.run("find", server.start().find());
      this.pid = server.start().find().isEmpty() ? process.process().pid() : Long.parseLong(found);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    this.shell = shell.with(Map.of("PID", Long.toString(pid)));
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @param leak what it runs with beside its usual environment
   */
  static RunningServer start(Server server, Map<String, String> leak) {
    try {
      Path directory = Files.createTempDirectory(Path.of("/tmp"), "lab-" + server.name() + "-");
      String user = server.installation().user();
      Map<String, String> environment = new TreeMap<>();
      environment.put("DIR", directory.toString());
      environment.put("PORT", Integer.toString(freePort()));
      environment.put("PEER", Integer.toString(freePort()));
      environment.put("AS", user.isEmpty() ? "" : asUser(user));
      Path bin = Path.of(System.getProperty("java.home"), "bin");
      environment.put("JAVA", bin.resolve("java") + " -cp " + CLASSES);
      environment.put("JAR", bin.resolve("jar").toString());
      environment.put("CLASSES", CLASSES.toString());
      environment.put("SOURCES", Path.of("src", "test").toAbsolutePath().toString());
      environment.put("LIBRARY", Artifacts.classPath(server.installation().artifacts()));
      environment.put("LOAD", server.work().load());
      Tool.run("", List.of("chmod", "755", directory.toString()));
      if (!user.isEmpty()) {
        Tool.run("", List.of("chown", user, directory.toString()));
      }
      Shell shell = new Shell(directory, environment);
      shell.run("prepare", server.start().prepare());
      Map<String, String> more = new TreeMap<>(leak);
      String source = leak.get(PRELOAD);
      if (source != null) {
        more.put(PRELOAD, preload(source, directory).toString());
      }
      Shell starting = shell.with(more);
      return new RunningServer(
          server, directory, shell, starting.start("log", server.start().command()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String asUser(String user) {
    return "setpriv --reuid " + user + " --regid " + user + " --clear-groups";
  }

  /** Where the server's user may read it. */
  private static Path preload(String source, Path directory) throws IOException {
    Path built = CTarget.compile(source, "-shared", "-fPIC");
    Path copy = Files.copy(built, directory.resolve(source + ".so"));
    Tool.run("", List.of("chmod", "755", copy.toString()));
    return copy;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady(String line, int port) {
    Pattern wanted = Pattern.compile(line);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!(line.isEmpty() ? listens(port) : wanted.matcher(process.log()).find())) {
      if (!process.process().isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException(server.name() + " does not get ready:\n" + process.log());
      }
      Pause.millis(50);
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  Server server() {
    return server;
  }

  /** Of the watched process. */
  long pid() {
    return pid;
  }

  /** Whether a library is loaded into the watched process. */
  boolean hasLoaded(String library) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "maps")).contains(library);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.process().isAlive() && Files.exists(Path.of("/proc", Long.toString(pid)));
  }

  /** What it has printed. */
  String log() {
    return process.log();
  }

  /** Runs a command of the server's to its end. */
  String run(String name, String command) {
    return shell.run(name, command);
  }

  /** Starts a command of the server's with so many clients. */
  Shell.Running start(String name, String command, int clients) {
    return shell.with(Map.of("CLIENTS", Integer.toString(clients))).start(name, command);
  }

  @Override
  public void close() {
    process.close();
    delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
