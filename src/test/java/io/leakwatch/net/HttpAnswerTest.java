package io.leakwatch.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the wire says, right and wrong; a server says it and hangs up. */
class HttpAnswerTest {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final long MAX = 10;

  private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private volatile String answer = "";
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "server");
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void serve() {
    while (true) {
      try (Socket socket = server.accept()) {
        byte[] head = new byte[8192];
        int count = socket.getInputStream().read(head);
        asked.add(new String(head, 0, Math.max(0, count), UTF_8));
        for (String piece : answer.split("(?<=~)", -1)) { // A tilde is a moment between packets.
          socket.getOutputStream().write(piece.replace("~", "").getBytes(ISO_8859_1));
          socket.getOutputStream().flush();
        }
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  private URI at(String userAndPath) {
    String[] parts = userAndPath.split("/", 2);
    return URI.create("http://" + parts[0] + "127.0.0.1:" + server.getLocalPort() + "/" + parts[1]);
  }

  private String ask(String raw) throws IOException {
    answer = raw.replace("|", "\r\n");
    try (HttpAnswer found = HttpAnswer.to(HttpRequest.get(at("/")), AMPLE, MAX)) {
      return found.status() + " " + new String(found.body().readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK||body, 200 body",
    "HTTP/1.0 200||body, 200 body",
    "HTTP/1.1 200 OK|Content-Length: 4||bodyandmore, 200 body",
    "HTTP/1.1 200 OK|content-length:0||more, '200 '",
    "HTTP/1.1 204 None|Content-Length: 4||body, '204 '",
    "HTTP/1.1 304 Same||body, '304 '",
    "HTTP/1.1 302 Found|Location: http://127.0.0.1:1/||, '302 '",
    "HTTP/1.1 100 Continue||HTTP/1.1 103 Hints|Link: x||HTTP/1.1 200 OK||body, 200 body",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|body|0||, 200 body",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1;x=y|b|0003|ody|0|Trailer: 1||, 200 body",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||~1|b~|3|o~dy|~0||, 200 body",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Content-Length: 2||4|body|0||, 200 body",
    "HTTP/1.1 2~00 OK|~X: y|~|b~ody, 200 body"
  })
  void shouldReadWhatIsRight(String raw, String expected) throws IOException {
    assertEquals(expected, ask(raw));
  }

  @ParameterizedTest
  @CsvSource({
    "'', it closed the connection",
    "H, its answer is not HTTP",
    "HTTP/1.1 200 OK|X: y, its answer is not HTTP",
    "SSH-2.0-OpenSSH||, its answer is not HTTP",
    "HTTP/2 200 OK||, it answers HTTP/2 200 OK",
    "HTTP/1.1 999999||, it answers HTTP/1.1 999999",
    "HTTP/1.1 200 OK|Content-Length: 4||bod, its answer is cut off",
    "HTTP/1.1 200 OK|Content-Length: 11||, its answer is longer than 10 B",
    "HTTP/1.1 200 OK||bodybodybody, its answer is longer than 10 B",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|body, its answer is cut off",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|bo, its answer is cut off",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|bodyX|0||, a chunk of its answer has no end",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||-1|b, its answer is in chunks without a length",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||b|b, its answer is longer than 10 B",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||6|bodybo|6|dybody|0||, its answer is longer than 10 B",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||7fffffffffffffff|b, its answer is in chunks"
        + " without a length"
  })
  void shouldSayWhatIsWrong(String raw, String expected) {
    assertEquals(expected, assertThrows(IOException.class, () -> ask(raw)).getMessage());
  }

  @Test
  void shouldSendWhatWasAsked() throws IOException {
    answer = "HTTP/1.1 200 OK\r\n\r\n";
    HttpRequest request = HttpRequest.postJson(at("ada:l%C3%B6ve@/a%20b?c=ü"), "{\"ü\":1}");
    HttpAnswer.to(request, AMPLE, MAX).close();
    String sent = asked.remove();
    String port = Integer.toString(server.getLocalPort());
    assertTrue(
        sent.startsWith("POST /a%20b?c=%C3%BC HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n"), sent);
    assertTrue(sent.contains("\r\nAuthorization: Basic YWRhOmzDtnZl\r\n"), sent);
    assertTrue(sent.contains("\r\nContent-Length: 8\r\n"), sent);
    assertTrue(sent.contains("\r\nConnection: close\r\n"), sent);
    HttpAnswer.to(HttpRequest.get(at("/")).with("User-Agent", "x"), AMPLE, MAX).close();
    String get = asked.remove();
    assertTrue(get.contains("\r\nUser-Agent: x\r\n"), get);
    assertTrue(!get.contains("Content-Length") && !get.contains("Authorization"), get);
  }

  @Test
  void shouldTakeAddressesApart() throws IOException {
    assertEquals(
        new HttpAddress(false, "::1", 9093, "/x?y"), of("HTTP://a:b@[::1]:9093/x?y#fragment"));
    assertEquals("[::1]:9093", of("http://[::1]:9093").hostHeader());
    assertEquals(new HttpAddress(true, "am.example", 443, "/"), of("https://am.example"));
    assertEquals("am.example", of("https://am.example:443").hostHeader());
    assertEquals("http://am:9093", HttpAddress.shown(URI.create("http://a:b@am:9093/secret?x")));
    assertEquals("https://am", HttpAddress.shown(URI.create("https://am/")));
    for (String wrong :
        new String[] {
          "ftp://a/", "http:///a", "mailto:a", "/a", "http://a_b:1:2/", "http://a:65536"
        }) {
      assertThrows(IOException.class, () -> of(wrong), wrong);
    }
  }

  private static HttpAddress of(String address) throws IOException {
    return HttpAddress.of(URI.create(address));
  }
}
