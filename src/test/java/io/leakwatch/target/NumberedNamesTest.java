package io.leakwatch.target;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes that the configuration gives one name, through restarts of theirs and ours. */
@Tag("acceptance")
@Timeout(240)
class NumberedNamesTest {
  private static final String STILL = "targets = [{ name = still, program = many_mappings }]";
  private static final List<String> NAMES = List.of("still", "still-2", "still-3");

  @TempDir private Path directory;

  private static CTarget start() {
    CTarget target = CTarget.start("many_mappings", "10");
    target.readLine();
    return target;
  }

  /** Waits until the agent watches so many, and tells which pid has which name. */
  private static Map<String, Integer> named(AgentProcess agent, int count) throws IOException {
    var scrape =
        agent.await(
            count + " processes", seen -> NAMES.stream().filter(seen::mentions).count() == count);
    Map<String, Integer> named = new TreeMap<>();
    for (String name : NAMES) {
      if (scrape.mentions(name)) {
        named.put(name, Integer.parseInt(scrape.pid(name)));
      }
    }
    return named;
  }

  private static void stop(AgentProcess agent) throws IOException {
    agent.awaitRounds(3);
    agent.signal("TERM");
    assertEquals(0, agent.awaitEnd());
  }

  @Test
  void aProcessShouldKeepTheNumberUnderWhichItsHistoryIsKept() throws IOException {
    Path file = AgentProcess.fastConfiguration(directory, STILL);
    try (CTarget first = start();
        CTarget second = start()) {
      try (AgentProcess agent = AgentProcess.run(file)) {
        assertEquals(
            Map.of("still", first.pid(), "still-2", second.pid()), named(agent, 2), "by age");
        first.close();
        agent.await("its end", seen -> !seen.mentions("still"));
        try (CTarget restarted = start()) {
          Map<String, Integer> names = Map.of("still", restarted.pid(), "still-2", second.pid());
          assertEquals(names, named(agent, 2), "a restarted process finds its name free");
          stop(agent);
          try (AgentProcess again = AgentProcess.run(file)) {
            assertEquals(names, named(again, 2), "though it is the younger one");
            stop(again);
          }
        }
      }
      try (AgentProcess agent = AgentProcess.run(file)) {
        assertEquals(Map.of("still-2", second.pid()), named(agent, 1), "though it is alone");
        try (CTarget third = start()) {
          assertEquals(Map.of("still", third.pid(), "still-2", second.pid()), named(agent, 2));
        }
      }
    }
  }
}
