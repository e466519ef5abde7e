package io.leakwatch.lab;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The course of a server through the laboratory: healthy in all phases, then with each leak. */
final class Course {
  private static final int SPAN_SECONDS = 4;
  private static final int LEAK_SPAN_SECONDS = 8;
  private static final long WARM_UP_MILLIS = 3_000;
  private static final Duration DAEMON_PATIENCE = Duration.ofSeconds(40);
  private static final String CYCLE =
      "while :; do timeout -s KILL 3 sh -c \"$LOAD\"; sleep 3; done";

  private final Server server;
  private final ProgramUnderTest program;
  private final int looks;
  private final Consumer<Row> rows;
  private final String version;

  /**
   * A course.
   *
   * @param looks one after the other in each healthy phase under load, each with a row of its own
   * @param rows receives each row as soon as it is there
   */
  Course(Server server, ProgramUnderTest program, int looks, Consumer<Row> rows) {
    this.server = server;
    this.program = program;
    this.looks = looks;
    this.rows = rows;
    this.version =
        new Shell(Path.of("target").toAbsolutePath(), Map.of())
            .run("lab-version", server.installation().version())
            .lines()
            .findFirst()
            .orElse("");
  }

  /** Goes through phases in a server's life without a leak. */
  void healthy(List<Phase> phases) {
    Phase current = phases.get(0);
    Path directory = directory();
    try (RunningServer running = RunningServer.start(server, Map.of());
        Watcher watcher = Watcher.over(running, program, directory)) {
      boolean filled = false;
      for (Phase phase : phases) {
        current = phase;
        if (phase == Phase.START_UP) {
          try (Shell.Running fill = running.start("fill", server.work().fill(), 1)) {
            look(phase, running, watcher, Look.anonymousBytes(running.pid()));
            fill.process().waitFor();
          }
        } else {
          if (!filled && !phases.contains(Phase.START_UP)) {
            running.run("fill", server.work().fill());
          }
          phase(phase, running, watcher);
        }
        filled = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      rows.accept(Row.failed(subject(current.toString(), "healthy"), e));
    } finally {
      delete(directory);
    }
  }

  private void phase(Phase phase, RunningServer running, Watcher watcher) {
    Server.Work work = server.work();
    String load = phase == Phase.CYCLE ? CYCLE : work.load();
    boolean loaded = phase != Phase.IDLE && phase != Phase.STOPPED;
    int clients = phase == Phase.DOUBLED ? 2 * work.clients() : work.clients();
    long anonymousBytes = Look.anonymousBytes(running.pid());
    try (Shell.Running client = running.start("load", loaded ? load : "sleep 1000", clients)) {
      Pause.millis(loaded ? WARM_UP_MILLIS : 0);
      for (int i = 0; i < (loaded ? looks : 1); i++) {
        look(phase, running, watcher, anonymousBytes);
      }
      if (!client.process().isAlive()) {
        throw new IllegalStateException("the load ended: " + client.log());
      }
    }
  }

  /**
   * A look and its row; what the server had at the phase's beginning is what growth counts from.
   */
  private void look(Phase phase, RunningServer running, Watcher watcher, long anonymousBytes) {
    Look look = look(running, watcher, SPAN_SECONDS, Set.of(), anonymousBytes);
    rows.accept(
        Row.of(
            subject(phase.toString(), "healthy"),
            look,
            Requirements.healthy(server.memory(), look),
            Requirements.rightInHealth(look)));
  }

  /** Starts the server anew, plants a leak in it and looks. */
  void leaking(Server.Leak leak) {
    Path directory = directory();
    try (RunningServer running = RunningServer.start(server, leak.environment())) {
      String library = leak.environment().getOrDefault("LD_PRELOAD", "");
      if (!running.hasLoaded(library)) {
        throw new IllegalStateException("not loaded: " + library);
      }
      running.run("fill", server.work().fill());
      try (Watcher watcher = Watcher.over(running, program, directory);
          Shell.Running load =
              background(running, "load", leak.loaded() ? server.work().load() : "");
          Shell.Running cause = background(running, "leak", leak.command())) {
        long anonymousBytes = Look.anonymousBytes(running.pid());
        Pause.millis(WARM_UP_MILLIS);
        Look look = look(running, watcher, LEAK_SPAN_SECONDS, Requirements.TOLD, anonymousBytes);
        rows.accept(
            Row.of(
                subject("leak: " + leak.name(), leak.truth()),
                look,
                Requirements.planted(server.memory(), leak, look),
                Requirements.rightOnLeak(leak, look)));
        for (Shell.Running one : List.of(load, cause)) {
          if (!one.process().isAlive()) {
            throw new IllegalStateException("ended before its time: " + one.log());
          }
        }
      }
    } catch (RuntimeException e) {
      rows.accept(Row.failed(subject("leak: " + leak.name(), leak.truth()), e));
    } finally {
      delete(directory);
    }
  }

  private Shell.Running background(RunningServer running, String name, String command) {
    return running.start(name, command.isEmpty() ? "sleep 1000" : command, server.work().clients());
  }

  /** The looks in their order; the daemon's verdict last, awaited where one is wanted. */
  private Look look(
      RunningServer running, Watcher watcher, int seconds, Set<String> wanted, long atFirstBytes) {
    try {
      JsonObject before = program.inspect(running.pid());
      String factsBefore = running.run("facts", server.work().facts());
      long anonymousBytes = Look.anonymousBytes(running.pid());
      JsonObject diagnosis = program.diagnose(running.pid(), seconds);
      long grownBytes = Look.anonymousBytes(running.pid()) - anonymousBytes;
      String factsAfter = running.run("facts", server.work().facts());
      JsonObject after = program.inspect(running.pid());
      String daemon =
          wanted.isEmpty() ? watcher.verdict() : watcher.verdict(wanted, DAEMON_PATIENCE);
      Look.Measured measured =
          new Look.Measured(
              factsBefore,
              factsAfter,
              grownBytes,
              Look.anonymousBytes(running.pid()) - atFirstBytes);
      return new Look(before, diagnosis, after, daemon, measured);
    } catch (RuntimeException e) {
      if (!running.isAlive()) {
        throw new IllegalStateException("the server ended:\n" + running.log(), e);
      }
      throw e;
    }
  }

  private Row.Subject subject(String phase, String truth) {
    return new Row.Subject(server.name(), version, server.memory().allocator(), phase, truth);
  }

  private static Path directory() {
    try {
      return Files.createTempDirectory("leakwatch-lab-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    List<Path> files = new ArrayList<>();
    try (java.util.stream.Stream<Path> found = Files.walk(directory)) {
      found.sorted(java.util.Comparator.reverseOrder()).forEach(files::add);
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
