package io.leakwatch.field;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A watcher that may read smaps but no memory, as under Yama 1 without a capability or in a
 * container's filter; here a filter refuses process_vm_readv. Right: threads' heaps are arenas,
 * fused and full ones too, and every answer says that the shape alone says so.
 */
@Tag("acceptance")
class WithoutPermissionTest {
  private static final String SHAPE = "known by the shape alone";

  private static List<String> denied(List<String> command) {
    List<String> all = new ArrayList<>();
    all.add(CTarget.compile("deny_memory").toAbsolutePath().toString());
    all.addAll(command);
    return all;
  }

  @BeforeEach
  void needsAFilter() {
    Tool.Result probe = Tool.run("", denied(List.of("true")));
    assumeTrue(probe.status() == 0, "seccomp filters are needed: " + probe.output().strip());
  }

  private static JsonObject inspect(List<String> command) {
    Tool.Result seen = Tool.run("", command);
    assertEquals(0, seen.status(), seen.output());
    return JsonParser.parseString(seen.output().substring(seen.output().indexOf('{')))
        .getAsJsonObject();
  }

  private static JsonObject arena(JsonObject view) {
    return view.getAsJsonObject("kinds").getAsJsonObject("arena");
  }

  @Test
  void inspectShouldFindTheSameHeapsAsWithThePermissionAndSayHow() {
    try (CTarget target = CTarget.start("two_arenas", "40000")) {
      target.awaitLine("ready");
      String pid = Integer.toString(target.pid());
      JsonObject full = inspect(Launcher.command("inspect", pid, "--json"));
      JsonObject blind = inspect(denied(Launcher.command("inspect", pid, "--json")));

      assertEquals(arena(full).get("mapped_bytes"), arena(blind).get("mapped_bytes"));
      assertEquals(arena(full).get("resident_bytes"), arena(blind).get("resident_bytes"));
      assertEquals("shape", arena(blind).get("classified_by").getAsString());
      assertFalse(arena(full).has("classified_by"), full::toString);
      assertTrue(blind.get("kinds_notes").toString().contains(SHAPE), blind::toString);
      assertEquals("[]", full.get("kinds_notes").toString());

      Tool.Result text = Tool.run("", denied(Launcher.command("inspect", pid)));
      assertTrue(
          text.output().lines().anyMatch(line -> line.startsWith("note: ") && line.contains(SHAPE)),
          text.output());
    }
  }

  @Test
  void theAgentShouldBookThemAsArenasAndSayHow(@TempDir Path directory) throws IOException {
    Path configuration =
        AgentProcess.fastConfiguration(
            directory, "targets = [ { name = fused, program = two_arenas } ]\n");
    try (CTarget target = CTarget.start("two_arenas", "40000");
        AgentProcess agent = AgentProcess.run(configuration, Map.of(), denied(List.of()))) {
      target.awaitLine("ready");
      agent.await("arenas", scrape -> arenaBytes(scrape) >= 300e6);
      JsonObject view =
          JsonParser.parseString(agent.get("/api/v1/processes/fused")).getAsJsonObject();
      assertEquals("shape", arena(view).get("classified_by").getAsString(), view::toString);
      assertTrue(view.get("kinds_notes").toString().contains(SHAPE), view::toString);
    }
  }

  private static double arenaBytes(Scrape scrape) {
    return scrape.of("fused", "leakwatch_process_resident_bytes").stream()
        .filter(one -> one.label("kind").equals("arena"))
        .mapToDouble(Scrape.Series::value)
        .sum();
  }
}
