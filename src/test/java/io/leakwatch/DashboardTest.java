package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.MonitoringStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every query of the dashboard and of its variables, against a Prometheus that a real agent feeds.
 */
@Tag("acceptance")
class DashboardTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Pattern VARIABLE_QUERY =
      Pattern.compile("label_values\\((.*), *([a-z_]+)\\)");

  @TempDir Path directory;

  @Test
  void everyQueryShouldShowSomething() throws IOException {
    Path monitoring = Files.createDirectory(directory.resolve("monitoring"));
    try (CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1000")) {
      leak.awaitLine("ready");
      Path configuration =
          AgentProcess.fastConfiguration(
              directory, "targets = [{ name = leak, program = leak_threads }]");
      try (AgentProcess agent = AgentProcess.run(configuration);
          MonitoringStack stack = MonitoringStack.start(monitoring, "127.0.0.1:" + agent.port())) {
        stack.awaitQuery("leakwatch_process_alert_severity > 0", LIMIT);
        List<String> queries = queries();
        assertTrue(queries.size() > 20, queries::toString);
        for (String query : queries) {
          assertFalse(stack.awaitQuery(query, LIMIT).isEmpty(), query);
        }
      }
    }
  }

  private static List<String> queries() throws IOException {
    JsonObject dashboard =
        JsonParser.parseString(Files.readString(Path.of("deploy/grafana/leakwatch.json")))
            .getAsJsonObject();
    List<String> queries = new ArrayList<>();
    for (JsonElement element : dashboard.getAsJsonObject("templating").getAsJsonArray("list")) {
      JsonObject variable = element.getAsJsonObject();
      if (variable.get("type").getAsString().equals("query")) {
        String text = variable.getAsJsonObject("query").get("query").getAsString();
        Matcher matcher = VARIABLE_QUERY.matcher(text);
        assertTrue(matcher.matches(), text);
        queries.add(filled("count by (" + matcher.group(2) + ") (" + matcher.group(1) + ")"));
      }
    }
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        queries.add(filled(target.getAsJsonObject().get("expr").getAsString()));
      }
    }
    return queries;
  }

  /** As Grafana fills in what it shows by default: all of everything. */
  private static String filled(String query) {
    String filled = query.replaceAll("\\$(job|instance|process)\\b", ".*");
    assertFalse(filled.contains("$"), query);
    return filled;
  }
}
