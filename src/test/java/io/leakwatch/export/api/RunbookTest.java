package io.leakwatch.export.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.export.ExportSettings;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.AgentUrl;
import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.gateway.AnswerHandler;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.gateway.RemoteAnswers;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runbook over a real port: of the agent itself, and of a gateway before it. */
class RunbookTest {
  private static final Path SOURCES = Path.of("src/docs/runbook");
  private static final String MISSING = "no such runbook page; /runbook/ lists all pages\n";

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Answers answers =
      new SnapshotAnswers(
          () -> Snapshot.EMPTY,
          new Metrics(() -> Snapshot.EMPTY, "test", Path.of("/proc")),
          Api.Sources.NONE,
          () -> true);

  @Test
  void everyPageShouldBeServedAsItIsWritten() throws Exception {
    try (HttpEndpoint endpoint = open(answers, "127.0.0.1");
        Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replaceFirst("\\.md$", "");
        HttpResponse<String> page =
            get("127.0.0.1", endpoint, "/runbook/" + (name.equals("README") ? "" : name));
        assertEquals(200, page.statusCode(), name);
        assertEquals(
            "text/plain; charset=utf-8", page.headers().firstValue("Content-Type").orElse(""));
        assertEquals(Files.readString(file), page.body());
      }
    }
  }

  @Test
  void everyVerdictShouldHaveAPageThatTheIndexNames() throws IOException {
    String index = Files.readString(SOURCES.resolve("README.md"));
    for (VerdictKind kind : VerdictKind.values()) {
      assertTrue(Files.exists(SOURCES.resolve(kind.wireName() + ".md")), kind::wireName);
      assertTrue(index.contains("(" + kind.wireName() + ".md)"), kind::wireName);
    }
  }

  @Test
  void nothingButPagesShouldBeServed() throws Exception {
    try (HttpEndpoint endpoint = open(answers, "127.0.0.1")) {
      for (String path :
          List.of(
              "nothing",
              "leak.md",
              "Leak",
              "leak/",
              "../api/openapi.json",
              "..%2Fopenapi.json",
              "%2e%2e/page",
              "..%2F..%2F..%2F..%2Freference",
              "leak%00",
              "README.md",
              "-",
              "l".repeat(100))) {
        HttpResponse<String> page = get("127.0.0.1", endpoint, "/runbook/" + path);
        assertEquals(404, page.statusCode(), path);
        assertEquals(MISSING, page.body(), path);
      }
      assertEquals(404, get("127.0.0.1", endpoint, "/runbooks").statusCode());
      assertEquals(200, get("127.0.0.1", endpoint, "/runbook").statusCode());
    }
  }

  /** The page and the API are not, without a password. */
  @Test
  void whoeverMayScrapeMayReadTheRunbook() throws Exception {
    Optional<InetAddress> own =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> !address.isLoopbackAddress() && address.getAddress().length == 4)
            .findFirst();
    try (HttpEndpoint endpoint = open(answers, "0.0.0.0")) {
      String host = own.map(InetAddress::getHostAddress).orElse("127.0.0.1");
      assertEquals(200, get(host, endpoint, "/metrics").statusCode());
      assertEquals(200, get(host, endpoint, "/runbook/").statusCode());
      assertEquals(200, get(host, endpoint, "/runbook/leak").statusCode());
      assertEquals(own.isPresent() ? 403 : 200, get(host, endpoint, "/").statusCode());
    }
  }

  @Test
  void gatewayShouldServeTheAgentsPages() throws Exception {
    GatewaySettings settings =
        Defaults.gateway(directory, "max-connections = 4, timeout = 20s, answer-bytes-max = 1 MiB");
    AnswerHandler handler = new AnswerHandler(settings, answers);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(settings.agentSocket()));
      Thread thread = new Thread(() -> serve(server, handler));
      thread.setDaemon(true);
      thread.start();
      try (HttpEndpoint endpoint = open(new RemoteAnswers(settings), "127.0.0.1")) {
        HttpResponse<String> page = get("127.0.0.1", endpoint, "/runbook/pinned");
        assertEquals(200, page.statusCode());
        assertEquals(Files.readString(SOURCES.resolve("pinned.md")), page.body());
        assertEquals(MISSING, get("127.0.0.1", endpoint, "/runbook/x").body());
      }
    }
  }

  private static void serve(ServerSocketChannel server, AnswerHandler handler) {
    while (server.isOpen()) {
      try (SocketChannel caller = server.accept()) {
        handler.serve(caller);
      } catch (IOException e) {
        continue; // The test is over.
      }
    }
  }

  @Test
  void urlOfTheAgentShouldFollowFromItsSettings() throws IOException {
    assertEquals("http://n1:9870", AgentUrl.of(Defaults.EXPORT, "n1"));
    assertEquals("http://10.0.0.7:80", AgentUrl.of(settings("10.0.0.7:80", Path.of("")), "n1"));
    assertEquals("http://[::1]:80", AgentUrl.of(settings("[::1]:80", Path.of("")), "n1"));
    assertEquals("http://n1:80", AgentUrl.of(settings("[::]:80", Path.of("")), "n1"));
    assertEquals("", AgentUrl.of(settings("127.0.0.1:0", Path.of("")), "n1"));
    Path web = directory.resolve("web.yml");
    assertEquals("", AgentUrl.of(settings(":9870", web), "n1"));
    Files.writeString(web, "basic_auth_users: {}\n");
    assertEquals("http://n1:9870", AgentUrl.of(settings(":9870", web), "n1"));
    Files.writeString(web, "tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n");
    String url = AgentUrl.of(settings(":9870", web), "n1");
    assertEquals("https://n1:9870", url);
    assertFalse(url.endsWith("/"));
  }

  private static ExportSettings settings(String listen, Path webConfig) {
    return Defaults.with(
            "export { listen-address = \"%s\", web-config-file = \"%s\" }"
                .formatted(listen, webConfig))
        .export();
  }

  private static HttpEndpoint open(Answers answers, String host) throws IOException {
    return HttpEndpoint.start(settings(host + ":0", Path.of("")), answers);
  }

  private HttpResponse<String> get(String host, HttpEndpoint endpoint, String path)
      throws IOException, InterruptedException {
    URI address = URI.create("http://" + host + ":" + endpoint.port() + path);
    return client.send(
        HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }
}
