package io.leakwatch.lab;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Runs commands of a server's description, and ends each with all that it has started. */
final class Shell {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final Map<String, String> environment;

  Shell(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
  }

  /** With further variables. */
  Shell with(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(environment);
    all.putAll(more);
    return new Shell(directory, all);
  }

  /** A command that runs until it is closed. */
  static final class Running implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final Thread atExit;

    private Running(Process process, Path log) {
      this.process = process;
      this.log = log;
      this.atExit = new Thread(() -> kill(process), "end of " + process.pid());
      Runtime.getRuntime().addShutdownHook(atExit);
    }

    Process process() {
      return process;
    }

    String log() {
      try {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      kill(process);
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }

  /**
   * Starts a command.
   *
   * @param name of the file in the directory that its output goes to
   */
  Running start(String name, String command) {
    Path log = directory.resolve(name);
    ProcessBuilder builder =
        new ProcessBuilder("setsid", "sh", "-c", command)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    try {
      return new Running(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command to its end and returns what it printed; it must succeed. */
  String run(String name, String command) {
    if (command.isEmpty()) {
      return "";
    }
    try (Running running = start(name, command)) {
      boolean ended = running.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!ended || running.process().exitValue() != 0) {
        throw new IllegalStateException(
            (ended ? "failed: " : "does not end: ") + command + "\n" + running.log());
      }
      return running.log().strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Its whole group, and what has left the group but still is its child. */
  private static void kill(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    Tool.run("", List.of("kill", "-KILL", "--", "-" + process.pid()));
    all.forEach(ProcessHandle::destroyForcibly);
    try {
      for (ProcessHandle one : all) {
        one.onExit().get(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("does not end: " + process, e);
    }
  }
}
