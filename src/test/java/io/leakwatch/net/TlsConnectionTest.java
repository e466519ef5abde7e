package io.leakwatch.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.leakwatch.harness.Certificates;
import io.leakwatch.harness.HostileServer;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over TLS: right servers, wrong certificates, and peers that are wrong behind the handshake. */
class TlsConnectionTest {
  private static final char[] PASSWORD = "x".toCharArray();
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final String LONG = "a".repeat(8 << 20);

  @TempDir private Path directory;

  private SSLContext usual;
  private SSLContext ours;

  @BeforeEach
  void trustOurs() throws Exception {
    usual = SSLContext.getDefault();
    Certificates.make(directory, "x", 2);
    Path store = directory.resolve("store.p12");
    Tool.Result made =
        Tool.run(
            "",
            List.of(
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                directory.resolve("cert.pem").toString(),
                "-inkey",
                directory.resolve("key.pem").toString(),
                "-passout",
                "pass:x",
                "-out",
                store.toString()));
    assertEquals(0, made.status(), made.output());
    KeyStore own = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      own.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(own, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("x", own.getCertificate(own.aliases().nextElement()));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    ours = SSLContext.getInstance("TLS");
    ours.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    SSLContext.setDefault(ours);
  }

  @AfterEach
  void trustTheUsual() {
    SSLContext.setDefault(usual);
  }

  private HttpsServer serve(String protocol) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    server.setHttpsConfigurator(
        new HttpsConfigurator(ours) {
          @Override
          public void configure(HttpsParameters parameters) {
            parameters.setProtocols(new String[] {protocol});
          }
        });
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    return server;
  }

  private static String ask(String host, int port, String body, Duration timeout)
      throws IOException {
    URI address = URI.create("https://" + host + ":" + port + "/");
    try (HttpAnswer answer =
        HttpAnswer.to(HttpRequest.postJson(address, body), timeout, Long.MAX_VALUE)) {
      return new String(answer.body().readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldCarryLongBodiesBothWays(String protocol) throws IOException {
    HttpsServer server = serve(protocol);
    try {
      for (String body : List.of("", "{}", LONG)) {
        assertEquals(body, ask("127.0.0.1", server.getAddress().getPort(), body, AMPLE));
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldRefuseAForeignNameAndAForeignCertificate() throws IOException {
    HttpsServer server = serve("TLSv1.3");
    int port = server.getAddress().getPort();
    try {
      String name =
          assertThrows(IOException.class, () -> ask("localhost", port, "", AMPLE)).getMessage();
      assertTrue(name.contains("localhost"), name);
      SSLContext.setDefault(usual);
      String issuer =
          assertThrows(IOException.class, () -> ask("127.0.0.1", port, "", AMPLE)).getMessage();
      assertTrue(issuer.contains("certification path"), issuer);
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource(HostileServer.Habit.class)
  void shouldEndAtTheDeadline(HostileServer.Habit habit) throws IOException {
    try (HostileServer server = HostileServer.start(habit, ours.getServerSocketFactory())) {
      String body = habit == HostileServer.Habit.NEVER_READS ? LONG : "{}";
      IOException failure =
          assertThrows(
              IOException.class,
              () ->
                  assertTimeoutPreemptively(
                      SHORT.plus(GRACE),
                      () -> ask("127.0.0.1", server.port(), body, SHORT),
                      habit::toString));
      assertTrue(failure.getMessage() != null, failure::toString);
    }
  }
}
