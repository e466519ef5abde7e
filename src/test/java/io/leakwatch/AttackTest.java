package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The port under attack from one address: headers and bodies that never end, answers that nobody
 * takes, requests that are none, more connections than are served, and no more threads to be had.
 * Meanwhile the agent samples on, and stays small.
 */
@Tag("acceptance")
class AttackTest {
  private static final int ROUNDS_MEANWHILE = 40;
  private static final int CONNECTIONS_MAX = 900;
  private static final long GROWTH_BYTES_MAX = 96L << 20;

  private static final List<String> BEGINNINGS =
      List.of(
          "GET /met",
          "GET /metrics HTTP/1.1\r\nHost: x\r\nA: ",
          "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nb",
          "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40),
          "GET / HTTP/1.1\r\nA: " + "b".repeat(40_000),
          "\u0000".repeat(500),
          "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + "QTpB".repeat(2_000));

  private final Random random = new Random(7);

  @TempDir Path directory;

  @Test
  void agentShouldSampleOnAndStaySmall() throws IOException {
    Path threads = Path.of("/sys/fs/cgroup/pids/leakwatch-attack");
    boolean bounded = Files.isWritable(Path.of("/sys/fs/cgroup/pids/cgroup.procs"));
    List<String> prefix = new ArrayList<>();
    if (bounded) {
      Files.createDirectories(threads);
      Files.writeString(threads.resolve("pids.max"), "64");
      String enter = "echo $$ > " + threads + "/cgroup.procs; exec \"$@\"";
      prefix.addAll(List.of("sh", "-c", enter, "sh"));
    }
    Path configuration = AgentProcess.fastConfiguration(directory, "targets = []");
    List<Socket> open = new ArrayList<>();
    try (AgentProcess agent = AgentProcess.run(configuration, Map.of(), prefix)) {
      double first = agent.scrape().value("leakwatch_rounds_total");
      long before = kilobytes(agent.pid(), "VmRSS") << 10;
      double rounds = first;
      int scrapes = 0;
      while (rounds < first + ROUNDS_MEANWHILE) {
        press(open, agent.port());
        Scrape seen = agent.await("a scrape", scrape -> true, fullHouse -> true);
        rounds = seen.value("leakwatch_rounds_total");
        scrapes++;
      }
      assertTrue(scrapes > 1, "rounds went by unseen");
      for (Socket socket : open) {
        socket.close();
      }
      double after = rounds + 2;
      agent.await(
          "two rounds after the attack",
          scrape -> scrape.value("leakwatch_rounds_total") >= after,
          closingNotSeenYet -> true);
      long grown = (kilobytes(agent.pid(), "VmHWM") << 10) - before;
      assertTrue(grown < GROWTH_BYTES_MAX, "grew by " + (grown >> 20) + " MiB");
      assertEquals(
          List.of(), agent.log().stream().filter(line -> line.contains("Exception")).toList());
    } finally {
      if (bounded) {
        Files.deleteIfExists(threads);
      }
    }
  }

  /** Opens a hundred connections more, and drops the oldest above the bound. */
  private void press(List<Socket> open, int port) throws IOException {
    for (int i = 0; i < 100; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      open.add(socket);
      String beginning = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
      try {
        socket.getOutputStream().write(beginning.getBytes(StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        socket.close(); // It has been closed above the bound: as it should.
      }
    }
    while (open.size() > CONNECTIONS_MAX) {
      open.remove(0).close();
    }
  }

  private static long kilobytes(long pid, String key) throws IOException {
    Matcher line =
        Pattern.compile(key + ":\\s+(\\d+)")
            .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    assertTrue(line.find(), key);
    return Long.parseLong(line.group(1));
  }
}
