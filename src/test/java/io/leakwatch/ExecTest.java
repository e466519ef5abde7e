package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entry points that wait for something and then become the server, under the same pid. */
@Tag("acceptance")
class ExecTest {
  /** A shell that becomes one program and, at the next line, another. */
  private static final String ENTRY_POINT = "read go; exec sh -c 'read go; exec %s 30'";

  @TempDir Path directory;

  @Test
  void aProcessShouldBeFoundWhenItExecutesWhatIsMeantAndAnewWhenItExecutesMore()
      throws IOException {
    Path server = CTarget.compile("many_mappings");
    String configuration =
        """
        targets = [
          { name = entry, program = "sh|dash|bash", command-line = "^sh -c read go; exec .*many_map" }
          { name = server, program = many_mappings }
        ]
        """;
    try (CTarget target =
            CTarget.launch(
                Map.of(), List.of("sh", "-c", ENTRY_POINT.formatted(server.toAbsolutePath())));
        AgentProcess agent =
            AgentProcess.run(AgentProcess.fastConfiguration(directory, configuration))) {
      Scrape first = agent.await("the entry point", scrape -> scrape.mentions("entry"));
      String pid = Integer.toString(target.pid());
      assertEquals(pid, first.pid("entry"));
      target.send("go");
      agent.awaitLog(line -> line.contains("entry executes another program: pid " + pid));
      agent.awaitLog(line -> line.endsWith("watching entry: pid " + pid + ", " + exe(first)));
      target.send("go");
      target.awaitLine("ready");
      Scrape later = agent.await("the server", scrape -> scrape.mentions("server"));
      assertEquals(pid, later.pid("server"));
      assertFalse(later.mentions("entry"));
      assertTrue(exe(later).endsWith("many_mappings"), exe(later));
      assertNotEquals("", buildId(later));
      assertNotEquals(buildId(first), buildId(later));
    }
  }

  private static String exe(Scrape scrape) {
    return label(scrape, "exe");
  }

  private static String buildId(Scrape scrape) {
    return label(scrape, "build_id");
  }

  private static String label(Scrape scrape, String label) {
    return scrape.find("leakwatch_process_info", one -> true).get(0).label(label);
  }
}
