package io.leakwatch.export.http;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.SeriesSource;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Certificates;
import io.leakwatch.verdict.VerdictKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

class HttpEndpointTest {
  private static final String LARGE = "/page/leakwatch.css";
  private static final Incident INCIDENT =
      new Incident(
          "i-1",
          "curve-mds",
          "leak",
          Severity.CRITICAL,
          Views.NOON,
          null,
          new Incident.Evidence("curve-mds leaks", "topology::Lease", "{\"suspects\":[]}"));

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicBoolean ready = new AtomicBoolean(true);
  private final AtomicReference<Snapshot> current =
      new AtomicReference<>(
          new Snapshot(
              Views.NOON,
              List.of(
                  Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK),
                  Views.denied("a b/c"))));

  @Test
  void shouldServeMetricsInBothFormatsAndPacked() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      HttpResponse<String> text = get(endpoint, "/metrics");
      assertEquals(200, text.statusCode());
      assertTrue(header(text, "Content-Type").startsWith("text/plain; version=0.0.4"));
      assertTrue(text.body().contains("leakwatch_process_up{process=\"curve-mds\"} 1.0"));

      HttpResponse<String> open =
          get(endpoint, "/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
      assertTrue(header(open, "Content-Type").startsWith("application/openmetrics-text"));
      assertTrue(open.body().endsWith("# EOF\n"));

      HttpResponse<byte[]> packed =
          client.send(
              request(endpoint, "/metrics").header("Accept-Encoding", "gzip").build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertEquals("gzip", header(packed, "Content-Encoding"));
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
        assertTrue(
            new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("leakwatch_process_up"));
      }
    }
  }

  @Test
  void shouldTellTheLengthOfWhatItPacksAndWhatItDependsOn() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      for (String encoding : List.of("identity", "gzip;q=0, *", "gzip ; q=0.0", "xgzip")) {
        HttpResponse<String> plain = get(endpoint, LARGE, "Accept-Encoding", encoding);
        assertEquals("", header(plain, "Content-Encoding"), encoding);
        assertEquals("Accept-Encoding, Accept", header(plain, "Vary"));
        assertEquals(
            plain.body().getBytes(StandardCharsets.UTF_8).length,
            Integer.parseInt(header(plain, "Content-Length")));
      }
      for (String encoding : List.of("gzip", "br,GZIP;q=0.5", "deflate, gzip")) {
        HttpResponse<String> packed = get(endpoint, LARGE, "Accept-Encoding", encoding);
        assertEquals("gzip", header(packed, "Content-Encoding"), encoding);
        HttpResponse<String> head =
            client.send(
                request(endpoint, LARGE)
                    .header("Accept-Encoding", encoding)
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(header(packed, "Content-Length"), header(head, "Content-Length"));
        assertEquals("gzip", header(head, "Content-Encoding"));
      }
      HttpResponse<String> small = get(endpoint, "/-/healthy", "Accept-Encoding", "gzip");
      assertEquals("", header(small, "Content-Encoding") + header(small, "Vary"));
    }
  }

  @Test
  void shouldAnswerApiPageAndHealth() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      assertEquals(
          2,
          JsonParser.parseString(get(endpoint, "/api/v1/processes").body())
              .getAsJsonObject()
              .getAsJsonArray("processes")
              .size());
      assertTrue(get(endpoint, "/api/v1/processes/curve-mds").body().contains("4711"));
      assertTrue(get(endpoint, "/api/v1/processes/a%20b%2Fc").body().contains("CAP_SYS_PTRACE"));
      assertTrue(get(endpoint, "/api/v1/incidents").body().contains("\"i-1\""));
      assertTrue(get(endpoint, "/api/v1/incidents/i-1").body().contains("\"suspects\""));
      HttpResponse<String> page = get(endpoint, "/");
      assertTrue(page.body().contains("<title>leakwatch</title>"));
      assertTrue(header(page, "Content-Security-Policy").startsWith("default-src 'none'"));
      assertEquals(200, get(endpoint, "/-/healthy").statusCode());
      assertEquals(200, get(endpoint, "/-/ready").statusCode());
      ready.set(false);
      assertEquals(503, get(endpoint, "/-/ready").statusCode());
    }
  }

  @Test
  void shouldRefuseBadPathsAndMethods() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      for (String path :
          List.of(
              "/nothing",
              "/metrics/",
              "/api/v1/processes/none",
              "/api/v1/incidents/../../etc/passwd",
              "/api/v2/processes",
              "/" + "x".repeat(2_000))) {
        assertEquals(404, get(endpoint, path).statusCode(), path);
      }
      HttpResponse<String> post =
          client.send(
              request(endpoint, "/metrics")
                  .POST(HttpRequest.BodyPublishers.ofString("x".repeat(1_000)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(405, post.statusCode());
      assertEquals("GET, HEAD", header(post, "Allow"));
      HttpResponse<String> head =
          client.send(
              request(endpoint, "/metrics")
                  .method("HEAD", HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, head.statusCode());
      assertEquals("", head.body());
    }
  }

  @Test
  void shouldSurviveMalformedRequests() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      for (String request :
          List.of(
              "\r\n\r\n",
              "GET\r\n\r\n",
              "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET http://[::1 HTTP/1.1\r\n\r\n",
              "\u0016\u0003\u0001\u0002\u0000\u0001",
              "GET / HTTP/1.1\r\n" + manyHeaders(5_000) + "\r\n",
              "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
              "GET /metrics\u0000/../api HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /%00/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /api/v1/processes/%c0%af%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /api/v1/incidents/%2e%2e%2f%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /" + "a/".repeat(8_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /nothing HTTP/1.1\r\nHost: localhost\r\nB: " + "b".repeat(200_000) + "\r\n\r\n",
              "GET /nothing HTTP/9.9\r\nHost: localhost\r\n\r\n",
              "TRACE /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
              "GET /nothing HTTP/1.1\nHost: localhost\n\n",
              "GET /nothing\r\n",
              "POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) {
        String answer = send(endpoint, request);
        assertTrue(answer.isEmpty() || answer.matches("(?s)HTTP/1\\.1 4\\d\\d .*"), answer);
      }
      assertEquals(200, get(endpoint, "/metrics").statusCode());
    }
  }

  private static String manyHeaders(int count) {
    return IntStream.range(0, count).mapToObj(i -> "A" + i + ": b\r\n").collect(joining());
  }

  /** Two lengths, or a length and chunks: whatever is taken for the body is no second request. */
  @Test
  void shouldNotBeSmuggledARequest() throws Exception {
    String inner = "GET /api/v1/processes HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      for (String lengths :
          List.of(
              "Content-Length: " + inner.length() + "\r\nContent-Length: 0\r\n",
              "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
              "Content-Length: " + inner.length() + "\r\nTransfer-Encoding: xchunked\r\n")) {
        String answer =
            send(endpoint, "GET /nothing HTTP/1.1\r\nHost: x\r\n" + lengths + "\r\n" + inner);
        assertFalse(answer.contains("4711"), answer);
      }
    }
  }

  /** A page elsewhere lets a name of its own point at 127.0.0.1 and asks us under that name. */
  @Test
  void shouldRefusePageAndApiUnderAForeignName() throws Exception {
    try (HttpEndpoint endpoint = open(Path.of(""))) {
      String answer =
          send(endpoint, "GET /api/v1/processes HTTP/1.0\r\nHost: evil.example\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
      assertTrue(
          send(endpoint, "GET /metrics HTTP/1.0\r\nHost: evil.example\r\n\r\n")
              .startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void shouldAskForPasswordsAndTakeChangedOnes(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("web.yml");
    writeUsers(file, "first", 1);
    try (HttpEndpoint endpoint = open(file)) {
      HttpResponse<String> refused = get(endpoint, "/metrics");
      assertEquals(401, refused.statusCode());
      assertTrue(header(refused, "WWW-Authenticate").startsWith("Basic"));
      assertEquals(401, get(endpoint, "/metrics", basic("alice", "wrong")).statusCode());
      assertEquals(401, get(endpoint, "/metrics", basic("bob", "first")).statusCode());
      assertEquals(401, get(endpoint, "/", "Authorization", "Basic ***").statusCode());
      assertEquals(200, get(endpoint, "/metrics", basic("alice", "first")).statusCode());
      assertEquals(200, get(endpoint, "/metrics", basic("alice", "first")).statusCode());
      assertEquals(200, get(endpoint, "/", basic("alice", "first")).statusCode());

      writeUsers(file, "second", 2);
      assertEquals(401, get(endpoint, "/metrics", basic("alice", "first")).statusCode());
      assertEquals(200, get(endpoint, "/metrics", basic("alice", "second")).statusCode());

      Files.writeString(file, "basic_auth_userz: {}");
      Files.setLastModifiedTime(file, FileTime.fromMillis(3_000_000));
      assertEquals(401, get(endpoint, "/metrics").statusCode());
      assertTrue(endpoint.problem().contains("basic_auth_userz"), endpoint.problem());
    }
  }

  @Test
  void shouldRefuseAWrongWebConfigFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("web.yml");
    for (String wrong :
        List.of(
            "tls_server_config: {cert_file: a.pem}",
            "tls_server_config: {cert_file: a, key_file: b}",
            "basic_auth_users: {alice: secret}",
            "basic_auth_users: {alice: $2y$03$" + "a".repeat(53) + "}",
            "basic_auth_users: {alice: $2y$32$" + "a".repeat(53) + "}",
            "http_server_config: {http2: true}",
            "[1, 2]",
            "a: [",
            "&a [*a, *a]")) {
      Files.writeString(file, wrong);
      assertThrows(IOException.class, () -> open(file).close(), wrong);
    }
  }

  @Test
  void shouldServeTlsAndTakeAChangedCertificate(@TempDir Path directory) throws Exception {
    Certificates.make(directory, "one", 2);
    Path file = directory.resolve("web.yml");
    Files.writeString(
        file,
        "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  min_version: TLS13\n");
    try (HttpEndpoint endpoint = open(file)) {
      assertTrue(endpoint.isTls());
      assertEquals("CN=one", subject(endpoint));
      Certificates.make(directory, "two", 2);
      Files.setLastModifiedTime(directory.resolve("cert.pem"), FileTime.fromMillis(1_000_000));
      assertEquals("CN=two", subject(endpoint));
    }
  }

  /** 600 clients begin a request and never end it; a scrape beside them gets through. */
  @Test
  void shouldOutlastSlowClients() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (CTarget server = EndpointProgram.start("64")) {
      int port = Integer.parseInt(server.awaitLine("port ").substring(5));
      for (int i = 0; i < 600; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
        slow.add(socket);
      }
      assertEquals(200, awaitScrape(port));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private int awaitScrape(int port) throws InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < end) {
      try {
        HttpRequest request =
            HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
      } catch (IOException e) {
        Thread.sleep(200);
      }
    }
    return 0;
  }

  private HttpEndpoint open(Path webConfig) throws IOException {
    IncidentSource incidents =
        new IncidentSource() {
          @Override
          public List<Incident> newest() {
            return List.of(INCIDENT);
          }

          @Override
          public Optional<Incident> find(String id) {
            return newest().stream().filter(incident -> incident.id().equals(id)).findFirst();
          }
        };
    return HttpEndpoint.start(
        Defaults.export(webConfig, ""),
        new SnapshotAnswers(
            current::get,
            new Metrics(current::get, "test", Path.of("/proc")),
            new Api.Sources(incidents, SeriesSource.NONE),
            ready::get));
  }

  private static void writeUsers(Path file, String password, int version) throws IOException {
    String hash = BCrypt.hashpw(password, "$2y$04$abcdefghijklmnopqrstuu");
    Files.writeString(file, "basic_auth_users:\n  alice: " + hash + "\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(version * 1_000_000L));
  }

  private static String subject(HttpEndpoint endpoint) throws Exception {
    AtomicReference<String> subject = new AtomicReference<>("");
    X509TrustManager any =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {
            subject.set(chain[0].getSubjectX500Principal().getName());
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, new TrustManager[] {any}, new SecureRandom());
    try (Socket socket = context.getSocketFactory().createSocket("127.0.0.1", endpoint.port())) {
      socket
          .getOutputStream()
          .write("GET /-/healthy HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals('H', socket.getInputStream().read());
    }
    return subject.get();
  }

  private static String send(HttpEndpoint endpoint, String raw) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(raw.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (SocketException e) {
      return "";
    }
  }

  private static HttpRequest.Builder request(HttpEndpoint endpoint, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
  }

  private HttpResponse<String> get(HttpEndpoint endpoint, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = request(endpoint, path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String[] basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new String[] {"Authorization", "Basic " + Base64.getEncoder().encodeToString(pair)};
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
