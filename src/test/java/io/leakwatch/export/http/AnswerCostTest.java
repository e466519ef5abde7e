package io.leakwatch.export.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an answer about 256 processes, of 20 kB each, costs the agent. */
class AnswerCostTest {
  private static final int PROCESSES = 256;

  /** As deploy/leakwatch.sh has them. */
  private static final List<String> FLAGS =
      List.of("-XX:+UseSerialGC", "-Xms4m", "-Xmx32m", "-Xmn2m", "-XX:TieredStopAtLevel=1");

  private long plainBytes;
  private long heldBytes;

  /** Before, 56 kB and 170 kB were; nine series a process tell of owners since. */
  @ParameterizedTest
  @CsvSource({"/metrics, 18000", "/api/v1/processes, 60000"})
  void shouldAllocateLittleForEachProcess(String path, long bytesMax) throws IOException {
    long one = allocated(path, 1);
    long all = allocated(path, PROCESSES);
    long each = (all - one) / (PROCESSES - 1);
    String figures =
        path
            + ": "
            + each
            + " bytes allocated for each process, "
            + heldBytes
            + " of "
            + plainBytes
            + " bytes held";
    System.out.println(figures);
    assertTrue(each < bytesMax, figures);
    assertTrue(heldBytes < 2 << 20, figures);
  }

  private long allocated(String path, int processes) throws IOException {
    Snapshot snapshot = Views.many(processes);
    SnapshotAnswers answers =
        new SnapshotAnswers(
            () -> snapshot,
            new Metrics(() -> snapshot, "test", Path.of("/proc")),
            Api.Sources.NONE,
            () -> true);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      answers.answer(Request.of(path), this::see);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  private void see(Response response) {
    assertEquals(200, response.status());
    plainBytes = response.body().plainBytes();
    heldBytes = response.body().heldBytes();
  }

  /** Clients ask for all processes and take nothing; the heap is the one that ships. */
  @Test
  void shouldAnswerInASmallHeapBesideClientsThatTakeNothing() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (CTarget server = EndpointProgram.start(FLAGS, "64", "", Integer.toString(PROCESSES))) {
      int port = Integer.parseInt(server.awaitLine("port ").substring(5));
      for (int i = 0; i < 16; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        slow.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /api/v1/processes HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      }
      for (Socket socket : slow.subList(0, 4)) {
        assertEquals('H', socket.getInputStream().read());
      }
      HttpClient client = HttpClient.newHttpClient();
      for (int i = 0; i < 3; i++) {
        HttpResponse<InputStream> metrics = get(client, port, "/metrics");
        assertEquals(200, metrics.statusCode());
        assertEquals(
            PROCESSES,
            new String(metrics.body().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("leakwatch_process_up{"))
                .count());
      }
      for (Socket socket : slow) {
        socket.close();
      }
      HttpResponse<InputStream> all = get(client, port, "/api/v1/processes");
      assertEquals(200, all.statusCode());
      assertTrue(all.body().readAllBytes().length > PROCESSES * 19_000);
      assertTrue(server.isAlive());
    }
  }

  private static HttpResponse<InputStream> get(HttpClient client, int port, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }
}
