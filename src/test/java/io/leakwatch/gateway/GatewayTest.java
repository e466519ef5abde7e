package io.leakwatch.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.leakwatch.alert.AlertSettings;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.ExportSettings;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.load.LoadSettings;
import io.leakwatch.load.MemorySeries;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides of both sockets, each with somebody real and with somebody wrong on the other. */
class GatewayTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration AMPLE = Duration.ofSeconds(20);
  private static final Outbound OWN = new DirectOutbound(Path.of("/proc"));

  @TempDir private Path directory;

  private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private HttpServer sink;

  @BeforeEach
  void listen() throws IOException {
    sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    sink.createContext("/", this::receive);
    sink.start();
  }

  @AfterEach
  void close() throws Exception {
    sink.stop(0);
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI()
              + " "
              + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      byte[] answer = "a metric 1\n".repeat(20_000).getBytes(UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + sink.getAddress().getPort() + path);
  }

  private GatewaySettings settings(Duration timeout) {
    return Defaults.gateway(
        directory,
        "max-connections = 4, timeout = %dms, answer-bytes-max = 1 MiB"
            .formatted(timeout.toMillis()));
  }

  /** Serves every connection to a socket, one after the other. */
  private void open(Path socket, ConnectionHandler door) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    open.add(server);
    Thread thread =
        new Thread(
            () -> {
              while (server.isOpen()) {
                try (SocketChannel caller = server.accept()) {
                  door.serve(caller);
                } catch (IOException e) {
                  continue; // The caller has had enough, or the test is over.
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private Outbound outlet(AlertSettings alert, LoadSettings... endpoints) throws IOException {
    GatewaySettings settings = settings(AMPLE);
    AllowedCalls permits = new AllowedCalls(alert, Defaults.LOAD, List.of(endpoints));
    open(settings.outletSocket(), new OutboundHandler(settings, OWN, () -> permits));
    return new GatewayOutbound(settings);
  }

  private AlertSettings alert(List<URI> alertmanagers, List<URI> webhooks) {
    return Defaults.alert(alertmanagers, webhooks, "");
  }

  private static Response ask(RemoteAnswers answers, String path) throws IOException {
    Response[] taken = new Response[1];
    answers.answer(new Request(path, "", "text/plain"), response -> taken[0] = response);
    return taken[0];
  }

  private static byte[] plain(Response response) throws IOException {
    try (InputStream in = response.body().plain()) {
      return in.readAllBytes();
    }
  }

  @Test
  void answerShouldComeOverTheSocketAsItWasGiven() throws IOException {
    GatewaySettings settings = settings(AMPLE);
    byte[] body = "ünder 🙂 ".repeat(50_000).getBytes(UTF_8);
    open(
        settings.agentSocket(),
        new AnswerHandler(
            settings,
            (request, to) ->
                to.accept(
                    new Response(
                        request.path().equals("/a b") && request.accept().equals("text/plain")
                            ? 203
                            : 404,
                        "text/x",
                        Body.of(body),
                        Map.of("X-One", "1", "X-Two", "2")))));
    RemoteAnswers answers = new RemoteAnswers(settings);
    for (int i = 0; i < 20; i++) { // More in all than may be held at once.
      Response response = ask(answers, "/a b");
      assertEquals(203, response.status());
      assertEquals("text/x", response.contentType());
      assertEquals(Map.of("X-One", "1", "X-Two", "2"), response.headers());
      assertArrayEquals(body, plain(response));
    }
  }

  @Test
  void answersThatAreHeldShouldBeBoundedInAll() throws IOException {
    GatewaySettings settings = settings(AMPLE);
    Response large = new Response(200, "text/x", Body.of(new byte[600_000]), Map.of());
    open(settings.agentSocket(), new AnswerHandler(settings, (request, to) -> to.accept(large)));
    RemoteAnswers answers = new RemoteAnswers(settings);
    List<Integer> seen = new ArrayList<>();
    answers.answer(
        Request.of("/"),
        first -> {
          seen.add(first.status());
          seen.add(ask(answers, "/").status());
        });
    seen.add(ask(answers, "/").status());
    assertEquals(List.of(200, 503, 200), seen);
  }

  /**
   * 5 MB of JSON through a gateway that may hold 4 MiB, packed for one client and not for another.
   */
  @Test
  void allProcessesOfALargeNodeShouldPassTheUsualBound() throws Exception {
    GatewaySettings settings =
        Defaults.gateway(directory, "timeout = %dms".formatted(AMPLE.toMillis()));
    Snapshot snapshot = Views.many(256);
    open(
        settings.agentSocket(),
        new AnswerHandler(
            settings,
            new SnapshotAnswers(
                () -> snapshot,
                new Metrics(() -> snapshot, "test", Path.of("/proc")),
                Api.Sources.NONE,
                () -> true)));
    ExportSettings port =
        Defaults.export(
            Path.of(""),
            "max-connections = 8, request-timeout = %1$dms, idle-timeout = %1$dms"
                .formatted(AMPLE.toMillis()));
    try (HttpEndpoint gateway = HttpEndpoint.start(port, new RemoteAnswers(settings))) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/processes"));
      HttpClient client = HttpClient.newHttpClient();
      HttpResponse<byte[]> plain =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      assertEquals(200, plain.statusCode(), () -> new String(plain.body(), UTF_8));
      assertTrue(plain.body().length > 5_000_000);
      HttpResponse<byte[]> packed =
          client.send(
              request.header("Accept-Encoding", "gzip").build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertEquals("gzip", packed.headers().firstValue("Content-Encoding").orElse(""));
      assertTrue(packed.body().length < 1 << 20);
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
        assertArrayEquals(plain.body(), in.readAllBytes());
      }
      assertEquals(
          256,
          JsonParser.parseString(new String(plain.body(), UTF_8))
              .getAsJsonObject()
              .getAsJsonArray("processes")
              .size());
    }
  }

  /** Whoever answers in the agent's place packs more than it says. */
  @Test
  void packedAnswerShouldEndWhereItIsLongerThanItSays() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
      out.write(new byte[10_000_000]);
    }
    GatewaySettings settings = settings(AMPLE);
    open(
        settings.agentSocket(),
        caller -> {
          try (FrameChannel wire = new FrameChannel(caller, AMPLE)) {
            wire.text(); // Who closes a socket with something unread in it resets it.
            wire.text();
            wire.put(200);
            wire.put("text/x");
            wire.put(0);
            wire.put(1);
            wire.put(1000);
            wire.put(bomb.toByteArray(), 0, bomb.size());
            wire.flush();
          }
        });
    Response response = ask(new RemoteAnswers(settings), "/");
    assertEquals(
        "an answer is longer than announced",
        assertThrows(IOException.class, () -> plain(response)).getMessage());
  }

  @Test
  void agentThatIsAwayOrHangsShouldBe503InTime() throws IOException {
    GatewaySettings settings = settings(SHORT);
    RemoteAnswers answers = new RemoteAnswers(settings);
    Response away = ask(answers, "/metrics");
    assertEquals(503, away.status());
    String line = new String(plain(away), UTF_8);
    assertTrue(line.startsWith("leakwatch's agent does not answer: "), line);
    assertEquals(1, line.lines().count());

    open(settings.agentSocket(), caller -> caller.read(ByteBuffer.allocate(1 << 20)));
    assertEquals(503, ask(answers, "/metrics").status());
    Files.delete(settings.agentSocket());

    open(settings.agentSocket(), GatewayTest::readToTheEnd);
    long began = System.nanoTime();
    Response late = ask(answers, "/metrics");
    assertTrue(System.nanoTime() - began < AMPLE.toNanos());
    assertEquals(503, late.status());
    assertTrue(new String(plain(late), UTF_8).contains("within 500 ms"));
  }

  /** A process that is stopped takes no calls, and soon no more of them can wait. */
  @Test
  void callsThatNobodyTakesShouldBe503InTime() throws IOException {
    GatewaySettings settings = settings(SHORT);
    RemoteAnswers answers = new RemoteAnswers(settings);
    try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      deaf.bind(UnixDomainSocketAddress.of(settings.agentSocket()), 1);
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Response response = ask(answers, "/metrics");
        assertEquals(503, response.status());
        lines.add(new String(plain(response), UTF_8));
      }
      assertTrue(lines.get(0).contains("within 500 ms"), lines::toString);
      assertFalse(lines.get(3).contains("within"), "at once: " + lines);
    }
  }

  /** Takes all and says nothing until the other side hangs up. */
  private static void readToTheEnd(SocketChannel caller) throws IOException {
    int count = 0;
    while (count >= 0) {
      count = caller.read(ByteBuffer.allocate(1 << 20));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 2 << 20})
  void lengthThatCannotBeShouldBe503(long length) throws IOException {
    for (boolean packed : new boolean[] {true, false}) {
      if (!packed || length < 0 || length > 1 << 30) {
        assertEquals(503, statusOfLength(length, packed));
      }
    }
  }

  private int statusOfLength(long length, boolean packed) throws IOException {
    GatewaySettings settings = settings(AMPLE);
    Files.deleteIfExists(settings.agentSocket());
    open(
        settings.agentSocket(),
        caller -> {
          FrameChannel wire = new FrameChannel(caller, AMPLE);
          wire.text();
          wire.text();
          wire.put(200);
          wire.put("text/x");
          wire.put(0);
          wire.put(packed ? 1 : 0);
          wire.put(length);
          wire.put(packed ? 10 : length);
          wire.flush();
          wire.close();
        });
    return ask(new RemoteAnswers(settings), "/").status();
  }

  @Test
  void noiseShouldEndAConversationAndNothingElse() throws IOException {
    GatewaySettings settings = settings(SHORT);
    AlertSettings nobody = alert(List.of(), List.of());
    AllowedCalls permits = new AllowedCalls(nobody, Defaults.LOAD, List.of());
    open(settings.outletSocket(), new OutboundHandler(settings, OWN, () -> permits));
    for (byte[] noise :
        List.of(
            new byte[0],
            new byte[] {1},
            new byte[8],
            "GET / HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1),
            ByteBuffer.allocate(16).putLong(Long.MAX_VALUE).putLong(1).array(),
            ByteBuffer.allocate(11).putLong(3).put("get".getBytes(ISO_8859_1)).array())) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(settings.outletSocket()));
        channel.write(ByteBuffer.wrap(noise));
        channel.shutdownOutput();
        assertEquals(-1, channel.read(ByteBuffer.allocate(1)), () -> new String(noise, ISO_8859_1));
      }
    }
    assertEquals(OWN.network(), new GatewayOutbound(settings).network());
  }

  @Test
  void alertShouldGoToConfiguredAddressesAlone() throws IOException {
    Outbound outlet = outlet(alert(List.of(at("/am/")), List.of(at("/hook?key=1"))));
    assertEquals(Optional.empty(), outlet.send(at("/hook?key=1"), "{\"a\":\"ü\"}", AMPLE));
    assertEquals("POST /hook?key=1 {\"a\":\"ü\"}", asked.poll());
    assertEquals(Optional.empty(), outlet.send(at("/am/api/v2/alerts"), "[]", AMPLE));
    assertEquals("POST /am/api/v2/alerts []", asked.poll());
    for (URI elsewhere :
        List.of(
            at("/am/"),
            at("/hook"),
            at("/hook?key=12"),
            at("/hook?key=1#f"),
            at("/am/api/v2/alerts/../silences"),
            URI.create("http://127.0.0.1:" + sink.getAddress().getPort() + "/"),
            URI.create(at("/hook?key=1").toString().replace("127.0.0.1", "user@127.0.0.1")),
            URI.create("ftp://example.com/"))) {
      String refusal = outlet.send(elsewhere, "stolen", AMPLE).orElseThrow();
      assertTrue(refusal.contains("no alert endpoint"), refusal);
    }
    assertEquals(null, asked.poll(), "nobody was called");
  }

  @Test
  void loadShouldBeAskedForWhereTheConfigurationNamesItOrAtThisNode() throws IOException {
    String port = Integer.toString(sink.getAddress().getPort());
    LoadSettings named =
        new LoadSettings(Optional.of("http://localhost:${port}/stats?x=${what}"), List.of());
    Outbound outlet = outlet(alert(List.of(), List.of()), named);
    URI given = URI.create("http://localhost:" + port + "/stats?x=load");
    for (URI address :
        List.of(
            given,
            URI.create("http://localhost:" + port + MemorySeries.PATH),
            at(MemorySeries.UPTIME_PATH),
            at("/metrics"),
            at("/vars?console=1"))) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      Optional<String> problem =
          outlet.get(
              address,
              AMPLE,
              1 << 20,
              (bytes, from, to) -> {
                body.write(bytes, from, to - from);
                return true;
              });
      assertEquals(Optional.empty(), problem);
      assertEquals("a metric 1\n".repeat(20_000), body.toString(UTF_8));
      assertTrue(asked.remove().startsWith("GET " + address.getRawPath()));
    }
    for (String elsewhere :
        List.of(
            at("/stolen").toString(),
            at("/metrics?stolen").toString(),
            at("/metrics#stolen").toString(),
            at("/metrics/").toString(),
            at(MemorySeries.PATH + "&stolen").toString(),
            at("/vars/stolen?series").toString(),
            at("/stolen" + MemorySeries.PATH).toString(),
            "http://localhost:" + port + "/stolen" + MemorySeries.PATH,
            "http://a@localhost:" + port + MemorySeries.PATH,
            "http://192.0.2.1:" + port + MemorySeries.PATH,
            "http://localhost:" + port + "/metrics",
            "http://localhost:" + port + "/stats?x=a/b",
            "http://localhost:" + port + "/stats?x=%61",
            "http://localhost:" + port + "/stats?x=" + "s".repeat(65),
            "http://a@127.0.0.1:" + port + "/metrics",
            "http://2130706433:" + port + "/metrics",
            "http://0.0.0.0:" + port + "/metrics",
            "http://192.0.2.1:" + port + "/metrics",
            "http://[2001:db8::1]:" + port + "/metrics",
            "https://127.0.0.1:" + port + "/metrics",
            "file:///etc/passwd",
            "about:blank")) {
      String refusal =
          outlet
              .get(URI.create(elsewhere), AMPLE, 1 << 20, (bytes, from, to) -> true)
              .orElse("it was asked: " + elsewhere);
      assertTrue(refusal.contains("no load endpoint"), refusal);
    }
    assertEquals(null, asked.poll(), "nobody was called");
  }

  @Test
  void bodyShouldEndWhereTheAgentHasEnoughAndWhereItIsTooLong() throws IOException {
    Outbound outlet = outlet(alert(List.of(), List.of()));
    List<Integer> pieces = new ArrayList<>();
    Optional<String> enough =
        outlet.get(at("/metrics"), AMPLE, 1 << 20, (bytes, from, to) -> !pieces.add(to - from));
    assertEquals(Optional.empty(), enough);
    assertEquals(1, pieces.size());
    Optional<String> long_ = outlet.get(at("/metrics"), AMPLE, 1000, (bytes, from, to) -> true);
    assertEquals(Optional.of("its answer is longer than 1000 B"), long_);
  }

  @Test
  void gatewayThatIsAwayOrHangsShouldBeAProblemInTime() throws IOException {
    GatewaySettings settings = settings(SHORT);
    Outbound outlet = new GatewayOutbound(settings);
    String away = outlet.send(at("/"), "{}", SHORT).orElseThrow();
    assertTrue(away.startsWith("the gateway does not answer: "), away);
    assertFalse(outlet.network().problem().isEmpty());
    open(settings.outletSocket(), GatewayTest::readToTheEnd);
    long began = System.nanoTime();
    assertEquals(
        "the gateway does not answer in time", outlet.send(at("/"), "{}", SHORT).orElseThrow());
    assertEquals(
        "the gateway does not answer in time",
        outlet.get(at("/"), SHORT, 1000, (bytes, from, to) -> true).orElseThrow());
    assertTrue(System.nanoTime() - began < AMPLE.toNanos());
  }
}
