package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What lies in deploy/ is accepted by the programs that it is made for. */
class DeployTest {
  private static final Path DEPLOY = Path.of("deploy");
  private static final int GRID_COLUMNS = 24;

  @Test
  void prometheusShouldAcceptTheScrapeConfigurationAndRules() {
    accept("promtool", "check", "config", DEPLOY.resolve("prometheus/prometheus.yml").toString());
  }

  @Test
  void rulesShouldDecideAsTheirTestsSay() {
    accept(
        "promtool",
        "test",
        "rules",
        DEPLOY.resolve("prometheus/tests/leakwatch.test.yml").toString());
  }

  @Test
  void alertmanagerShouldAcceptRoutesAndTemplate() {
    accept("amtool", "check-config", DEPLOY.resolve("alertmanager/alertmanager.yml").toString());
  }

  @Test
  void alertmanagerShouldRouteABuildsFaultByItself() {
    String config = DEPLOY.resolve("alertmanager/alertmanager.yml").toString();
    Tool.Result routes =
        Tool.run("", List.of("amtool", "config", "routes", "show", "--config.file=" + config));
    assertEquals(0, routes.status(), routes.output());
    assertTrue(routes.output().contains("LeakwatchBuildLeaks"), routes.output());
  }

  /** What Grafana's dashboard model asks of every dashboard and panel. */
  @Test
  void dashboardShouldFollowGrafanasModel() throws IOException {
    JsonObject dashboard =
        JsonParser.parseString(Files.readString(DEPLOY.resolve("grafana/leakwatch.json")))
            .getAsJsonObject();
    for (String key : List.of("title", "uid", "schemaVersion", "panels", "templating", "time")) {
      assertTrue(dashboard.has(key), key);
    }
    assertTrue(dashboard.get("id").isJsonNull(), "an id would overwrite another dashboard");
    Set<Integer> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    JsonArray panels = dashboard.getAsJsonArray("panels");
    assertFalse(panels.isEmpty());
    for (JsonElement element : panels) {
      JsonObject panel = element.getAsJsonObject();
      assertTrue(ids.add(panel.get("id").getAsInt()), "two panels with one id");
      String title = panel.get("title").getAsString();
      assertFalse(panel.get("description").getAsString().isEmpty(), title);
      occupy(panel.getAsJsonObject("gridPos"), cells, title);
      Set<String> letters = new HashSet<>();
      for (JsonElement target : panel.getAsJsonArray("targets")) {
        assertTrue(letters.add(target.getAsJsonObject().get("refId").getAsString()), title);
      }
    }
  }

  private static void occupy(JsonObject place, Set<String> cells, String title) {
    int x = place.get("x").getAsInt();
    int y = place.get("y").getAsInt();
    assertTrue(x + place.get("w").getAsInt() <= GRID_COLUMNS, title);
    for (int column = x; column < x + place.get("w").getAsInt(); column++) {
      for (int row = y; row < y + place.get("h").getAsInt(); row++) {
        assertTrue(cells.add(column + "," + row), title + " lies on another panel");
      }
    }
  }

  private static void accept(String... command) {
    Tool.Result result = Tool.run("", List.of(command));
    assertEquals(0, result.status(), result.output());
  }
}
