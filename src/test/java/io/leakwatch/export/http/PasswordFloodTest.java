package io.leakwatch.export.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many wrong passwords from one address beside right ones from another. A refusal (401) costs a
 * hash, so the refusals that were given before an answer tell how many hashes it waited for,
 * whatever else the machine does.
 */
class PasswordFloodTest {
  private static final int FLOOD = 200;
  private static final int HASHES_MAX = 6;
  private static final String RIGHT = "the right one";
  private static final String USERS =
      "basic_auth_users:\n  alice: $2y$10$abcdefghijklmnopqrstuuZNXCgRcsFU2Xv9WjljsL74ZAur5Kn4C\n";

  @TempDir private Path directory;

  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final AtomicInteger refused = new AtomicInteger();

  @Test
  void wrongPasswordsOfOneAddressShouldNotDelayRightOnesOfAnother() throws Exception {
    Path web = Files.writeString(directory.resolve("web.yml"), USERS);
    try (CTarget server = EndpointProgram.start("256", web.toString())) {
      int port = Integer.parseInt(server.awaitLine("port ").substring(5));
      for (int i = 0; i < FLOOD; i++) {
        String wrong = "wrong " + i;
        Thread thread = new Thread(() -> flood(port, wrong), "flood");
        thread.setDaemon(true);
        thread.start();
      }
      String first = answers.poll(1, TimeUnit.MINUTES);
      assertEquals(200, status(ask(port, "127.0.0.1", RIGHT)));
      int hashes = refused.get();
      assertTrue(hashes <= HASHES_MAX, hashes + " hashes of the flood came before");
      assertEquals(200, status(ask(port, "127.0.0.1", RIGHT)));
      hashes = refused.get() - hashes;
      assertTrue(hashes <= 1, hashes + " hashes came before a password that is known");

      int turnedAway = 0;
      for (int i = 0; i < FLOOD; i++) {
        String answer = i == 0 ? first : answers.poll(1, TimeUnit.MINUTES);
        turnedAway += status(answer) == 429 ? 1 : 0;
        assertEquals(status(answer) == 429, answer.contains("\nRetry-after: 1\n"), answer);
      }
      assertEquals(FLOOD, turnedAway + refused.get());
    }
  }

  private void flood(int port, String wrong) {
    String answer;
    try {
      answer = ask(port, "127.0.0.2", wrong);
    } catch (IOException e) {
      answer = e.toString();
    }
    if (answer.startsWith("HTTP/1.1 401")) {
      refused.incrementAndGet();
    }
    answers.add(answer);
  }

  private static int status(String answer) {
    return answer.matches("(?s)HTTP/1.1 \\d{3} .*") ? Integer.parseInt(answer.substring(9, 12)) : 0;
  }

  /** The head of the answer. */
  private static String ask(int port, String from, String password) throws IOException {
    byte[] pair = ("alice:" + password).getBytes(StandardCharsets.UTF_8);
    String request =
        "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
            + Base64.getEncoder().encodeToString(pair)
            + "\r\n\r\n";
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      StringBuilder head = new StringBuilder();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        head.append(line).append('\n');
      }
      return head.toString();
    }
  }
}
