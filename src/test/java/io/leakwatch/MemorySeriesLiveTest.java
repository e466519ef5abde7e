package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.load.BvarSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon beside a process that remembers its memory as a brpc server does. */
@Tag("acceptance")
class MemorySeriesLiveTest {
  private static final long OLD_ENOUGH_SECONDS = 9;
  private static final int BYTES_PER_SECOND = 4096;
  private static final int FIRST_BYTES = 3 << 20;

  @TempDir Path directory;
  private final HttpServer server;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile double startSeconds;

  MemorySeriesLiveTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      double uptime = now() - startSeconds;
      String path = exchange.getRequestURI().toString();
      String body =
          switch (path) {
            case "/vars?console=1" ->
                "iobuf_block_memory : 8192\r\nprocess_memory_resident : 4096\r\n";
            case "/vars/process_uptime" -> "process_uptime : %.6f\r\n".formatted(uptime);
            case "/vars/process_memory_resident?series" -> series((long) uptime);
            default -> throw new IOException(path);
          };
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String series(long ageSeconds) {
    asked.incrementAndGet();
    BvarSeries series = new BvarSeries();
    for (long second = 0; second < ageSeconds; second++) {
      series.add(FIRST_BYTES + (double) BYTES_PER_SECOND * second);
    }
    return series.json();
  }

  private List<Sample> recorded() throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
      reader.read("mds", 0, now(), samples::add);
    }
    return samples;
  }

  private static boolean isRemembered(Sample sample) {
    return !sample.has(Signal.THREAD_COUNT);
  }

  private void assertPast(List<Sample> samples) {
    int remembered = (int) samples.stream().filter(MemorySeriesLiveTest::isRemembered).count();
    assertTrue(remembered >= OLD_ENOUGH_SECONDS - 1, remembered + " samples");
    Sample live = samples.get(remembered);
    double other = live.get(Signal.RSS_BYTES) - live.get(Signal.RSS_ANON_BYTES);
    for (Sample sample : samples.subList(0, remembered)) {
      assertTrue(isRemembered(sample), "they come before all others");
      assertEquals(live.incarnation(), sample.incarnation());
      double second = sample.timeSeconds() - startSeconds;
      assertEquals(
          FIRST_BYTES + BYTES_PER_SECOND * second,
          sample.get(Signal.RSS_BYTES),
          2.0 * BYTES_PER_SECOND);
      double anonymous = Math.max(0, sample.get(Signal.RSS_BYTES) - other);
      assertEquals(anonymous, sample.get(Signal.RSS_ANON_BYTES), 1 << 20);
    }
    for (Sample sample : samples.subList(remembered, samples.size())) {
      assertTrue(!isRemembered(sample));
    }
  }

  @Test
  void whatAProcessRemembersShouldBeKeptBeforeItsFirstSample() throws Exception {
    startSeconds = now();
    try (CTarget target = CTarget.start("many_mappings", "10")) {
      target.readLine();
      TimeUnit.SECONDS.sleep(OLD_ENOUGH_SECONDS); // It must have a past that nobody watched.
      Path file =
          AgentProcess.fastConfiguration(
              directory,
              "targets = [{ name = mds, program = many_mappings, load { url ="
                  + " \"http://127.0.0.1:"
                  + server.getAddress().getPort()
                  + "/vars?console=1\" } }]");
      try (AgentProcess agent = AgentProcess.run(file)) {
        agent.awaitLog(line -> line.contains("mds: ") && line.contains("from its own record"));
        agent.awaitLog(line -> line.contains("mds: trends continue from"));
        agent.awaitRounds(8);
        assertPast(recorded());
        assertEquals(1, asked.get());
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      int before = recorded().size();
      try (AgentProcess agent = AgentProcess.run(file)) {
        agent.await("load", scrape -> asked.get() == 2);
        agent.awaitRounds(8);
        List<Sample> samples = recorded();
        // A new agent may fill the pause, which was long for its pace, and nothing else.
        long news = samples.subList(0, before).stream().filter(one -> !isRemembered(one)).count();
        assertTrue(news > 0 && samples.size() > before);
        for (int i = 1; i < samples.size(); i++) {
          assertTrue(samples.get(i).timeSeconds() > samples.get(i - 1).timeSeconds());
        }
        assertEquals(2, asked.get());
      }
    }
  }
}
