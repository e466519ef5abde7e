package io.leakwatch.cli.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.leakwatch.agent.GatewayUser;
import io.leakwatch.agent.SelfCheck;
import io.leakwatch.harness.Certificates;
import io.leakwatch.harness.HostileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointCheckTest {
  @TempDir Path directory;

  @Test
  void shouldTellWhyAnAlertmanagerWillNotHearUs() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    server.createContext("/good/-/ready", exchange -> exchange.sendResponseHeaders(200, -1));
    server.createContext(
        "/locked/-/ready",
        exchange -> {
          String user = exchange.getRequestHeaders().getFirst("Authorization");
          exchange.sendResponseHeaders("Basic YTpi".equals(user) ? 200 : 401, -1);
        });
    server.start();
    try {
      String base = "127.0.0.1:" + server.getAddress().getPort();
      assertTrue(EndpointCheck.alertmanager(URI.create("http://" + base + "/good/")).good());
      assertTrue(EndpointCheck.alertmanager(URI.create("http://a:b@" + base + "/locked")).good());
      assertSaid("USER:PASSWORD@", "http://" + base + "/locked");
      assertSaid("is it the base URL?", "http://" + base + "/other");
      assertSaid("does not answer", "https://" + base + "/good");
      assertSaid("does not answer: Connection refused", "http://127.0.0.1:1");
      String secret =
          EndpointCheck.alertmanager(URI.create("http://a:secret@" + base + "/locked")).text();
      assertFalse(secret.contains("secret"), secret);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldNotWaitForAnAlertmanagerThatDrips() throws IOException {
    try (HostileServer server = HostileServer.start(HostileServer.Habit.DRIPS_ITS_HEAD)) {
      URI base = URI.create("http://a:b@127.0.0.1:" + server.port() + "/am");
      SelfCheck.Finding finding =
          assertTimeoutPreemptively(Duration.ofSeconds(10), () -> EndpointCheck.alertmanager(base));
      assertEquals(
          "Alertmanager http://127.0.0.1:%d/am does not answer: no whole answer within 2 s"
              .formatted(server.port()),
          finding.text());
    }
  }

  private static void assertSaid(String part, String base) {
    SelfCheck.Finding finding = EndpointCheck.alertmanager(URI.create(base));
    assertFalse(finding.good(), finding::text);
    assertTrue(finding.text().contains(part), finding::text);
  }

  @Test
  void shouldTellWhatAWebConfigSetsUp() throws IOException {
    Certificates.make(directory, "x", 30);
    Path file = directory.resolve("web.yml");
    String tls = "tls_server_config: {cert_file: %s, key_file: key.pem}\n";
    Files.writeString(file, tls.formatted("cert.pem"));
    Instant now = Instant.now();
    assertTrue(EndpointCheck.webConfig(file, now).good());
    assertFalse(EndpointCheck.webConfig(file, now.plus(Duration.ofDays(20))).good());
    assertTrue(
        EndpointCheck.webConfig(file, now.plus(Duration.ofDays(40))).text().contains("expired"));
    Files.writeString(file, tls.formatted("none.pem"));
    assertTrue(EndpointCheck.webConfig(file, now).text().endsWith("none.pem: no such file"));
    Files.writeString(file, "basic_auth_users: {a: $2y$04$abcdefghijklmnopqrstuu}");
    assertFalse(EndpointCheck.webConfig(file, now).good());
  }

  /** Whoever runs the tests owns these files, in a group of the same user. */
  @Test
  void shouldTellWhatTheGatewayMayNotRead() throws IOException {
    Certificates.make(directory, "x", 30);
    Path file = directory.resolve("web.yml");
    Path key = directory.resolve("key.pem");
    Files.writeString(file, "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n");
    String owner = Files.getOwner(file).getName();
    String group = Files.readAttributes(file, PosixFileAttributes.class).group().getName();
    modes("rwxr-x---", directory);
    modes("rw-r-----", file, directory.resolve("cert.pem"));
    modes("rw-------", key);
    GatewayUser member = new GatewayUser("daemon", group);
    assertTrue(EndpointCheck.unreadable(new GatewayUser(owner, "none"), null, file).isEmpty());
    List<SelfCheck.Finding> found = EndpointCheck.unreadable(member, null, file);
    assertEquals(1, found.size(), found::toString);
    assertTrue(found.get(0).text().startsWith(key.toString()), found::toString);
    assertTrue(EndpointCheck.unreadable(new GatewayUser("no such", group), null, file).isEmpty());
    modes("rw-r-----", key);
    assertTrue(EndpointCheck.unreadable(member, null, file).isEmpty());
    modes("rwx---r-x", directory);
    assertEquals(3, EndpointCheck.unreadable(member, null, file).size());
  }

  private static void modes(String modes, Path... files) throws IOException {
    for (Path file : files) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(modes));
    }
  }
}
