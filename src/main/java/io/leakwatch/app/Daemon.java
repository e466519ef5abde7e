package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.export.Answers;
import io.leakwatch.export.Metrics;
import io.leakwatch.export.SnapshotAnswers;
import io.leakwatch.os.SystemdNotifier;
import io.leakwatch.proc.ProcFs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of the daemon under its supervisor: start, rounds, reload on SIGHUP, stop on SIGTERM.
 * The supervisor's watchdog is fed by finished rounds alone: an agent that no longer samples is
 * restarted.
 */
final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);
  private static final int STALE_TICKS = 10;
  private static final Duration STALE_AFTER_MIN = Duration.ofSeconds(30);
  private static final Duration STOP_PATIENCE = Duration.ofMillis(1500);

  private final @Nullable Path file;
  private final ProcFs procFs = ProcFs.live();
  private final Published current = new Published();
  private final SystemdNotifier systemd =
      SystemdNotifier.of(System.getenv(), ProcessHandle.current().pid());
  private final Requests requests = new Requests();
  private final IncidentBook incidents = new IncidentBook();
  private final Metrics metrics = new Metrics(current, BuildVersion.version(), procFs.procRoot());
  private final Answers answers =
      new SnapshotAnswers(current, metrics, incidents, this::makesProgress);
  private volatile Configuration configuration;
  private boolean configurationGood = true;
  private boolean ready;

  Daemon(@Nullable Path file, Configuration configuration) {
    this.file = file;
    this.configuration = configuration;
  }

  /** Runs until it is told to stop; returns the exit status. */
  int run() {
    Signals.on("HUP", requests::reload);
    Signals.on("TERM", this::stop);
    Signals.on("INT", this::stop);
    SelfCheck.warnings(procFs).forEach(log::warn);
    try (Port port = Port.open(configuration.export(), answers)) {
      boolean again = true;
      while (again) {
        try (Watchdog watchdog = new Watchdog(configuration, procFs, current, incidents, file)) {
          again = watch(watchdog, port);
        }
      }
    }
    return 0;
  }

  /** Whether a round has ended lately. */
  private boolean makesProgress() {
    Duration patience = configuration.sampling().tick().multipliedBy(STALE_TICKS);
    if (patience.compareTo(STALE_AFTER_MIN) < 0) {
      patience = STALE_AFTER_MIN;
    }
    return current.get().takenAt().plus(patience).isAfter(Instant.now());
  }

  /**
   * Does rounds until a stop (false) or until there is a new configuration to go on with (true).
   */
  private boolean watch(Watchdog watchdog, Port port) {
    long nextNanos = System.nanoTime();
    while (true) {
      watchdog.round(configurationGood);
      tellSystemd();
      nextNanos = Math.max(nextNanos + watchdog.tickNanos(), System.nanoTime());
      switch (requests.await(nextNanos)) {
        case STOP -> {
          systemd.stopping();
          return false;
        }
        case RELOAD -> {
          if (reload(port)) {
            return true;
          }
        }
        case NONE -> {}
      }
    }
  }

  private void tellSystemd() {
    if (!ready) {
      ready = true;
      systemd.ready();
      systemd.status("watching");
    }
    systemd.watchdog();
  }

  private boolean reload(Port port) {
    systemd.reloading(System.nanoTime() / 1000);
    try {
      Configuration next = Configuration.load(file);
      port.move(next.export());
      configuration = next;
      configurationGood = true;
      ready = false;
      log.info("configuration reloaded");
      return true;
    } catch (ConfigurationProblem | CommandFailure e) {
      configurationGood = false;
      log.error("configuration not reloaded, the old one stays: {}", e.getMessage());
      systemd.ready();
      systemd.status("old configuration: " + e.getMessage());
      return false;
    }
  }

  private void stop() {
    requests.stop();
    Thread patience =
        new Thread(
            () -> {
              try {
                Thread.sleep(STOP_PATIENCE.toMillis());
              } catch (InterruptedException e) {
                return;
              }
              // The round hangs in a read; what is on disk is whole at every moment.
              Runtime.getRuntime().halt(0);
            },
            "stop");
    patience.setDaemon(true);
    patience.start();
  }
}
