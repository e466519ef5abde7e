package io.leakwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agent and gateway as two processes, of which the agent has no network where that can be had. */
@Tag("acceptance")
class SeparateGatewayTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Predicate<IOException> UNAVAILABLE =
      e -> String.valueOf(e.getMessage()).contains(" 503 ");
  private static final String UP = "leakwatch_process_up";

  @TempDir private Path directory;

  /** Root can leave the network altogether. */
  private static List<String> withoutNetwork() {
    return System.getProperty("user.name").equals("root") ? List.of("unshare", "--net") : List.of();
  }

  private AgentProcess agent(Path file) {
    return AgentProcess.start(
        Map.of(), withoutNetwork(), "run", "--gateway", "--config.file", file.toString());
  }

  private AgentProcess gateway(Path file) {
    return AgentProcess.start(Map.of(), List.of(), "gateway", "--config.file", file.toString());
  }

  private Path configuration(String rest) {
    return AgentProcess.fastConfiguration(
        directory,
        """
        gateway {
          agent-socket = "%s"
          outlet-socket = "%s"
        }
        %s
        """
            .formatted(directory.resolve("agent.sock"), directory.resolve("outlet.sock"), rest));
  }

  @Test
  void loadShouldComeInAndAlertsShouldGoOutThroughTheGateway() throws IOException {
    try (PushReceiver receiver = PushReceiver.start();
        CTarget server = CTarget.start("metrics_server", "prometheus", "leaked", "4003", "1000")) {
      server.awaitLine("port ");
      Path file =
          configuration(
              """
              targets = [
                { name = found, program = metrics_server, command-line = "leaked 4003"
                  load { metrics = [app_sessions, app_requests_total] } }
              ]
              """
                  + receiver.configuration());
      try (AgentProcess agent = agent(file)) {
        agent.awaitLog(line -> line.contains("found") && line.contains("gateway does not answer"));
        try (AgentProcess gateway = gateway(file)) {
          Scrape loaded =
              gateway.await(
                  "load",
                  scrape -> scrape.value("found", "leakwatch_process_load_up") == 1,
                  UNAVAILABLE);
          assertEquals(1, loaded.value("found", UP));
          assertTrue(gateway.get("/").contains("<title>leakwatch</title>"));
          assertTrue(gateway.get("/metrics").contains("metric=\"app_requests_total\""));
          assertTrue(gateway.get("/api/v1/processes/found").contains("\"sampled_at\""));
          assertTrue(gateway.get("/-/ready").contains("ready"));
          for (boolean webhook : new boolean[] {true, false}) {
            receiver.await(0, one -> one.webhook() == webhook && one.firing(), PATIENCE);
          }
        }
        int pushed = receiver.pushed().size();
        server.close();
        agent.awaitLog(line -> line.contains("alertmanager") && line.contains("does not accept"));
        try (AgentProcess gateway = gateway(file)) {
          receiver.await(pushed, one -> one.webhook() && !one.firing(), PATIENCE);
          receiver.await(pushed, one -> !one.webhook() && !one.firing(), PATIENCE);
          gateway.signal("TERM");
          assertEquals(0, gateway.awaitEnd());
        }
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
        assertFalse(String.join("\n", agent.log()).contains("Exception"), agent.log()::toString);
      }
    }
  }

  @Test
  void gatewayShouldAnswer503WhileTheAgentIsAway() throws IOException {
    Path file = configuration("targets = []");
    try (AgentProcess gateway = gateway(file)) {
      assertUnavailable(gateway);
      try (AgentProcess agent = agent(file)) {
        gateway.await(
            "an answer", scrape -> scrape.value("leakwatch_rounds_total") > 0, UNAVAILABLE);
        agent.signal("STOP");
        assertUnavailable(gateway);
        agent.signal("CONT");
        gateway.await(
            "an answer", scrape -> scrape.value("leakwatch_rounds_total") > 0, UNAVAILABLE);
      }
      assertUnavailable(gateway);
      try (AgentProcess again = agent(file)) {
        gateway.await(
            "an answer", scrape -> scrape.value("leakwatch_rounds_total") > 0, UNAVAILABLE);
      }
    }
  }

  private static void assertUnavailable(AgentProcess gateway) {
    try {
      throw new AssertionError("answered: " + gateway.get("/metrics"));
    } catch (IOException e) {
      assertTrue(UNAVAILABLE.test(e), e::toString);
    }
  }

  @Test
  void reloadShouldMoveThePortAndRefuseABrokenFileInBoth() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Path file = configuration("targets = []");
    String good = Files.readString(file);
    try (AgentProcess agent = agent(file);
        AgentProcess gateway = gateway(file)) {
      gateway.await("an answer", scrape -> scrape.value("leakwatch_rounds_total") > 0, UNAVAILABLE);
      Files.writeString(file, "leakwatch {\n  sampling { tik = 1s }\n}\n");
      for (AgentProcess one : List.of(agent, gateway)) {
        one.signal("HUP");
        String told = one.awaitLog(line -> line.contains("not reloaded"));
        assertTrue(told.contains(file + ":2: ") && told.contains("tick"), told);
      }
      gateway.await(
          "a refusal", scrape -> scrape.value("leakwatch_config_last_reload_successful") == 0);

      Files.writeString(file, good.replace("127.0.0.1:0", "127.0.0.1:" + free));
      agent.signal("HUP");
      gateway.signal("HUP");
      gateway.awaitLog(line -> line.endsWith("listens on port " + free));
      agent.awaitLog(line -> line.contains("configuration reloaded"));

      Files.writeString(file, good.replace("agent.sock", "other.sock"));
      gateway.signal("HUP");
      String told = gateway.awaitLog(line -> line.contains("needs a restart"));
      assertTrue(told.contains("`gateway`"), told);
    }
  }

  @Test
  void socketsShouldBeForOwnerAndGroupAndGoWithTheirProcess() throws IOException {
    Path file = configuration("targets = []");
    try (AgentProcess agent = agent(file);
        AgentProcess gateway = gateway(file)) {
      gateway.await("an answer", scrape -> true, UNAVAILABLE);
      for (String socket : List.of("agent.sock", "outlet.sock")) {
        assertEquals(
            "rw-rw----",
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve(socket))));
      }
      agent.signal("TERM");
      gateway.signal("TERM");
      assertEquals(0, agent.awaitEnd());
      assertEquals(0, gateway.awaitEnd());
      assertFalse(Files.exists(directory.resolve("agent.sock")));
      assertFalse(Files.exists(directory.resolve("outlet.sock")));
    }
  }
}
