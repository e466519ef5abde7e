package io.leakwatch.sampling.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.proc.ListeningSockets;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints that answer, and those that do everything else, over real sockets. */
class LoadEndpointTest {
  private static final ProcFs NODE = ProcFs.live();
  private static final Outbound OWN = new DirectOutbound(NODE.procRoot());
  private static final Duration SHORT = Duration.ofMillis(700);
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final String GOOD =
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\niobuf_block_memory : 8192\r\n";

  private final ServerSocket server;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String asked = "";

  LoadEndpointTest() throws IOException {
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    ended.countDown();
    server.close();
  }

  private interface Behaviour {
    void answer(OutputStream out) throws IOException, InterruptedException;
  }

  /** Does the same to everybody who calls. */
  private void serve(Behaviour behaviour) {
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  byte[] head = new byte[4096];
                  int length = socket.getInputStream().read(head);
                  asked = new String(head, 0, Math.max(0, length), ISO_8859_1);
                  behaviour.answer(socket.getOutputStream());
                } catch (IOException e) {
                  continue; // The caller has had enough.
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(String answer) {
    serve(out -> out.write(answer.getBytes(ISO_8859_1)));
  }

  private static ScrapeSettings settings(Duration timeout) {
    return Defaults.with(
            "load { timeout = %dms, answer-bytes-max = 1 MiB }".formatted(timeout.toMillis()))
        .load();
  }

  private static ProcessId self() {
    Outcome<ProcessId> id = NODE.id(Math.toIntExact(ProcessHandle.current().pid()));
    return ((Outcome.Sampled<ProcessId>) id).value();
  }

  private LoadView scrape(String path) {
    return scrape(path, AMPLE);
  }

  private LoadView scrape(String path, Duration timeout) {
    URI address = URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
    LoadTarget target = new LoadTarget(Optional.of(address), "", List.of("iobuf_block_memory"));
    return new LoadEndpoint(NODE, self(), target, settings(timeout), OWN, SystemTime.TIME).scrape();
  }

  private static Map<LoadSeries, Double> memory(double bytes) {
    return Map.of(new LoadSeries("iobuf_block_memory", LoadSeries.Kind.UNDECLARED), bytes);
  }

  @Test
  void shouldAskInCurlsNameForTheWholePath() {
    serve(GOOD);
    LoadView view = scrape("/vars?console=1");
    assertEquals("", view.problem());
    assertEquals(memory(8192), view.figures());
    assertTrue(asked.startsWith("GET /vars?console=1 HTTP/1.1\r\nHost: 127.0.0.1:"), asked);
    assertTrue(asked.contains("\r\nUser-Agent: leakwatch (as curl/"), asked);
  }

  @Test
  void shouldTakeNoMoreThanWasAnnounced() {
    serve(
        out -> {
          out.write(
              ("HTTP/1.1 200 OK\nContent-Length: 26\n\niobuf_block_memory : 8192\n")
                  .getBytes(ISO_8859_1));
          ended.await(); // Keeps the connection open, as a server with keep-alive does.
        });
    assertEquals(memory(8192), scrape("/").figures());
  }

  @Test
  void shouldFindTheEndpointAmongTheSocketsOfTheProcess() {
    serve(
        out ->
            out.write(
                (asked.startsWith("GET /metrics ")
                        ? "HTTP/1.1 200 OK\r\n\r\n# TYPE iobuf_block_memory gauge\n"
                            + "iobuf_block_memory 4096\n"
                        : "HTTP/1.1 404 Not Found\r\n\r\nFail to find method")
                    .getBytes(ISO_8859_1)));
    LoadTarget target = new LoadTarget(Optional.empty(), "", List.of());
    LoadView view =
        new LoadEndpoint(NODE, self(), target, settings(AMPLE), OWN, SystemTime.TIME).scrape();
    assertEquals("http://127.0.0.1:" + server.getLocalPort() + "/metrics", view.endpoint());
    assertEquals(4096.0, view.figures().values().iterator().next());
  }

  @Test
  void shouldSayWhatIsWrongWithAnAnswer() {
    serve(out -> out.write(answerFor(asked).getBytes(ISO_8859_1)));
    for (String[] pair :
        new String[][] {
          {"/html", "it is a page of HTML or XML"},
          {"/binary", "it is binary"},
          {"/redirect", "it answers HTTP/1.1 302 Found"},
          {"/huge", "its answer is longer than 1 MiB"},
          {"/announced", "its answer is longer than 1 MiB"},
          {"/cut", "its answer is cut off"},
          {"/noise", "its answer is not HTTP"},
          {"/head", "the head of its answer has no end"},
          {"/chunks", "its answer is in chunks without a length"},
          {"/others", "none of its metrics has a requested name"},
          {"/silent", "it closed the connection"}
        }) {
      LoadView view = scrape(pair[0]);
      assertEquals(pair[1], view.problem(), pair[0]);
      assertEquals(Map.of(), view.figures());
    }
  }

  private static String answerFor(String asked) {
    String ok = "HTTP/1.1 200 OK\r\n";
    return switch (asked.split(" ", 3)[1]) {
      case "/html" -> ok + "\r\n<html><body>iobuf_block_memory : 5</body></html>";
      case "/binary" -> ok + "\r\niobuf_block_memory 5\n\u0000\u0001";
      case "/redirect" -> "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n";
      case "/huge" -> ok + "\r\n" + "iobuf_block_memory 5\n".repeat(100_000);
      case "/announced" -> ok + "Content-Length: 99999999999\r\n\r\nx";
      case "/cut" -> ok + "Content-Length: 1000\r\n\r\niobuf_block_memory 5\n";
      case "/noise" -> "\u0016\u0003\u0001\u0002 no HTTP at all";
      case "/head" -> ok + "X: y\r\n".repeat(20_000);
      case "/chunks" -> ok + "Transfer-Encoding: chunked\r\n\r\nhello\r\n";
      case "/others" -> ok + "\r\nother 5\n";
      default -> "";
    };
  }

  @Test
  void aHeadThatDripsShouldEndAtTheDeadline() {
    serve(
        out -> {
          out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(ISO_8859_1));
          while (!ended.await(20, TimeUnit.MILLISECONDS)) {
            out.write('a');
            out.flush();
          }
        });
    assertEquals("no whole answer within 700 ms", scrape("/", SHORT).problem());
  }

