package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code history import} from a real Prometheus that has four days of a process, and after. */
@Tag("acceptance")
class HistoryImportLiveTest {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long DAY = 86_400;
  private static final String LABELS = "{job=\"mds\",instance=\"node7:9100\"}";

  @TempDir Path directory;
  private final long now = System.currentTimeMillis() / 1000;
  private final long restart = now - 2 * DAY;

  /** Two lives of two days each, the older one larger; written as promtool reads it. */
  private String recorded() {
    StringBuilder rss = new StringBuilder("# TYPE process_resident_memory_bytes gauge\n");
    StringBuilder start = new StringBuilder("# TYPE process_start_time_seconds gauge\n");
    StringBuilder two = new StringBuilder("# TYPE two gauge\n");
    for (long time = now - 4 * DAY; time < now - 60; time += 60) {
      long began = time < restart ? now - 9 * DAY : restart - 5;
      long bytes = (time < restart ? 800L << 20 : 400L << 20) + 4096 * (time - began);
      String rest = LABELS + " %d " + time + "\n";
      rss.append("process_resident_memory_bytes").append(rest.formatted(bytes));
      start.append("process_start_time_seconds").append(rest.formatted(began));
    }
    for (String pod : List.of("a", "b")) {
      for (long time = now - 3_600; time < now; time += 60) {
        two.append("two{pod=\"" + pod + "\"} 1 " + time + "\n");
      }
    }
    return rss.toString() + start + two + "# EOF\n";
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process prometheus(int port) throws IOException, InterruptedException {
    Path data = directory.resolve("data");
    Path text = Files.writeString(directory.resolve("recorded.txt"), recorded());
    Tool.Result blocks =
        Tool.run(
            "",
            List.of(
                "promtool",
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                text.toString(),
                data.toString()),
            Duration.ofMinutes(5));
    assertEquals(0, blocks.status(), blocks::output);
    Path configuration = Files.writeString(directory.resolve("prometheus.yml"), "global: {}\n");
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.retention.time=90d",
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!isReady(port)) {
      assertTrue(
          process.isAlive() && System.nanoTime() < end,
          Files.readString(directory.resolve("prometheus.log")));
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return process;
  }

  private static boolean isReady(int port) {
    try {
      URI ready = URI.create("http://127.0.0.1:" + port + "/-/ready");
      return ((HttpURLConnection) ready.toURL().openConnection()).getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private Tool.Result run(String... arguments) {
    return Tool.run("", Launcher.command(arguments));
  }

  private Tool.Result importing(int port, String query, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "history",
                "import",
                "mds",
                "--config.file=" + directory.resolve("leakwatch.conf"),
                "--prometheus=http://127.0.0.1:" + port,
                "--query=" + query));
    all.addAll(Arrays.asList(more));
    return run(all.toArray(String[]::new));
  }

  private List<Sample> read() throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
      reader.read("mds", 0, 1e12, samples::add);
    }
    return samples;
  }

  @Test
  void fourDaysShouldBeKnownAtOnce() throws IOException, InterruptedException {
    int port = freePort();
    Process prometheus = prometheus(port);
    try (CTarget target = CTarget.start("many_mappings", "10")) {
      target.readLine();
      Path configuration =
          AgentProcess.fastConfiguration(
              directory, "targets = [{ name = mds, program = many_mappings }]\ntrend.hour = 1h");
      String rss = "process_resident_memory_bytes{job=\"${name}\"}";
      String start = "--start-time-query=process_start_time_seconds{job=\"${name}\"}";

      Tool.Result refused = importing(port, "two");
      assertEquals(1, refused.status(), refused::output);
      assertTrue(refused.output().contains("two{pod=\"a\"} and two{pod=\"b\"}"), refused::output);
      Tool.Result wrong = importing(port, "up{");
      assertTrue(wrong.status() == 1 && wrong.output().contains("parse error"), wrong::output);

      Tool.Result dry = importing(port, rss, start, "--dry-run", "--signal=rss_bytes");
      assertEquals(0, dry.status(), dry::output);
      assertTrue(dry.output().contains("would be imported"), dry::output);
      assertTrue(Files.notExists(directory.resolve("history.db")));

      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.awaitRounds(4); // It writes on while the import does.
        Tool.Result done = importing(port, rss, start, "--signal=rss_bytes", "--step=30s");
        assertEquals(0, done.status(), done::output);
        assertTrue(done.output().contains("2 incarnations, ended before"), done::output);
        agent.awaitRounds(4);
        assertTrue(agent.log().stream().noneMatch(line -> line.contains("history")));

        List<Sample> samples = read();
        long imported = samples.stream().filter(one -> !one.has(Signal.THREAD_COUNT)).count();
        assertEquals(4 * DAY / 30.0, imported, 30);
        assertEquals("start/" + (now - 9 * DAY), samples.get(0).incarnation());
        Sample newest = samples.get((int) imported - 1);
        assertEquals("start/" + (restart - 5), newest.incarnation());
        assertEquals(
            (400L << 20) + 4096 * (newest.timeSeconds() - restart + 5),
            newest.get(Signal.RSS_BYTES),
            4096 * 300);
        Sample live = samples.get((int) imported);
        assertEquals(
            live.get(Signal.RSS_BYTES) - live.get(Signal.RSS_ANON_BYTES),
            newest.get(Signal.RSS_BYTES) - newest.get(Signal.RSS_ANON_BYTES),
            1);

        Tool.Result again = importing(port, rss, start, "--signal=rss_bytes");
        assertEquals(0, again.status(), again::output);
        assertTrue(again.output().contains("mds: nothing is imported"), again::output);
        agent.signal("HUP");
        agent.awaitLog(
            line -> line.matches(".*mds: trends continue from 1[12]\\d\\d\\d recorded samples"));
        agent.awaitRounds(2);
      }

      Path csv = directory.resolve("mds.csv");
      Tool.Result exported =
          run("history", "mds", "--since=5d", "--csv", "--config.file=" + configuration);
      Files.writeString(csv, exported.output());
      Tool.Result replayed = run("replay", csv.toString());
      assertEquals(0, replayed.status(), replayed::output);
      assertTrue(replayed.output().contains("samples over 4 days"), replayed::output);
    } finally {
      prometheus.destroy();
      prometheus.waitFor();
    }
  }
}
