package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.os.SystemdNotifier;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long-running command under its supervisor: what it was configured with, signs of life, reload
 * on SIGHUP, stop on SIGTERM. For the command's main thread.
 */
public final class Service {
  private static final Logger log = LoggerFactory.getLogger(Service.class);
  private static final Duration STOP_PATIENCE = Duration.ofMillis(1500);

  private final @Nullable Path file;
  private final SystemdNotifier systemd =
      SystemdNotifier.of(System.getenv(), ProcessHandle.current().pid());
  private final SignalRequests requests = new SignalRequests(SystemTime.TIME);
  private final boolean announcesReload;
  private volatile Configuration configuration;
  private boolean configurationGood = true;
  private boolean ready;

  /**
   * @param file of the configuration, null for the defaults
   * @param announcesReload whether the supervisor is notified of a reload that begins; it passes
   *     that on to the unit that its own reload command has been passed on to already
   */
  public Service(@Nullable Path file, Configuration configuration, boolean announcesReload) {
    this.file = file;
    this.configuration = configuration;
    this.announcesReload = announcesReload;
  }

  @Nullable Path file() {
    return file;
  }

  /** The one in use. For any thread. */
  Configuration configuration() {
    return configuration;
  }

  /** Whether the newest file is the one in use. */
  boolean isConfigurationGood() {
    return configurationGood;
  }

  void hearSignals() {
    Signals.on("HUP", requests::reload);
    Signals.on("TERM", this::stop);
    Signals.on("INT", this::stop);
  }

  /**
   * Tells the supervisor that all is well.
   *
   * @param status for the first time since the start or a reload
   */
  void alive(String status) {
    if (!ready) {
      ready = true;
      systemd.ready();
      systemd.status(status);
    }
    systemd.watchdog();
  }

  /** How often the supervisor wants to hear from us at least; zero when it does not care. */
  Duration watchdogInterval() {
    return systemd.watchdogInterval();
  }

  /** Waits for a request, until a time at most, and takes it. */
  SignalRequests.Request await(long untilNanos) {
    SignalRequests.Request request = requests.await(untilNanos);
    if (request == SignalRequests.Request.STOP) {
      systemd.stopping();
    }
    return request;
  }

  /**
   * Reads the configuration anew; whether it is in use now.
   *
   * @param take puts it to use, or fails with a {@link CommandFailure} and leaves all as it was
   */
  boolean reload(Consumer<Configuration> take) {
    if (announcesReload) {
      systemd.reloading(SystemTime.TIME.nanos() / 1000);
    }
    try {
      Configuration next = Configuration.load(file);
      take.accept(next);
      configuration = next;
      configurationGood = true;
      ready = false;
      log.info("configuration reloaded");
      return true;
    } catch (ConfigurationProblem | CommandFailure e) {
      configurationGood = false;
      log.error("configuration not reloaded; the old one stays in use: {}", e.getMessage());
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
              SystemTime.TIME.pause(STOP_PATIENCE.toNanos());
              if (Thread.currentThread().isInterrupted()) {
                return;
              }
              // The main thread hangs in a read; what is on disk is whole at every moment.
              Runtime.getRuntime().halt(0);
            },
            "stop");
    patience.setDaemon(true);
    patience.start();
  }
}
