package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The agent on a node that is as full as the defaults allow, under the launcher's own flags, at a
 * pace at which a minute has the looks and walks of an hour.
 */
@Tag("acceptance")
class FullNodeTest {
  private static final Duration A_WHILE = Duration.ofSeconds(15);
  private static final String TARGETS =
      """
      targets = [ { name = "node-${n}", command-line = "many_processes child (?<n>\\\\d+)" } ]
      sampling.watch-self = true
      """;
  private static final String PACE =
      """
      sampling {
        tick = 1s, interval = 1s, layout-interval = 1s, exact-interval = 20s
        walk-interval = 5s, growing-walk-interval = 5s
        target-budget = 0.5, node-budget = 0.9, walk-budget = 0.9
      }
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"255, 3000, 3", "30, 60000, 3"})
  void theAgentShouldLiveWithAsManyProcessesAndMappingsAsTheDefaultsAllow(
      int processes, int mappings, int threads) throws IOException {
    live(processes, mappings, threads, TARGETS + PACE, A_WHILE);
  }

  /** The same for an hour at the default pace: {@code -Dleakwatch.node.minutes=60}. */
  @Tag("benchmark")
  @ParameterizedTest
  @CsvSource({"255, 3000, 3", "30, 60000, 3"})
  void theAgentShouldLiveForAnHour(int processes, int mappings, int threads) throws IOException {
    Duration time = Duration.ofMinutes(Integer.getInteger("leakwatch.node.minutes", 60));
    live(processes, mappings, threads, "include \"reference.conf\"\n" + TARGETS, time);
  }

  private void live(int processes, int mappings, int threads, String settings, Duration time)
      throws IOException {
    Path configuration = AgentProcess.fastConfiguration(directory, settings);
    try (CTarget node =
            CTarget.start(
                "many_processes",
                Integer.toString(processes),
                Integer.toString(mappings),
                Integer.toString(threads));
        AgentProcess agent = AgentProcess.run(configuration)) {
      node.awaitLine("ready");
      agent.await("all processes", scrape -> looked(scrape) == processes);
      long end = System.nanoTime() + time.toNanos();
      Scrape scrape = agent.awaitRounds(2);
      while (System.nanoTime() < end) {
        scrape = agent.awaitRounds(2);
        agent.get("/api/v1/processes");
        assertEquals(processes, looked(scrape));
        assertTrue(scrape.mentions("leakwatch"), "the agent does not watch itself");
      }
      assertEquals(3.0, threadsOf(scrape), "arenas of the first process beside its main one");
      agent.signal("TERM");
      assertEquals(0, agent.awaitEnd());
      assertTrue(
          agent.log().stream().noneMatch(line -> line.contains("ending")), agent.log()::toString);
    }
  }

  /** Processes of which the mappings are known. */
  private static long looked(Scrape scrape) {
    return scrape
        .find("leakwatch_process_mappings", one -> one.label("process").startsWith("node-"))
        .size();
  }

  private static double threadsOf(Scrape scrape) {
    return scrape.value("node-0", "leakwatch_process_arenas") - 1;
  }

  @Test
  void aProcessWithMoreMappingsThanAreLookedAtShouldBeToldAndWatchedByItsCounters()
      throws IOException {
    String settings =
        "targets = [{ name = many, program = many_mappings }]\nsampling.max-mappings = 500\n";
    try (CTarget many = CTarget.start("many_mappings", "1000");
        AgentProcess agent =
            AgentProcess.run(AgentProcess.fastConfiguration(directory, settings))) {
      many.awaitLine("ready");
      String told = agent.awaitLog(line -> line.contains("mappings, more than the 500"));
      assertTrue(told.contains("(sampling.max-mappings)"), told);
      Scrape scrape = agent.awaitRounds(4);
      assertEquals(1, scrape.value("many", "leakwatch_process_up"));
      assertTrue(scrape.value("many", "leakwatch_process_anonymous_bytes") > 0);
      assertTrue(scrape.of("many", "leakwatch_process_resident_bytes").isEmpty());
      assertEquals(1, agent.log().stream().filter(line -> line.contains("more than the")).count());
    }
  }

  @Test
  void aHeapThatIsTooSmallForTheConfigurationShouldBeRefusedAtTheStartAndAtAReload()
      throws IOException {
    Path good = AgentProcess.fastConfiguration(directory, TARGETS);
    try (AgentProcess agent = AgentProcess.run(good)) {
      agent.awaitRounds(1);
      AgentProcess.fastConfiguration(directory, TARGETS + "sampling.max-processes = 1000\n");
      agent.signal("HUP");
      String refused = agent.awaitLog(line -> line.contains("configuration not reloaded"));
      assertTrue(refused.contains("set LEAKWATCH_HEAP="), refused);
      agent.awaitRounds(1);
    }
    Tool.Result started = Tool.run("", Launcher.command("run", "--config.file", good.toString()));
    assertEquals(2, started.status(), started.output());
    assertEquals(1, started.output().lines().count(), started.output());
    String heap = started.output().replaceFirst("(?s).*LEAKWATCH_HEAP=(\\w+).*", "$1");
    try (AgentProcess agent =
        AgentProcess.run(good, java.util.Map.of("LEAKWATCH_HEAP", heap), java.util.List.of())) {
      agent.awaitRounds(1);
    }
  }
}
