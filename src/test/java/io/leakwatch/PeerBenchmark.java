package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the agent and its gateway cost at their defaults, beside Debian's
 * prometheus-process-exporter with smaps over the same processes, each scraped once a minute. The
 * package is unpacked and run by its own launcher, with its runtime and its archive of classes:
 *
 * <pre>
 * mvn -Pdist -DskipTests package &amp;&amp; mvn -o test -Dtest=PeerBenchmark -Dtest.excludedGroups=none
 * -Dleakwatch.peer.processes=30 -Dleakwatch.peer.mappings=45 -Dleakwatch.peer.minutes=6</pre>
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class PeerBenchmark {
  private static final int PROCESSES = Integer.getInteger("leakwatch.peer.processes", 30);
  private static final int MAPPINGS = Integer.getInteger("leakwatch.peer.mappings", 45);
  private static final int MINUTES = Integer.getInteger("leakwatch.peer.minutes", 6);
  private static final int SETTLING_MINUTES = 2;
  private static final double TICKS_PER_SECOND = 100;

  @TempDir Path directory;

  @Test
  void beside() throws IOException, InterruptedException {
    Path home = installed();
    Path settings =
        Files.writeString(
            directory.resolve("leakwatch.conf"),
            """
            leakwatch {
              targets = [ { name = "node-${n}", command-line = "many_processes child (?<n>\\\\d+)" } ]
              sampling.max-processes = %d
              history.path = "%s"
              export.listen-address = "127.0.0.1:0"
              gateway { agent-socket = "%s", outlet-socket = "%s" }
            }
            """
                .formatted(
                    Math.max(256, PROCESSES + 1),
                    directory.resolve("history.db"),
                    directory.resolve("agent.sock"),
                    directory.resolve("outlet.sock")));
    Path names =
        Files.writeString(
            directory.resolve("names.yml"),
            """
            process_names:
              - name: "{{.Matches.n}}"
                cmdline: ['many_processes child (?P<n>\\d+)']
            """);
    int port = freePort();
    Map<String, String> environment =
        Map.of(
            "LEAKWATCH_HOME",
            home.toString(),
            "LEAKWATCH_HEAP",
            System.getProperty("leakwatch.peer.heap", "92m"));
    try (CTarget node =
            CTarget.start(
                "many_processes",
                Integer.toString(PROCESSES),
                Integer.toString(MAPPINGS),
                Integer.toString(3));
        AgentProcess agent =
            AgentProcess.start(
                environment, List.of(), "run", "--gateway", "--config.file", settings.toString());
        AgentProcess gateway =
            AgentProcess.start(
                environment, List.of(), "gateway", "--config.file", settings.toString());
        CTarget exporter =
            CTarget.launch(
                Map.of(),
                List.of(
                    "prometheus-process-exporter",
                    "-config.path=" + names,
                    "-web.listen-address=127.0.0.1:" + port))) {
      node.awaitLine("ready");
      gateway.await(
          "all processes",
          scrape -> scrape.find("leakwatch_process_mappings", one -> true).size() >= PROCESSES,
          e -> true);
      Subject ours =
          new Subject("leakwatch", List.of(agent.pid(), gateway.pid()), url(gateway.port()));
      Subject peer = new Subject("process-exporter", List.of((long) exporter.pid()), url(port));
      System.out.printf(
          Locale.ROOT,
          "%d processes of %d mappings, %d minutes after %d, scraped once a minute%n",
          PROCESSES,
          Files.readAllLines(Path.of("/proc/" + agentTarget() + "/maps")).size(),
          MINUTES,
          SETTLING_MINUTES);
      run(SETTLING_MINUTES, ours, peer);
      ours.begin();
      peer.begin();
      run(MINUTES, ours, peer);
      for (Subject subject : List.of(ours, peer)) {
        subject.print();
      }
    }
  }

  private static String agentTarget() {
    return ProcessHandle.allProcesses()
        .filter(
            one ->
                one.info()
                    .arguments()
                    .map(all -> all.length > 1 && all[0].equals("child"))
                    .orElse(false))
        .findFirst()
        .map(one -> Long.toString(one.pid()))
        .orElse("self");
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/metrics";
  }

  private static void run(int minutes, Subject... subjects)
      throws IOException, InterruptedException {
    for (int i = 0; i < minutes; i++) {
      long begin = System.nanoTime();
      for (Subject subject : subjects) {
        subject.scrape();
      }
      TimeUnit.NANOSECONDS.sleep(Duration.ofMinutes(1).toNanos() - (System.nanoTime() - begin));
    }
  }

  /** The package's files, with the archive of classes that its installation makes. */
  private Path installed() throws IOException {
    Path unpacked = directory.resolve("package");
    Path deb;
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      deb =
          files
              .filter(file -> file.getFileName().toString().matches("leakwatch_.*\\.deb"))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("run mvn -Pdist package first"));
    }
    Tool.Result made = Tool.run("", List.of("dpkg-deb", "-x", deb.toString(), unpacked.toString()));
    assertEquals(0, made.status(), made.output());
    Path home = unpacked.resolve("usr/lib/leakwatch");
    Tool.Result archived =
        Tool.run("", Launcher.command(List.of("LEAKWATCH_HOME=" + home), "--archive-classes"));
    assertEquals(0, archived.status(), archived.output());
    return home;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** One of the two that are compared. */
  private static final class Subject {
    private final String name;
    private final List<Long> pids;
    private final String url;
    private final List<Double> scrapeMillis = new ArrayList<>();
    private long began;
    private double cpuBefore;

    Subject(String name, List<Long> pids, String url) {
      this.name = name;
      this.pids = pids;
      this.url = url;
    }

    void begin() throws IOException {
      scrapeMillis.clear();
      began = System.nanoTime();
      cpuBefore = cpuSeconds();
    }

    void scrape() throws IOException {
      long before = System.nanoTime();
      while (true) {
        try (InputStream in = URI.create(url).toURL().openStream()) {
          in.readAllBytes();
          break;
        } catch (ConnectException e) {
          Thread.onSpinWait(); // It is still starting.
        }
      }
      scrapeMillis.add((System.nanoTime() - before) / 1e6);
    }

    private double cpuSeconds() throws IOException {
      double ticks = 0;
      for (long pid : pids) {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        ticks += Long.parseLong(words[11]) + Long.parseLong(words[12]);
      }
      return ticks / TICKS_PER_SECOND;
    }

    private double mebibytes(String... keys) throws IOException {
      double kibibytes = 0;
      for (long pid : pids) {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
          String[] words = line.split("\\s+", -1);
          if (Arrays.asList(keys).contains(words[0])) {
            kibibytes += Long.parseLong(words[1]);
          }
        }
      }
      return kibibytes / 1024;
    }

    void print() throws IOException {
      double seconds = (System.nanoTime() - began) / 1e9;
      double[] millis = scrapeMillis.stream().mapToDouble(one -> one).sorted().toArray();
      System.out.printf(
          Locale.ROOT,
          "%s: %.2f ms of CPU a second, Rss %.0f MiB, Pss %.0f MiB, private %.0f MiB, a scrape"
              + " %.0f ms (%.0f at most)%n",
          name,
          (cpuSeconds() - cpuBefore) / seconds * 1e3,
          mebibytes("Rss:"),
          mebibytes("Pss:"),
          mebibytes("Private_Clean:", "Private_Dirty:"),
          millis[millis.length / 2],
          millis[millis.length - 1]);
    }
  }
}
