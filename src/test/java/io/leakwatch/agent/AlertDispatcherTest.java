package io.leakwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.sun.net.httpserver.HttpServer;
import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.HttpPost;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** The thread that tells of alerts, with real addresses that accept and refuse. */
@Timeout(60)
class AlertDispatcherTest {
  private final LatestSnapshot current = new LatestSnapshot();
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(AlertDispatcher.class);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    appender.start();
    logger.addAppender(appender);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext("/good", exchange -> exchange.sendResponseHeaders(200, -1));
    server.createContext("/bad", exchange -> exchange.sendResponseHeaders(500, -1));
    server.start();
  }

  @AfterEach
  void close() {
    logger.detachAppender(appender);
    server.stop(0);
  }

  private AlertDispatcher alerting(String... webhooks) {
    List<URI> addresses = List.of(webhooks).stream().map(path -> at(path)).toList();
    AlertSettings settings = Defaults.alert(List.of(), addresses, "backoff-limit = 1ms");
    return new AlertDispatcher(
        settings,
        HttpPost::send,
        current,
        new FiringAlerts(
            AlertDispatcher.labels(settings), "http://n:9870", Duration.ZERO, SystemTime.TIME),
        Duration.ofMillis(5),
        SystemTime.TIME,
        SystemThreads.WORKERS);
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void fire(int processes) {
    current.set(
        new Snapshot(
            Views.NOON,
            IntStream.range(0, processes)
                .mapToObj(i -> Views.leaking("p-" + i, Severity.WARNING, VerdictKind.LEAK))
                .toList()));
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static long failed(AlertDispatcher alerting) {
    return alerting.counts().stream().mapToLong(AgentView.SinkCount::failed).sum();
  }

  @Test
  void eventsThatAreDroppedShouldBeCountedAndSaidOnce() {
    try (AlertDispatcher alerting = alerting("/bad")) {
      assertEquals(Map.of("alerts", 0L, "webhook_events", 0L), alerting.dropped());
      fire(300);
      await(() -> alerting.dropped().get("webhook_events") == 44);
      fire(310);
      await(() -> alerting.dropped().get("webhook_events") == 54);
    }
    assertEquals(
        1,
        lines.stream()
            .filter(
                ("webhook http://127.0.0.1:%d: 256 events are queued for it; the oldest are dropped"
                        .formatted(server.getAddress().getPort()))
                    ::equals)
            .count(),
        lines::toString);
  }

  /** They look alike, for a path may be secret; what one does is no news of the other. */
  @Test
  void twoAddressesOfOneHostShouldBeToldApart() {
    try (AlertDispatcher alerting = alerting("/good", "/bad")) {
      for (int i = 1; i <= 5; i++) {
        long before = failed(alerting);
        fire(i);
        await(() -> failed(alerting) > before + 2);
      }
    }
    String bad = "webhook http://127.0.0.1:%d (2) ".formatted(server.getAddress().getPort());
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.element().startsWith(bad + "does not accept alerts: status 500"));
  }
}
