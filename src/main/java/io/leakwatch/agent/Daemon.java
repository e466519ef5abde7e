package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.incident.DiagnosisChild;
import io.leakwatch.incident.IncidentIndex;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.BuildVersion;
import io.leakwatch.sampling.Surroundings;
import io.leakwatch.time.SystemTime;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon: rounds of sampling, one object graph for each configuration. The supervisor's
 * watchdog is fed by finished rounds alone: an agent that no longer samples is restarted.
 */
public final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);
  private static final int STALE_TICKS = 10;
  private static final Duration STALE_AFTER_MIN = Duration.ofSeconds(30);

  private final Service service;
  private final boolean gateway;
  private final ProcFs procFs = ProcFs.live();
  private final LatestSnapshot current = new LatestSnapshot();
  private final IncidentIndex incidents = new IncidentIndex(SystemTime.TIME);
  private final RecordedSeries series = new RecordedSeries();
  private final Metrics metrics = new Metrics(current, BuildVersion.version(), procFs.procRoot());
  private final SnapshotAnswers answers =
      new SnapshotAnswers(
          current, metrics, new Api.Sources(incidents, series), this::makesProgress);

  /**
   * @param gateway whether another process has the network for this one
   */
  public Daemon(Service service, boolean gateway) {
    this.service = service;
    this.gateway = gateway;
  }

  /** Runs until it is told to stop; returns the exit status. */
  public int run() {
    service.hearSignals();
    SelfCheck.warnings(procFs).forEach(log::warn);
    MemoryBudget.problemInAll(service.configuration(), procFs.ownMemoryMax()).ifPresent(log::warn);
    try (NetworkAccess access = access(service.configuration())) {
      boolean again = true;
      while (again) {
        Configuration configuration = service.configuration();
        series.open(configuration.history().path());
        try (Watchdog watchdog =
            new Watchdog(
                configuration,
                Surroundings.live(configuration, procFs, access.outbound()),
                current,
                incidents,
                settings -> new DiagnosisChild(procFs, settings, service.file()),
                answers::refused)) {
          again = watch(watchdog, access);
        }
      }
    }
    return 0;
  }

  private NetworkAccess access(Configuration configuration) {
    return gateway
        ? new NetworkAccess.OverGateway(configuration, answers)
        : new NetworkAccess.Direct(configuration, answers, procFs.procRoot());
  }

  private static void take(Configuration next, NetworkAccess access) {
    MemoryBudget.refuseWhatDoesNotFit(next);
    access.move(next);
  }

  /** Whether a round has ended lately. */
  private boolean makesProgress() {
    Duration patience = service.configuration().sampling().tick().multipliedBy(STALE_TICKS);
    if (patience.compareTo(STALE_AFTER_MIN) < 0) {
      patience = STALE_AFTER_MIN;
    }
    return current.get().takenAt().plus(patience).isAfter(SystemTime.TIME.now());
  }

  /**
   * Does rounds until a stop (false) or until there is a new configuration to go on with (true).
   */
  private boolean watch(Watchdog watchdog, NetworkAccess access) {
    long nextNanos = SystemTime.TIME.nanos();
    while (true) {
      watchdog.round(service.isConfigurationGood());
      service.alive("watching");
      nextNanos = Math.max(nextNanos + watchdog.tickNanos(), SystemTime.TIME.nanos());
      switch (service.await(nextNanos)) {
        case STOP -> {
          return false;
        }
        case RELOAD -> {
          if (service.reload(next -> take(next, access))) {
            return true;
          }
        }
        case NONE -> {}
      }
    }
  }
}
