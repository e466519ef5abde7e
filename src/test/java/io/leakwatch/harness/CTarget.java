package io.leakwatch.harness;

import io.leakwatch.os.PageSize;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A live child process compiled from {@code src/test/c} (or {@code src/test/cpp}). Programs print a
 * line when they reached a state (await it by {@link #awaitLine}) and go on when they are sent one
 * ({@link #send}); they end when their standard input ends.
 */
public final class CTarget implements AutoCloseable {
  private static final Path OUTPUT = Path.of("target", "c");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "silent targets");
            thread.setDaemon(true);
            return thread;
          });
  private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

  private final Process process;
  private final BufferedReader output;
  private final Writer input;

  private CTarget(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Compiles (once per run) and starts {@code src/test/c/NAME.c} or {@code src/test/cpp/NAME.cpp}.
   */
  public static CTarget start(String name, String... arguments) {
    return start(Map.of(), compile(name), arguments);
  }

  /** Starts a compiled program with additional environment variables. */
  public static CTarget start(Map<String, String> environment, Path program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return launch(environment, command);
  }

  /** Starts any command as a target, e.g. a program by another release's ld.so. */
  public static CTarget launch(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    try {
      return new CTarget(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Compiles a source of the test tree into {@code target/c}.
   *
   * @param name file name without its ending
   * @param flags further compiler flags, part of the output's name
   */
  public static Path compile(String name, String... flags) {
    return COMPILED.computeIfAbsent(name + String.join("", flags), key -> build(name, flags));
  }

  private static Path build(String name, String... flags) {
    try {
      Path c = Path.of("src", "test", "c", name + ".c");
      boolean isC = Files.exists(c);
      Path source = isC ? c : Path.of("src", "test", "cpp", name + ".cpp");
      Files.createDirectories(OUTPUT);
      String suffix = flags.length == 0 ? "" : "-" + Integer.toHexString(List.of(flags).hashCode());
      Path program = OUTPUT.resolve(name + suffix);
      List<String> command = new ArrayList<>();
      command.addAll(List.of(isC ? "gcc" : "g++", "-O1", "-g", "-pthread", "-fno-builtin-malloc"));
      Path made = Files.createTempFile(OUTPUT, name, ".new"); // Other forks compile it as well.
      command.addAll(List.of("-o", made.toString(), source.toString()));
      command.add("-lm");
      command.addAll(List.of(flags));
      Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
      String messages =
          new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (compiler.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + "\n" + messages);
      }
      return Files.move(made, program, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public int pid() {
    return Math.toIntExact(process.pid());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The next line of the program's standard output; fails when it ends before, or is silent. */
  public String readLine() {
    return awaitLine("");
  }

  /**
   * Reads lines until one starts with the prefix, and returns it; fails when none comes in time.
   */
  public String awaitLine(String prefix) {
    ScheduledFuture<?> end =
        WATCH.schedule(process::destroyForcibly, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    try {
      String line = output.readLine();
      while (line != null && !line.startsWith(prefix)) {
        line = output.readLine();
      }
      if (line == null) {
        throw new IllegalStateException(
            "target ended, status "
                + process.waitFor()
                + (end.isDone() ? ", " + PATIENCE + " without \"" + prefix + "\"" : ""));
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      end.cancel(false);
    }
  }

  /** Waits until so much of it is resident. */
  public void awaitResidentBytes(double bytes) throws IOException {
    awaitResidentBytes(pid(), bytes);
  }

  /** The same of any process. */
  static void awaitResidentBytes(int pid, double bytes) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Path status = Path.of("/proc", Integer.toString(pid), "statm");
    while (PageSize.BYTES * Double.parseDouble(Files.readString(status).split(" ")[1]) < bytes) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("never as large as " + bytes + " bytes");
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** Sends a line to the program's standard input. */
  public void send(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the program and waits for its end. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("target " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
