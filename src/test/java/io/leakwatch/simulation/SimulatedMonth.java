package io.leakwatch.simulation;

import io.leakwatch.agent.Watchdog;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.Snapshot;
import io.leakwatch.incident.Diagnoser;
import io.leakwatch.incident.DiagnosisResult;
import io.leakwatch.incident.IncidentIndex;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sampling.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The agent on a simulated node for a month, in virtual time: the whole graph of the daemon with
 * the settings that ship, its real history file, and around it processes, a disk, a clock and an
 * Alertmanager that do what the seed says. {@link Invariants} are checked each simulated minute.
 */
final class SimulatedMonth {
  private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
  private static final int SERVERS = 6;
  private static final double DAY = 86_400;
  private static final double HOUR = 3_600;
  private static final double COMPARED_DAYS = 6.5;
  private static final double SETTLED_SECONDS = 1_800;

  private final long seed;
  private final int days;
  private final SplittableRandom random;
  private final VirtualTime time;
  private final SimulatedNode node;
  private final SimulatedReceiver receiver;
  private final SimulatedDisk disk;
  private final Configuration configuration;
  private final Surroundings around;
  private final List<Episode> episodes = new ArrayList<>();
  private final Invariants invariants;
  private final LoggedLines log = new LoggedLines();
  private LatestSnapshot current = new LatestSnapshot();
  private Watchdog watchdog;

  /** Something that happens at a time. */
  private record Episode(double atSeconds, String what, Runnable action) {}

  /**
   * A month, or less of it.
   *
   * @param directory of this run alone
   */
  SimulatedMonth(long seed, int days, Path directory) throws IOException, ConfigurationProblem {
    this.seed = seed;
    this.days = days;
    this.random = new SplittableRandom(seed);
    time = new VirtualTime(BEGIN.toEpochMilli(), this::stepsTakeNoTime);
    receiver = new SimulatedReceiver(time);
    node = new SimulatedNode(time, SERVERS, random.split());
    disk = new SimulatedDisk(Files.createDirectories(directory.resolve("disk")), time);
    Path file = directory.resolve("leakwatch.conf");
    Files.writeString(
        file,
        """
        leakwatch {
          targets = [{ name = "server-${id}", program = server, command-line = "--id=(?<id>\\\\d+)" }]
          sampling.watch-self = false
          history.path = "%s"
          alert.alertmanagers = ["http://alertmanager:9093"]
        }
        """
            .formatted(disk.history()));
    configuration = Configuration.load(file);
    Path proc = Files.createDirectories(directory.resolve("proc"));
    around = new Surroundings(time, time, node, new ProcFs(proc, proc), receiver);
    invariants = new Invariants(configuration, node, receiver, time, log);
    watchdog = start();
    plan();
  }

  private boolean stepsTakeNoTime() {
    return receiver.isInstant();
  }

  private Watchdog start() {
    current = new LatestSnapshot();
    return new Watchdog(
        configuration, around, current, new IncidentIndex(time), settings -> diagnoser(), () -> 0);
  }

  private Diagnoser diagnoser() {
    SplittableRandom outcomes = random.split();
    return new Diagnoser() {
      @Override
      public DiagnosisResult diagnose(ProcessId process) {
        time.pause(Duration.ofSeconds(outcomes.nextInt(1, 60)).toNanos());
        return outcomes.nextInt(4) == 0
            ? new DiagnosisResult.Failed("the diagnosis was killed by signal 9")
            : new DiagnosisResult.Found("{\"suspects\":[]}");
      }

      @Override
      public void close() {}
    };
  }

  private void plan() {
    often(20, "a server is restarted", node::restartOne);
    often(6, "a server refuses to be read", () -> node.refuseOne(random.nextDouble(600, 6 * HOUR)));
    often(4, "readings are slow", () -> node.slowDown(random.nextDouble(60, 2 * HOUR)));
    often(3, "the agent is restarted", () -> restart(random.nextDouble(1, 2 * HOUR)));
    often(2, "the clock is set forward", () -> jump(random.nextInt(1, 3600)));
    often(2, "the clock is set back", () -> jump(-random.nextInt(1, 3600)));
    for (int i = 0; i < 3; i++) {
      lasting(
          "Alertmanager refuses", () -> receive(SimulatedReceiver.State.REFUSES), this::receive);
      lasting("Alertmanager hangs", () -> receive(SimulatedReceiver.State.HANGS), this::receive);
      if (disk.canBeFull()) {
        lasting("the disk is full", disk::fill, disk::free);
      }
    }
    episodes.sort(Comparator.comparingDouble(Episode::atSeconds));
  }

  private void often(int timesAMonth, String what, Runnable action) {
    for (int i = 0; i < timesAMonth; i++) {
      episodes.add(new Episode(random.nextDouble(30 * DAY), what, action));
    }
  }

  private void lasting(String what, Runnable begin, Runnable end) {
    double at = random.nextDouble(30 * DAY);
    episodes.add(new Episode(at, what, begin));
    episodes.add(new Episode(at + random.nextDouble(60, 12 * HOUR), what + " no longer", end));
  }

  private void receive(SimulatedReceiver.State state) {
    receiver.become(state);
  }

  private void receive() {
    receiver.become(SimulatedReceiver.State.UP);
  }

  private void jump(int seconds) {
    time.jump(Duration.ofSeconds(seconds));
    invariants.clockWasSet(seconds);
  }

  private void restart(double outageSeconds) {
    watchdog.close();
    time.pause((long) (outageSeconds * 1e9));
    watchdog = start();
    invariants.agentWasRestarted();
  }

  /** Runs it; an invariant that does not hold is an error that names seed and time. */
  void run() {
    String last = "nothing";
    try {
      long nextNanos = time.nanos();
      double checked = 0;
      double compareAt = COMPARED_DAYS * DAY;
      for (int next = 0; node.seconds() < days * DAY; ) {
        for (; next < episodes.size() && episodes.get(next).atSeconds() <= node.seconds(); next++) {
          last = episodes.get(next).what();
          episodes.get(next).action().run();
        }
        node.follow();
        watchdog.round(true);
        if (node.seconds() - checked >= 60) {
          checked = node.seconds();
          Throwable failure = time.failure();
          if (failure != null) {
            throw new AssertionError("a thread failed", failure);
          }
          invariants.check(snapshot());
          if (node.seconds() >= compareAt && disk.hasRoomFor(SETTLED_SECONDS)) {
            compareAt += invariants.historyAgrees(snapshot()) ? COMPARED_DAYS * DAY : HOUR;
          }
        }
        nextNanos = Math.max(nextNanos + watchdog.tickNanos(), time.nanos());
        time.pause(nextNanos - time.nanos());
      }
      if (disk.hasRoomFor(SETTLED_SECONDS)) {
        invariants.historyAgrees(snapshot());
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "seed %d, day %.4f (%s), last episode: %s: %s",
              seed,
              node.seconds() / DAY,
              time.now(),
              last,
              e.getMessage()),
          e);
    } finally {
      watchdog.close();
      time.pause(Duration.ofHours(1).toNanos());
      disk.close();
      log.close();
    }
  }

  private Snapshot snapshot() {
    return current.get();
  }

  /** What was seen, in one line. */
  String summary() {
    return "seed "
        + seed
        + ": "
        + invariants.summary()
        + (disk.canBeFull() ? "" : "; no full disk");
  }
}
