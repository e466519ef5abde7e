package io.leakwatch.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SinkTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final LinkedBlockingQueue<String> bodies = new LinkedBlockingQueue<>();
  private final AtomicInteger status = new AtomicInteger(200);
  private HttpServer server;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext("/", this::receive);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      bodies.add(exchange.getRequestURI().getPath() + " " + body);
      exchange.sendResponseHeaders(status.get(), 0);
      try (OutputStream out = exchange.getResponseBody()) {
        byte[] flood = new byte[1 << 16];
        for (int i = 0; status.get() >= 400 && i < 512; i++) {
          out.write(flood);
        }
      } catch (IOException e) {
        assertTrue(status.get() >= 400, "only the flood may be cut off");
      }
    }
  }

  @Test
  void storyShouldFitOnOneLine() {
    String summary = alert(VerdictKind.LEAK, Severity.CRITICAL).summary();
    assertEquals(
        "curve-mds (pid 4711) leaks memory: +2.8 GiB/day, most of it in arena (+2.7 GiB/day of"
            + " +2.8, arenas 12 → 33), now 4.2 GiB, since 2026-02-27 12:00 UTC; reaches memory.max in"
            + " 25 h; next: leakwatch inspect curve-mds",
        summary);
  }

  @Test
  void mostShouldBeSaidOfAKindThatHasHalfOfTheGrowthOnly() {
    Map<Signal, Double> spread =
        Map.of(
            Signal.ARENA_BYTES, 15_000.0,
            Signal.ANONYMOUS_BYTES, 12_000.0,
            Signal.BRK_HEAP_BYTES, 4_000.0,
            Signal.THREAD_STACK_BYTES, 3_600.0);
    assertTrue(
        summary(spread)
            .contains(
                "leaks memory: +2.8 GiB/day, in arena (+1.2 GiB/day, arenas 12 → 33), anonymous"
                    + " (+989 MiB/day), brk_heap (+330 MiB/day), now 4.2 GiB"),
        () -> summary(spread));
    assertTrue(
        summary(Map.of(Signal.BRK_HEAP_BYTES, 20_000.0, Signal.ARENA_BYTES, 10_000.0))
            .contains("+2.8 GiB/day, most of it in brk_heap (+1.6 GiB/day of +2.8), now 4.2 GiB"));
  }

  /** Files and shared memory are no part of the working set, and a hundredth explains nothing. */
  @Test
  void noKindShouldBeNamedWhereNoneIsKnownToGrowWithIt() {
    for (Map<Signal, Double> none :
        List.<Map<Signal, Double>>of(
            Map.of(),
            Map.of(Signal.ARENA_BYTES, 300.0, Signal.BRK_HEAP_BYTES, -20_000.0),
            Map.of(Signal.SHARED_MEMORY_BYTES, 34_000.0))) {
      assertTrue(summary(none).contains("+2.8 GiB/day, now 4.2 GiB"), () -> summary(none));
    }
  }

  private static String summary(Map<Signal, Double> growth) {
    return alert(VerdictKind.LEAK, Severity.WARNING, "", growth).summary();
  }

  @Test
  void everySinkShouldGetTheUrlOfTheVerdictsPage() {
    new AlertmanagerSink(settings(), HttpPost::send)
        .update(List.of(alert(VerdictKind.HELD, Severity.WARNING)), NOON);
    new WebhookSink(settings(), HttpPost::send)
        .update(List.of(alert(VerdictKind.LEAK, Severity.WARNING)), NOON);
    String pushed = bodies.poll();
    assertTrue(pushed.contains("\"runbook_url\":\"https://n1:9870/runbook/held\""), pushed);
    String event = bodies.poll();
    assertTrue(event.contains("\"runbook_url\":\"https://n1:9870/runbook/leak\""), event);
  }

  @Test
  void whatGrowsShouldBeToldAsSoonAsItIsKnown() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    sink.update(List.of(alert(VerdictKind.LEAK, Severity.WARNING)), NOON);
    Alert known = alert(VerdictKind.LEAK, Severity.WARNING, "topology::Lease, +9 × 272 B");
    assertEquals(1, sink.update(List.of(known), NOON.plusSeconds(1)).size());
    assertEquals(List.of(), sink.update(List.of(known), NOON.plusSeconds(2)));
    bodies.poll();
    String second = bodies.poll();
    assertTrue(second.contains("\"suspect\":\"topology::Lease, +9 × 272 B\""), second);
    assertTrue(second.contains("\"incident\":\"i-1\""), second);
    assertTrue(
        known.summary().contains("; suspect: topology::Lease, +9 × 272 B; "), known.summary());
  }

  @Test
  void alertmanagerShouldBeToldOnceThenBeforeExpiryThenOfTheEnd() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    List<Alert> firing = List.of(alert(VerdictKind.LEAK, Severity.CRITICAL));
    assertEquals(1, sink.update(firing, NOON).size());
    assertEquals(List.of(), sink.update(firing, NOON.plusSeconds(59)));
    assertEquals(1, sink.update(firing, NOON.plusSeconds(60)).size());
    assertEquals(1, sink.update(List.of(), NOON.plusSeconds(61)).size());
    assertEquals(List.of(), sink.update(List.of(), NOON.plusSeconds(600)));
    String first = bodies.poll();
    assertTrue(first.startsWith("/api/v2/alerts ["), first);
    assertTrue(first.contains("\"endsAt\":\"2026-03-01T12:04:00Z\""), first);
    assertTrue(bodies.poll().contains("\"endsAt\":\"2026-03-01T12:05:00Z\""));
    assertTrue(bodies.poll().contains("\"endsAt\":\"2026-03-01T12:01:01Z\""));
  }

  @Test
  void changedVerdictShouldEndTheOldAlertInTheSameBreath() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    sink.update(List.of(alert(VerdictKind.GROWING, Severity.WARNING)), NOON);
    sink.update(List.of(alert(VerdictKind.LEAK, Severity.WARNING)), NOON.plusSeconds(1));
    bodies.poll();
    String second = bodies.poll().substring("/api/v2/alerts ".length());
    assertEquals(2, JsonParser.parseString(second).getAsJsonArray().size());
  }

  @Test
  void failuresShouldBeRetriedWithGrowingPauses() {
    status.set(500);
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    List<Alert> firing = List.of(alert(VerdictKind.LEAK, Severity.WARNING));
    assertInstanceOf(Delivery.Failed.class, sink.update(firing, NOON).get(0));
    assertEquals(List.of(), sink.update(firing, NOON.plusMillis(900)));
    assertInstanceOf(Delivery.Failed.class, sink.update(firing, NOON.plusSeconds(1)).get(0));
    assertEquals(List.of(), sink.update(firing, NOON.plusSeconds(2)));
    status.set(200);
    assertInstanceOf(Delivery.Accepted.class, sink.update(firing, NOON.plusSeconds(3)).get(0));
  }

  @Test
  void endShouldBeOfferedAgainToAnAddressThatFailed() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    sink.update(List.of(alert(VerdictKind.LEAK, Severity.WARNING)), NOON);
    status.set(503);
    sink.update(List.of(), NOON.plusSeconds(1));
    status.set(200);
    assertInstanceOf(Delivery.Accepted.class, sink.update(List.of(), NOON.plusSeconds(10)).get(0));
    assertEquals(List.of(), sink.update(List.of(), NOON.plusSeconds(20)));
  }

  @Test
  void addressThatNeverAnswersShouldCostNoMoreThanTheTimeout() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      AlertSettings settings =
          settings(List.of(URI.create("http://127.0.0.1:" + mute.getLocalPort())), List.of());
      AlertmanagerSink sink = new AlertmanagerSink(settings, HttpPost::send);
      List<Delivery> outcome =
          sink.update(List.of(alert(VerdictKind.LEAK, Severity.WARNING)), NOON);
      assertEquals(
          "no whole answer within 500 ms",
          assertInstanceOf(Delivery.Failed.class, outcome.get(0)).reason());
    }
  }

  @Test
  void webhookShouldBeToldOfBeginAndEndInOrderDespiteFailures() {
    WebhookSink sink = new WebhookSink(settings(), HttpPost::send);
    status.set(502);
    List<Alert> firing = List.of(alert(VerdictKind.LEAK, Severity.CRITICAL));
    assertInstanceOf(Delivery.Failed.class, sink.update(firing, NOON).get(0));
    bodies.clear();
    status.set(200);
    assertInstanceOf(Delivery.Accepted.class, sink.update(List.of(), NOON.plusSeconds(5)).get(0));
    assertTrue(bodies.poll().contains("\"status\":\"firing\""));
    assertTrue(bodies.poll().contains("\"status\":\"resolved\""));
    assertEquals(List.of(), sink.update(List.of(), NOON.plusSeconds(6)));
  }

  @Test
  void webhookShouldCountWhatItDropsAndSaySoOnce() {
    WebhookSink sink = new WebhookSink(settings(), HttpPost::send);
    status.set(502);
    assertEquals(List.of(), dropped(sink.update(many(0, 256), NOON)));
    List<Delivery.Dropped> first = dropped(sink.update(many(0, 260), NOON.plusMillis(1)));
    assertEquals(4, first.get(0).alerts());
    assertTrue(first.get(0).begins());
    List<Delivery.Dropped> second = dropped(sink.update(many(0, 261), NOON.plusMillis(2)));
    assertEquals(1, second.get(0).alerts());
    assertFalse(second.get(0).begins(), "said once");
    status.set(200);
    for (int i = 0; i < 16; i++) { // 16 events at once
      assertEquals(List.of(), dropped(sink.update(many(0, 261), NOON.plusSeconds(10 + i))));
    }
    bodies.clear();
    status.set(502);
    assertTrue(dropped(sink.update(List.of(), NOON.plusSeconds(90))).get(0).begins());
    assertEquals(1, bodies.size());
    assertTrue(bodies.remove().contains("\"process\":\"p-5\""), "the oldest ones were dropped");
  }

  @Test
  void alertmanagerShouldCountEachAlertBeyondTheBoundOnce() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    List<Delivery.Dropped> first = dropped(sink.update(many(0, 1003), NOON));
    assertEquals(1, first.size());
    assertEquals(3, first.get(0).alerts());
    assertTrue(first.get(0).begins());
    assertEquals(List.of(), dropped(sink.update(many(0, 1003), NOON.plusSeconds(1))));
    List<Delivery.Dropped> second = dropped(sink.update(many(0, 1005), NOON.plusSeconds(2)));
    assertEquals(2, second.get(0).alerts());
    assertFalse(second.get(0).begins(), "said once");
    assertEquals(List.of(), dropped(sink.update(many(0, 1000), NOON.plusSeconds(3))));
    assertTrue(dropped(sink.update(many(0, 1001), NOON.plusSeconds(4))).get(0).begins());
  }

  @Test
  void alertmanagerShouldBeToldOfAThousandInBoundedPieces() {
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    for (int i = 0; i < 5; i++) {
      assertEquals(
          List.of(new Delivery.Accepted(shown(), 200)),
          sink.update(many(0, 1000), NOON.plusSeconds(i)));
    }
    assertEquals(List.of(), sink.update(many(0, 1000), NOON.plusSeconds(5)));
  }

  @Test
  void endsThatCannotBeToldShouldBeBoundedAndCounted() {
    status.set(503);
    AlertmanagerSink sink = new AlertmanagerSink(settings(), HttpPost::send);
    sink.update(many(0, 800), NOON);
    assertEquals(List.of(), dropped(sink.update(many(800, 1600), NOON.plusMillis(1))));
    List<Delivery.Dropped> many = dropped(sink.update(List.of(), NOON.plusMillis(2)));
    assertEquals(600, many.get(0).alerts());
    assertTrue(many.get(0).begins());
    List<Delivery.Dropped> late = dropped(sink.update(List.of(), NOON.plusSeconds(901)));
    assertEquals(1000, late.get(0).alerts());
    assertFalse(late.get(0).begins(), "said once");
  }

  private static List<Delivery.Dropped> dropped(List<Delivery> outcomes) {
    return outcomes.stream()
        .filter(Delivery.Dropped.class::isInstance)
        .map(Delivery.Dropped.class::cast)
        .toList();
  }

  private static List<Alert> many(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new Alert(Map.of("process", "p-" + i), Map.of(), NOON))
        .toList();
  }

  private String shown() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void journalShouldGetOneLineForBeginAndEnd() {
    JournalSink sink = new JournalSink();
    List<Alert> firing = List.of(alert(VerdictKind.LEAK, Severity.CRITICAL));
    assertEquals(Severity.CRITICAL, sink.update(firing).get(0).severity());
    assertEquals(List.of(), sink.update(firing));
    assertEquals("resolved: curve-mds (was leak)", sink.update(List.of()).get(0).text());
  }

  private static Alert alert(VerdictKind kind, Severity severity) {
    return alert(kind, severity, "");
  }

  private static Alert alert(VerdictKind kind, Severity severity, String suspect) {
    return alert(
        kind,
        severity,
        suspect,
        Map.of(Signal.ARENA_BYTES, 33_680.0, Signal.BRK_HEAP_BYTES, 1_042.0));
  }

  private static Alert alert(
      VerdictKind kind, Severity severity, String suspect, Map<Signal, Double> growth) {
    Verdict verdict =
        new Verdict(
            kind,
            0.9,
            List.of("in use grows"),
            new Verdict.Growth(34_722, 400, growth, NOON.getEpochSecond() - 172_800, 4),
            new Verdict.Forecast(
                Double.NaN, List.of(new Verdict.Exhaustion("memory.max", 8e9, 90_000))),
            List.of());
    return Alert.of(
        new AlertFacts(
            "curve-mds",
            4711,
            verdict,
            severity,
            NOON,
            new AlertFacts.Memory(4_300L << 20, 12, 33),
            new AlertFacts.Evidence(suspect, suspect.isEmpty() ? "" : "i-1")),
        Map.of("instance", "n1"),
        "https://n1:9870");
  }

  private AlertSettings settings() {
    URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return settings(List.of(base), List.of(base.resolve("/hook")));
  }

  private static AlertSettings settings(List<URI> alertmanagers, List<URI> webhooks) {
    return Defaults.alert(alertmanagers, webhooks, "timeout = 500ms");
  }
}
