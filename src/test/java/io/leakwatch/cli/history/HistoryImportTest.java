package io.leakwatch.cli.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.leakwatch.harness.CommandOutput;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code history import} from files and from what answers as a Prometheus. */
class HistoryImportTest {
  private static final double DAY = 86_400;

  @TempDir private Path directory;

  private final CommandOutput output = new CommandOutput();
  private final long now = System.currentTimeMillis() / 1000;
  private final List<Map<String, String>> asked = new ArrayList<>();
  private HttpServer server;
  private DoubleUnaryOperator figure = time -> time;
  private DoubleUnaryOperator start = time -> Double.NaN;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/api/v1/query_range", this::answer);
    server.start();
  }

  @AfterEach
  void leave() {
    output.close();
    server.stop(0);
  }

  /** One series, as Prometheus evaluates it at each step. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> query = new TreeMap<>();
      for (String part : exchange.getRequestURI().getRawQuery().split("&", -1)) {
        String[] pair = part.split("=", 2);
        query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
      }
      asked.add(query);
      double step = Double.parseDouble(query.get("step"));
      double from = Double.parseDouble(query.get("start"));
      double to = Double.parseDouble(query.get("end"));
      boolean refused = (to - from) / step > 11_000; // As Prometheus does.
      StringBuilder text = new StringBuilder();
      DoubleUnaryOperator asks = query.get("query").startsWith("start") ? start : figure;
      for (double time = from; time <= to; time += step) {
        double value = asks.applyAsDouble(time);
        if (!Double.isNaN(value)) {
          text.append(text.isEmpty() ? "" : ",");
          text.append('[').append((long) time).append(",\"").append(value).append("\"]");
        }
      }
      String body =
          refused
              ? "{\"status\":\"error\",\"error\":\"exceeded maximum resolution\"}"
              : "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
                  + (text.isEmpty() ? "" : "{\"metric\":{},\"values\":[" + text + "]}")
                  + "]}}";
      exchange.sendResponseHeaders(refused ? 400 : 200, 0);
      exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private int run(Object... arguments) throws IOException {
    output.reset();
    Path file = directory.resolve("leakwatch.conf");
    Files.writeString(
        file,
        "leakwatch { targets = [{ name = nobody, program = no-such-program }], history.path = \""
            + directory.resolve("history.db")
            + "\" }");
    return output.execute(List.of("history", "import", "--config.file=" + file), arguments);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private String text() {
    return output.out();
  }

  private String errors() {
    return output.err();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private String minutely(double fromDays, double toDays, double bytes) {
    StringBuilder csv = new StringBuilder("time,incarnation,rss_anon_bytes\n");
    for (double time = now + fromDays * DAY; time < now + toDays * DAY; time += 60) {
      csv.append((long) time).append(",a,").append((long) bytes).append('\n');
    }
    return csv.toString();
  }

  private List<Sample> read() throws IOException {
    List<Sample> samples = new ArrayList<>();
    if (Files.exists(directory.resolve("history.db"))) {
      try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
        reader.read("mds", 0, 1e12, samples::add);
      }
    }
    return samples;
  }

  private void assertRefused(int status, String why, int actual) throws IOException {
    assertEquals(status, actual, this::errors);
    assertEquals("", text());
    assertTrue(errors().contains(why), this::errors);
    assertTrue(errors().startsWith("leakwatch: "), this::errors);
    assertEquals(1, errors().lines().count(), this::errors);
    assertEquals(List.of(), read());
  }

  @Test
  void filesShouldBeTakenInTheOrderOfTheirTimes() throws IOException {
    Path later = write("a.csv", minutely(-2, -1, 7));
    Path earlier = directory.resolve("b.csv.gz");
    try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(earlier))) {
      gzip.write(minutely(-4, -1.5, 5).getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(0, run("mds", "--dry-run", later, earlier), this::errors);
    assertTrue(text().contains("4320 samples from"), this::text);
    assertTrue(text().contains("would be imported"), this::text);
    assertTrue(text().contains("720 not later than the one before"), this::text);
    assertFalse(Files.exists(directory.resolve("history.db")), "a dry run leaves nothing");

    assertEquals(0, run("mds", later, earlier), this::errors);
    assertEquals(4320, read().size());
    assertEquals(5, read().get(2 * 1440 + 719).get(Signal.RSS_ANON_BYTES));
    assertEquals("a", read().get(0).incarnation());
    assertTrue(text().contains("systemctl reload leakwatch"), this::text);

    assertEquals(0, run("mds", later, earlier));
    assertTrue(text().contains("nothing is imported"), this::text);
    assertTrue(text().contains("5040 not earlier than the first recorded sample"), this::text);
    assertEquals(4320, read().size());

    assertEquals(0, run("mds", write("c.csv", minutely(-40, -3.5, 9))));
    assertTrue(text().contains("older than history.retention (30 days"), this::text);
    assertEquals(30, (now - read().get(0).timeSeconds()) / DAY, 0.01);
    assertEquals(23 * 288 + 7 * 1440 - 1440, read().size(), 3);
  }

  @Test
  void aFileThatIsWrongAnywhereShouldChangeNothing() throws IOException {
    Path good = write("good.csv", minutely(-2, -1, 7));
    String line = now - 60 + ",a,";
    assertRefused(
        1,
        "bad.csv:3: no number in column rss_anon_bytes; nothing is imported: correct",
        run(
            "mds",
            good,
            write(
                "bad.csv",
                "time,incarnation,rss_anon_bytes\n" + line + "5\n" + (now - 30) + ",a,x\n")));
    assertRefused(1, "no column `time`", run("mds", write("bad.csv", "a,b\n1,2\n")));
    assertRefused(1, "no such file", run("mds", good, directory.resolve("none.csv")));
    assertRefused(1, "is a directory", run("mds", directory));
    byte[] zipped = new byte[200];
    zipped[0] = 0x1f;
    zipped[1] = (byte) 0x8b;
    Files.write(directory.resolve("cut.gz"), zipped);
    assertRefused(1, "cut.gz:1: ", run("mds", directory.resolve("cut.gz")));
    assertRefused(
        1,
        "are these milliseconds?",
        run("mds", write("bad.csv", "time,load\n" + now + "000,1\n")));
    assertRefused(1, "no samples to import", run("mds", write("bad.csv", "time,rss_anon_bytes\n")));
    assertRefused(
        1,
        "nothing can be imported: 1 older than history.retention",
        run("mds", write("bad.csv", "time,rss_anon_bytes\n60,5\n")));
    assertRefused(
        1,
        "more than 256 characters",
        run(
            "mds",
            write(
                "bad.csv",
                "time,incarnation,load\n" + (now - 60) + "," + "x".repeat(300) + ",1\n")));
    StringBuilder dense = new StringBuilder("time,load\n");
    for (int i = 0; i < 260_000; i++) {
      dense.append(now - 260_000 + i).append(",1\n");
    }
    assertRefused(1, "thin them out", run("mds", write("bad.csv", dense.toString())));
  }

  @Test
  void wrongUsageShouldBeSaid() throws IOException {
    Path good = write("good.csv", minutely(-2, -1, 7));
    assertRefused(2, "either files or --prometheus", run("mds"));
    assertRefused(2, "either files or --prometheus", run("mds", good, "--prometheus", url()));
    assertRefused(2, "belong together", run("mds", "--prometheus", url()));
    assertRefused(2, "belong together", run("mds", good, "--query", "up"));
    assertRefused(2, "belong together", run("mds", good, "--start-time-query", "up"));
    assertRefused(2, "NAME must be", run("m\u001bds", good));
    assertRefused(
        2,
        "unknown signal rss; known signals: rss_anon_bytes, rss_bytes",
        run("mds", "--prometheus", url(), "--query", "up", "--signal", "rss"));
    assertRefused(
        2, "is like http://", run("mds", "--prometheus", "prometheus:9090", "--query", "up"));
    assertRefused(
        2, "at least 1s", run("mds", "--prometheus", url(), "--query", "up", "--step", "0s"));
    assertRefused(
        2, "use 3s or more", run("mds", "--prometheus", url(), "--query", "up", "--step", "2s"));
    assertEquals(2, run("mds", "--prometheus", url(), "--query", "up", "--step", "soon"));
    assertEquals(List.of(), asked);
  }

  @Test
  void aPrometheusShouldBeAskedInPiecesThatItAnswers() throws IOException {
    assertEquals(
        0,
        run(
            "mds",
            "--prometheus",
            url() + "/",
            "--query",
            "rss{job=\"${name}\"}",
            "--start-time-query",
            "start{job=\"${name}\"}",
            "--step",
            "30s"),
        this::errors);
    assertEquals(2 * 9, asked.size(), "86,400 points");
    assertEquals("rss{job=\"mds\"}", asked.get(1).get("query"));
    List<Sample> samples = read();
    assertEquals(23 * 288 + 7 * 2880, samples.size(), 3);
    double before = 0;
    for (Sample sample : samples) {
      double time = sample.timeSeconds();
      assertEquals(time, sample.get(Signal.RSS_ANON_BYTES), 1);
      double pause = time - before;
      assertTrue(before == 0 || (pause >= 30 && pause <= 300), () -> pause + " s");
      before = time;
    }
    assertEquals(now, before, 40);
    assertTrue(text().contains(", consolidated to " + samples.size()), this::text);
  }

  @Test
  void restartsShouldBeKnownByTheStartTime() throws IOException {
    start = time -> Math.floor(time / (2 * DAY)) * 2 * DAY - 5;
    figure = time -> time % 7200 == 0 ? Double.NaN : time % 3600 == 0 ? -1 : 4096;
    assertEquals(
        0,
        run(
            "mds",
            "--prometheus",
            url(),
            "--query",
            "rss",
            "--start-time-query",
            "start",
            "--since",
            "10d",
            "--signal",
            "in_use_bytes"),
        this::errors);
    List<String> incarnations = read().stream().map(Sample::incarnation).distinct().toList();
    assertEquals(5.5, incarnations.size(), 0.6);
    for (Sample sample : read()) {
      assertEquals(
          "start/" + (long) start.applyAsDouble(sample.timeSeconds()), sample.incarnation());
      assertEquals(4096, sample.get(Signal.IN_USE_BYTES));
    }
    assertTrue(text().contains(" not a number of bytes or a count"), this::text);
    assertTrue(text().contains(" incarnations, ended before"), this::text);

    start = time -> time * 1000;
    assertEquals(
        0, run("etcd", "--prometheus", url(), "--query", "rss", "--start-time-query", "start"));
    assertTrue(errors().contains("starts were ignored"), this::errors);
  }

  @Test
  void whatIsRecordedShouldNotBeAskedFor() throws IOException {
    assertEquals(0, run("mds", write("a.csv", minutely(-2, -1, 7))), this::errors);
    assertEquals(0, run("mds", "--prometheus", url(), "--query", "rss"), this::errors);
    double end = Double.parseDouble(asked.get(asked.size() - 1).get("end"));
    assertEquals(now - 2 * DAY, end, 1);
    assertEquals(28 * 288, read().size() - 1440, 3);
  }

  @Test
  void aSourceThatGivesNothingShouldBeSaid() throws IOException {
    figure = time -> Double.NaN;
    assertRefused(
        1, "the query returns nothing from 2", run("mds", "--prometheus", url(), "--query", "rss"));
    server.stop(0);
    assertRefused(1, url() + ": ", run("mds", "--prometheus", url(), "--query", "rss"));
  }
}
