package io.leakwatch.alert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.leakwatch.harness.HostileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever is told of an alert must not hold the thread that tells the others. */
class HttpPostTest {
  private static final Duration TIMEOUT = Duration.ofMillis(500);
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** Longer than what the kernel takes for a peer that reads nothing. */
  private static final String LONG = "[\"" + "a".repeat(8 << 20) + "\"]";

  @ParameterizedTest
  @EnumSource(HostileServer.Habit.class)
  void shouldEndAtTheDeadline(HostileServer.Habit habit) throws IOException {
    try (HostileServer server = HostileServer.start(habit)) {
      URI address = URI.create("http://127.0.0.1:" + server.port() + "/hook");
      assertTimeoutPreemptively(
          TIMEOUT.plus(GRACE), () -> HttpPost.send(address, body(habit), TIMEOUT), habit::toString);
    }
  }

  private static String body(HostileServer.Habit habit) {
    return habit == HostileServer.Habit.NEVER_READS ? LONG : "{}";
  }

  /** None of these shakes hands; what is sent first by TLS is taken for the request. */
  @ParameterizedTest
  @EnumSource(HostileServer.Habit.class)
  void shouldEndAtTheDeadlineByTlsToo(HostileServer.Habit habit) throws IOException {
    try (HostileServer server = HostileServer.start(habit)) {
      URI address = URI.create("https://127.0.0.1:" + server.port() + "/hook");
      Optional<String> failure =
          assertTimeoutPreemptively(
              TIMEOUT.plus(GRACE),
              () -> HttpPost.send(address, body(habit), TIMEOUT),
              habit::toString);
      assertTrue(failure.isPresent());
    }
  }

  @Test
  void shouldTellWhatWasRefusedAndByWhat() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    server.createContext(
        "/",
        exchange -> {
          byte[] why = ("no\n\u0007such " + "thing ".repeat(200)).getBytes(UTF_8);
          exchange.sendResponseHeaders(422, why.length);
          exchange.getResponseBody().write(why);
          exchange.close();
        });
    server.start();
    try {
      String failure = HttpPost.send(to(server.getAddress().getPort()), "{}", GRACE).orElseThrow();
      assertTrue(failure.startsWith("status 422: no ?such thing thing "), failure);
      assertTrue(failure.length() < 540, failure);
    } finally {
      server.stop(0);
    }
    assertEquals(Optional.of("Connection refused"), HttpPost.send(to(1), "{}", GRACE));
    assertEquals(
        Optional.of("it is not an http address"),
        HttpPost.send(URI.create("ftp://127.0.0.1/"), "{}", GRACE));
    assertEquals(
        Optional.of("no such host: no.such.host.invalid"),
        HttpPost.send(URI.create("http://no.such.host.invalid/"), "{}", Duration.ofMinutes(1)));
  }

  private static URI to(int port) {
    return URI.create("http://127.0.0.1:" + port + "/");
  }
}
