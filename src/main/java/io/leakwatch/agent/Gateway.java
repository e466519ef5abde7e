package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetSettings;
import io.leakwatch.gateway.AllowedCalls;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.gateway.OutboundHandler;
import io.leakwatch.gateway.RemoteAnswers;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The process between the agent and the network. Whoever takes it over can read no memory; whoever
 * takes over the agent can send nothing but to the addresses that this process' own configuration
 * names.
 */
public final class Gateway {
  private static final Path PROC = Path.of("/proc");
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);
  private static final int SIGNS_PER_INTERVAL = 3;

  private final Service service;
  private volatile AllowedCalls permits;

  public Gateway(Service service) {
    this.service = service;
    this.permits = permits(service.configuration());
  }

  private static AllowedCalls permits(Configuration configuration) {
    return new AllowedCalls(
        configuration.alert(),
        configuration.load(),
        configuration.targets().stream()
            .map(TargetSettings::load)
            .flatMap(Optional::stream)
            .toList());
  }

  /** Runs until it is told to stop; returns the exit status. */
  public int run() {
    service.hearSignals();
    Configuration configuration = service.configuration();
    GatewaySettings settings = configuration.gateway();
    OutboundHandler handler =
        new OutboundHandler(settings, new DirectOutbound(PROC), () -> permits);
    try (UnixListener listener = UnixListener.open(settings, settings.outletSocket(), handler);
        HttpPort port = HttpPort.open(configuration.export(), new RemoteAnswers(settings))) {
      while (true) {
        service.alive("serving");
        switch (service.await(SystemTime.TIME.nanos() + pace().toNanos())) {
          case STOP -> {
            return 0;
          }
          case RELOAD -> service.reload(next -> take(next, listener, port));
          case NONE -> {}
        }
      }
    }
  }

  private Duration pace() {
    Duration third = service.watchdogInterval().dividedBy(SIGNS_PER_INTERVAL);
    return third.isZero() || third.compareTo(SIGN_OF_LIFE) > 0 ? SIGN_OF_LIFE : third;
  }

  private void take(Configuration next, UnixListener listener, HttpPort port) {
    listener.refuseChange(next.gateway());
    port.move(next.export());
    permits = permits(next);
  }
}
