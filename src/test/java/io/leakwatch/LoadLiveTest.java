package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that tell their load, watched by the whole daemon. */
@Tag("acceptance")
class LoadLiveTest {
  private static final Set<String> LEAK = Set.of("leak", "growing");

  /** What the API says that a metric explains. */
  private static JsonObject load(AgentProcess agent, String process, String metric)
      throws IOException {
    JsonObject view =
        JsonParser.parseString(agent.get("/api/v1/processes/" + process)).getAsJsonObject();
    JsonArray loads = view.getAsJsonArray("load");
    for (JsonElement load : loads) {
      if (load.getAsJsonObject().get("metric").getAsString().equals(metric)) {
        return load.getAsJsonObject();
      }
    }
    throw new AssertionError(metric + " is not in " + loads);
  }

  @Test
  void growthThatIsTheLoadShouldBeLoadAndGrowthPerRequestALeak(@TempDir Path directory)
      throws IOException {
    try (CTarget held = CTarget.start("metrics_server", "prometheus", "held", "4000", "1000");
        CTarget leaked = CTarget.start("metrics_server", "prometheus", "leaked", "4000", "1000");
        CTarget brpc = CTarget.start("metrics_server", "vars", "held", "4000", "1000");
        CTarget brpcLeaks = CTarget.start("metrics_server", "vars", "leaked", "4000", "1000")) {
      String targets =
          """
          targets = [
            { name = held, program = metrics_server, command-line = "prometheus held"
              load { metrics = [app_sessions, app_requests_total] } }
            { name = leaked, program = metrics_server, command-line = "prometheus leaked"
              load { metrics = [app_sessions, app_requests_total] } }
            { name = brpc, program = metrics_server, command-line = "vars held", load {} }
            { name = brpc-leaks, program = metrics_server, command-line = "vars leaked", load {} }
          ]
          """;
      try (AgentProcess agent =
          AgentProcess.run(AgentProcess.fastConfiguration(directory, targets))) {
        for (String process : new String[] {"held", "brpc"}) {
          agent.await(process + " is load", scrape -> scrape.verdict(process).equals("load"));
        }
        for (String process : new String[] {"leaked", "brpc-leaks"}) {
          agent.await(process + " leaks", scrape -> scrape.verdict(process).equals("leak"));
        }
        Scrape last = agent.awaitRounds(8);
        assertEquals("load", last.verdict("held"), last::toString);
        assertEquals("load", last.verdict("brpc"), last::toString);
        assertTrue(LEAK.contains(last.verdict("leaked")), last::toString);
        assertTrue(LEAK.contains(last.verdict("brpc-leaks")), last::toString);

        JsonObject sessions = load(agent, "held", "app_sessions");
        assertTrue(sessions.get("explained_fraction").getAsDouble() > 0.7, sessions::toString);
        JsonObject blocks = load(agent, "brpc", "iobuf_block_memory");
        assertTrue(blocks.get("explained_fraction").getAsDouble() > 0.7, blocks::toString);
        JsonObject requests = load(agent, "leaked", "app_requests_total");
        assertTrue(requests.get("counter").getAsBoolean());
        assertEquals(4016, requests.get("bytes_per_unit").getAsDouble(), 600);
        JsonObject served = load(agent, "brpc-leaks", "rpc_server_*_count");
        assertEquals(4016, served.get("bytes_per_unit").getAsDouble(), 600);
      }
    }
  }

  @Test
  void anEndpointThatIsDeadShouldCostNothingButItsMetric(@TempDir Path directory)
      throws IOException {
    try (CTarget server = CTarget.start("metrics_server", "prometheus", "leaked", "4000", "1000")) {
      String port = server.awaitLine("port ").substring(5);
      String targets =
          """
          targets = [
            { name = dead, program = metrics_server, command-line = "leaked (?<bytes>4000)"
              load { url = "http://127.0.0.1:1/metrics", metrics = [app_sessions] } }
          ]
          """;
      try (AgentProcess agent =
          AgentProcess.run(AgentProcess.fastConfiguration(directory, targets))) {
        agent.awaitLog(line -> line.contains("dead") && line.contains("refused"));
        Scrape scrape = agent.await("a leak", one -> LEAK.contains(one.verdict("dead")));
        assertEquals(0, scrape.value("dead", "leakwatch_process_load_up"));
        assertTrue(!port.isEmpty() && server.isAlive());
      }
    }
  }
}
