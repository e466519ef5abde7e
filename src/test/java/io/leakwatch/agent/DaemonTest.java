package io.leakwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Scrape;
import io.leakwatch.history.HistoryReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as its supervisor and its users meet it: a process with signals, ports and files. */
@Tag("acceptance")
class DaemonTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final double INTERVAL_SECONDS = 0.5;
  private static final String UP = "leakwatch_process_up";
  private static final String STILL = "targets = [{ name = still, program = many_mappings }]";

  @TempDir private Path directory;

  @Test
  void killedAgentShouldGoOnWhereItWasAndItsAlertShouldNotFlap() throws IOException {
    try (PushReceiver receiver = PushReceiver.start();
        CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1000")) {
      leak.awaitLine("ready");
      Path configuration =
          AgentProcess.fastConfiguration(
              directory,
              "targets = [{ name = leak, program = leak_threads }]\n" + receiver.configuration());
      Instant sampledAt;
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        receiver.await(0, one -> one.firing() && one.verdict().equals("leak"), PATIENCE);
        agent.awaitRounds(8);
        sampledAt = sampledAt(agent);
      }
      int pushedBefore = receiver.pushed().size();
      List<Double> kept = recorded();
      double last = kept.get(kept.size() - 1);
      assertTrue(
          last >= sampledAt.toEpochMilli() / 1e3 - INTERVAL_SECONDS,
          () -> last + " is more than an interval before " + sampledAt);

      try (AgentProcess agent = AgentProcess.run(configuration)) {
        Scrape first =
            agent.await("its judged past", scrape -> !scrape.verdict("leak").matches("|unknown"));
        assertEquals("leak", first.verdict("leak"));
        assertTrue(first.value("leak", "leakwatch_process_alert_severity") > 0);
        assertEquals(1, first.value("leak", "leakwatch_process_up"));
        String told = agent.awaitLog(line -> line.contains("trends continue from"));
        assertTrue(told.contains("leak: trends continue from " + kept.size() + " recorded"), told);
        Scrape later = agent.awaitRounds(24);
        assertEquals("leak", later.verdict("leak"));
        List<PushReceiver.Pushed> pushed = receiver.pushed();
        for (PushReceiver.Pushed one : pushed.subList(pushedBefore, pushed.size())) {
          assertTrue(one.firing(), one::toString);
        }
        leak.close();
        receiver.await(pushed.size(), one -> one.webhook() && !one.firing(), PATIENCE);
        receiver.await(pushed.size(), one -> !one.webhook() && !one.firing(), PATIENCE);
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      List<Double> all = recorded();
      assertTrue(all.size() > kept.size());
      assertEquals(kept, all.subList(0, kept.size()));
    }
  }

  private static Instant sampledAt(AgentProcess agent) throws IOException {
    return Instant.parse(
        JsonParser.parseString(agent.get("/api/v1/processes/leak"))
            .getAsJsonObject()
            .get("sampled_at")
            .getAsString());
  }

  /** The times of all samples on disk. */
  private List<Double> recorded() throws IOException {
    List<Double> times = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
      reader.read("leak", 0, 1e12, sample -> times.add(sample.timeSeconds()));
      assertEquals(0, reader.damagedBlocks());
    }
    return times;
  }

  @Test
  void reloadShouldTakeAGoodFileAndKeepTheOldConfigurationOverABadOne() throws IOException {
    Path file = AgentProcess.fastConfiguration(directory, STILL);
    try (CTarget still = CTarget.start("many_mappings", "10");
        AgentProcess agent = AgentProcess.run(file)) {
      still.awaitLine("ready");
      agent.await("the first name", scrape -> scrape.mentions("still"));

      AgentProcess.fastConfiguration(directory, STILL.replace("name = still", "name = renamed"));
      agent.signal("HUP");
      Scrape renamed = agent.await("the new name", scrape -> scrape.mentions("renamed"));
      assertFalse(renamed.mentions("still"));
      assertEquals(1, renamed.value("leakwatch_config_last_reload_successful"));

      Files.writeString(file, "leakwatch {\n  sampling { tik = 1s }\n}\n");
      agent.signal("HUP");
      agent.await(
          "a refusal", scrape -> scrape.value("leakwatch_config_last_reload_successful") == 0);
      List<String> told =
          agent.log().stream().filter(line -> line.contains("not reloaded")).toList();
      assertEquals(1, told.size(), told::toString);
      assertTrue(told.get(0).contains(file + ":2: "), told::toString);
      assertTrue(told.get(0).contains("tick"), told::toString);
      assertTrue(agent.awaitRounds(3).mentions("renamed"));

      AgentProcess.fastConfiguration(directory, STILL.replace("name = still", "name = third"));
      agent.signal("HUP");
      Scrape third = agent.await("the third name", scrape -> scrape.mentions("third"));
      assertEquals(1, third.value("leakwatch_config_last_reload_successful"));
    }
  }

  @Test
  void reloadShouldMoveToAnotherPortOnlyIfItCan() throws IOException {
    Path file = AgentProcess.fastConfiguration(directory, "targets = []");
    String before = Files.readString(file);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        AgentProcess agent = AgentProcess.run(file)) {
      agent.awaitRounds(1);
      String address = "127.0.0.1:" + taken.getLocalPort();
      Files.writeString(file, before.replace("127.0.0.1:0", address));
      agent.signal("HUP");
      String told = agent.awaitLog(line -> line.contains("not reloaded"));
      assertTrue(told.contains(address) && told.contains("export.listen-address"), told);
      long opened = agent.log().stream().filter(line -> line.contains("listens on")).count();
      assertEquals(2, opened, "the old address is opened again");
    }
  }

  @Test
  void wrongConfigurationShouldEndTheStartWithOneLine() throws IOException {
    Path file = directory.resolve("wrong.conf");
    Files.writeString(file, "leakwatch {\n  severity {\n    clear-aftr = 2h\n  }\n}\n");
    try (AgentProcess agent = AgentProcess.run(file)) {
      assertEquals(2, agent.awaitEnd());
      assertEquals(1, agent.log().size(), agent.log()::toString);
      String line = agent.log().get(0);
      assertTrue(line.contains(file + ":3: ") && line.contains("clear-after"), line);
    }
  }

  @Test
  void takenPortShouldEndTheStartWithOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path file = AgentProcess.fastConfiguration(directory, "");
      String address = "127.0.0.1:" + taken.getLocalPort();
      Files.writeString(file, Files.readString(file).replace("127.0.0.1:0", address));
      try (AgentProcess agent = AgentProcess.run(file)) {
        assertEquals(1, agent.awaitEnd());
        List<String> told =
            agent.log().stream().filter(line -> line.startsWith("leakwatch: ")).toList();
        assertEquals(1, told.size(), agent.log()::toString);
        assertTrue(told.get(0).contains(address), told::toString);
        assertFalse(String.join("\n", agent.log()).contains("Exception"));
      }
    }
  }

  @Test
  void supervisorShouldHearOfStartProgressReloadAndStop() throws IOException {
    Path socket = directory.resolve("notify");
    Path file = AgentProcess.fastConfiguration(directory, "targets = []");
    Map<String, String> environment =
        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "30000000");
    try (CTarget systemd = CTarget.start("notify_socket", socket.toString())) {
      systemd.awaitLine("ready");
      try (AgentProcess agent = AgentProcess.run(file, environment, List.of())) {
        assertTrue(agent.port() > 0, "or its log says why it does not start");
        assertEquals("READY=1", systemd.readLine());
        assertTrue(agent.scrape().value("leakwatch_rounds_total") >= 1, "ready after a round");
        assertTrue(agent.get("/-/ready").contains("ready"));
        int fed = 0;
        while (fed < 8) {
          fed += systemd.readLine().equals("WATCHDOG=1") ? 1 : 0;
        }
        double rounds = agent.scrape().value("leakwatch_rounds_total");
        assertTrue(fed <= rounds, fed + " signs of life in " + rounds + " rounds");

        agent.signal("HUP");
        systemd.awaitLine("RELOADING=1");
        systemd.awaitLine("MONOTONIC_USEC=");
        systemd.awaitLine("READY=1");
        systemd.awaitLine("WATCHDOG=1");

        agent.signal("TERM");
        systemd.awaitLine("STOPPING=1");
        assertEquals(0, agent.awaitEnd());
      }
    }
  }

  @Test
  void processThatMayNotBeReadShouldBeToldAndNeverBeZero() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
    Path file =
        AgentProcess.fastConfiguration(
            directory, "targets = [{ name = stranger, command-line = \"^sleep 61130$\" }]");
    List<String> nobody =
        List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "61130");
    List<String> unprivileged = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
    try (CTarget stranger = CTarget.launch(Map.of(), nobody);
        AgentProcess agent = AgentProcess.run(file, Map.of(), unprivileged)) {
      agent.await("the stranger", scrape -> scrape.value("stranger", UP) == 0);
      Scrape scrape = agent.awaitRounds(8);
      assertEquals(Integer.toString(stranger.pid()), scrape.pid("stranger"));
      assertEquals(0, scrape.value("stranger", UP));
      assertEquals(List.of(), scrape.of("stranger", "leakwatch_process_resident_bytes"));
      assertEquals(List.of(), scrape.of("stranger", "leakwatch_process_anonymous_bytes"));
      assertEquals(List.of(), scrape.of("stranger", "leakwatch_process_arenas"));
      List<Scrape.Series> denied =
          scrape.find(
              "leakwatch_sample_errors_total", one -> "denied".equals(one.labels().get("reason")));
      assertTrue(denied.size() == 1 && denied.get(0).value() >= 2, denied::toString);
      List<String> told =
          agent.log().stream().filter(line -> line.contains("WARN  stranger: ")).toList();
      assertEquals(1, told.size(), told::toString);
      assertTrue(told.get(0).contains("CAP_SYS_PTRACE"), told::toString);
    }
  }

  @Test
  void processThatMayNotBeReadAndGrowsShouldBeCalledGrowingWithTheReason() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
    Path file =
        AgentProcess.fastConfiguration(
            directory, "targets = [{ name = stranger, program = leak_threads }]");
    List<String> nobody = new ArrayList<>();
    nobody.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    nobody.add(CTarget.compile("leak_threads").toAbsolutePath().toString());
    nobody.addAll(List.of("4", "2000000", "500"));
    List<String> unprivileged = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
    try (CTarget stranger = CTarget.launch(Map.of(), nobody);
        AgentProcess agent = AgentProcess.run(file, Map.of(), unprivileged)) {
      agent.await("its growth", scrape -> scrape.verdict("stranger").matches("growing|leak"));
      assertTrue(stranger.isAlive());
      long told = agent.log().stream().filter(line -> line.contains("WARN  stranger: ")).count();
      assertEquals(1, told);
      String view = agent.get("/api/v1/processes/stranger");
      assertTrue(view.contains("CAP_SYS_PTRACE is missing"), view);
    }
  }

  @Test
  void restartedProcessShouldKeepItsNameAndAnEndedOneShouldVanish() throws IOException {
    Path file = AgentProcess.fastConfiguration(directory, STILL);
    try (AgentProcess agent = AgentProcess.run(file)) {
      agent.awaitRounds(1);
      String oldPid;
      try (CTarget first = CTarget.start("many_mappings", "10")) {
        oldPid = Integer.toString(first.pid());
        agent.await("the first", scrape -> scrape.pid("still").equals(oldPid));
      }
      try (CTarget second = CTarget.start("many_mappings", "10");
          CTarget twin = CTarget.start("many_mappings", "10")) {
        String newPid = Integer.toString(second.pid());
        String twinPid = Integer.toString(twin.pid());
        assertNotEquals(oldPid, newPid);
        Scrape scrape =
            agent.await(
                "the second and its twin",
                seen -> seen.pid("still").equals(newPid) && seen.pid("still-2").equals(twinPid));
        assertFalse(scrape.text().contains("pid=\"" + oldPid + "\""));
        assertEquals(1, scrape.of("still", "leakwatch_process_info").size());
        assertEquals(1, scrape.value("still", UP));
        assertEquals(1, scrape.value("still-2", UP));
        assertEquals(2, scrape.value("leakwatch_processes"));
      }
      Scrape after =
          agent.await(
              "their end", scrape -> !scrape.mentions("still") && !scrape.mentions("still-2"));
      assertEquals(0, after.value("leakwatch_processes"));
      long ended = agent.log().stream().filter(line -> line.contains(" ended: pid ")).count();
      assertEquals(3, ended);
    }
  }
}