  @Test
  void aBodyThatDripsShouldEndAtTheDeadline() {
    serve(
        out -> {
          out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(ISO_8859_1));
          while (!ended.await(20, TimeUnit.MILLISECONDS)) {
            out.write('i');
            out.flush();
          }
        });
    assertEquals("no whole answer within 700 ms", scrape("/", SHORT).problem());
  }

  @Test
  void oneThatAcceptsAndSaysNothingShouldEndAtTheDeadline() {
    assertEquals("no whole answer within 700 ms", scrape("/", SHORT).problem());
  }

  @Test
  void aDeadEndpointShouldBeSaid() throws IOException {
    server.close();
    assertTrue(scrape("/", SHORT).problem().contains("refused"), scrape("/", SHORT)::problem);
  }

  @Test
  void shouldReadTheKernelsAddresses() throws IOException {
    try (ServerSocket six = new ServerSocket()) {
      six.bind(new InetSocketAddress("::1", 0));
      try (ServerSocket any = new ServerSocket(0)) {
        List<InetSocketAddress> own =
            ((Outcome.Sampled<List<InetSocketAddress>>)
                    ListeningSockets.of(NODE, self(), OWN.network().name()))
                .value();
        assertTrue(
            own.contains(new InetSocketAddress("127.0.0.1", server.getLocalPort())), own::toString);
        assertTrue(
            own.contains(new InetSocketAddress("127.0.0.1", any.getLocalPort())), own::toString);
        assertTrue(own.contains(new InetSocketAddress("::1", six.getLocalPort())), own::toString);
      }
    }
  }
}
