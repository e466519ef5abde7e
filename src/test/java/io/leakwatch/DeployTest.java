package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.config.Configuration;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

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

  /** The subject and text of a message, about a process and about a build. */
  @Test
  void templateShouldTellWhoAndWhatNext() throws IOException {
    String process =
        """
        {"status": "firing",
         "commonLabels": {"alertname": "LeakwatchMemoryGrowth", "process": "curve-mds",
           "instance": "n1", "verdict": "leak", "severity": "critical"},
         "alerts": [{"status": "firing",
           "labels": {"alertname": "LeakwatchMemoryGrowth", "severity": "critical"},
           "annotations": {"summary": "curve-mds leaks", "next": "leakwatch inspect curve-mds"}}]}
        """;
    assertEquals("[FIRING] curve-mds on n1: leak", rendered("leakwatch.title", process));
    assertEquals(
        "critical: curve-mds leaks\nNext: leakwatch inspect curve-mds",
        rendered("leakwatch.text", process));
    String build =
        """
        {"status": "resolved",
         "commonLabels": {"alertname": "LeakwatchBuildLeaks", "service": "chunkserver",
           "build_id": "5f3c2a9d00112233445566778899aabbccddeeff"},
         "alerts": [{"status": "resolved", "annotations": {},
           "labels": {"alertname": "LeakwatchBuildLeaks", "service": "chunkserver"}}]}
        """;
    assertEquals("[RESOLVED] chunkserver (build 5f3c2a9d0011)", rendered("leakwatch.title", build));
    assertEquals("resolved: LeakwatchBuildLeaks chunkserver", rendered("leakwatch.text", build));
  }

  private static String rendered(String template, String data) throws IOException {
    Path file = Files.createTempFile("leakwatch-alert", ".json");
    try {
      Files.writeString(file, data);
      Tool.Result result =
          Tool.run(
              "",
              List.of(
                  "amtool",
                  "template",
                  "render",
                  "--template.glob=" + DEPLOY.resolve("alertmanager/leakwatch.tmpl"),
                  "--template.text={{ template \"" + template + "\" . }}",
                  "--template.data=" + file));
      assertEquals(0, result.status(), result.output());
      return result.output().strip();
    } finally {
      Files.delete(file);
    }
  }

  /** The rights that the agent needs on a node and no others; nothing of the Kubernetes API. */
  @Test
  void daemonSetShouldAskForNoMoreThanItNeeds() throws IOException {
    JsonObject daemonSet = kubernetes("DaemonSet");
    JsonObject pod =
        daemonSet.getAsJsonObject("spec").getAsJsonObject("template").getAsJsonObject("spec");
    assertTrue(pod.get("hostPID").getAsBoolean());
    assertFalse(pod.get("automountServiceAccountToken").getAsBoolean());
    JsonObject container = pod.getAsJsonArray("containers").get(0).getAsJsonObject();
    JsonObject security = container.getAsJsonObject("securityContext");
    assertTrue(security.get("readOnlyRootFilesystem").getAsBoolean());
    assertFalse(security.get("allowPrivilegeEscalation").getAsBoolean());
    assertFalse(security.has("privileged"));
    JsonObject capabilities = security.getAsJsonObject("capabilities");
    assertEquals("[\"ALL\"]", capabilities.get("drop").toString());
    assertEquals("[\"SYS_PTRACE\",\"DAC_READ_SEARCH\"]", capabilities.get("add").toString());
    JsonObject resources = container.getAsJsonObject("resources");
    assertTrue(resources.getAsJsonObject("limits").has("memory"));
    assertFalse(resources.getAsJsonObject("limits").has("cpu"), "a throttled reader stalls");
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      String path =
          container.getAsJsonObject(probe).getAsJsonObject("httpGet").get("path").getAsString();
      assertEquals(probe.equals("livenessProbe") ? "/-/healthy" : "/-/ready", path);
    }
    Set<String> volumes = new HashSet<>();
    pod.getAsJsonArray("volumes")
        .forEach(volume -> volumes.add(volume.getAsJsonObject().get("name").getAsString()));
    for (JsonElement mount : container.getAsJsonArray("volumeMounts")) {
      assertTrue(
          volumes.remove(mount.getAsJsonObject().get("name").getAsString()), mount::toString);
    }
    assertEquals(Set.of(), volumes);
    JsonObject labels =
        daemonSet
            .getAsJsonObject("spec")
            .getAsJsonObject("template")
            .getAsJsonObject("metadata")
            .getAsJsonObject("labels");
    assertEquals(
        daemonSet
            .getAsJsonObject("spec")
            .getAsJsonObject("selector")
            .getAsJsonObject("matchLabels"),
        labels);
  }

  /** The configuration in the cluster is one that the agent takes. */
  @Test
  void agentShouldTakeTheConfigurationOfTheCluster(@TempDir Path directory) throws Exception {
    String text =
        kubernetes("ConfigMap").getAsJsonObject("data").get("leakwatch.conf").getAsString();
    Path file = Files.writeString(directory.resolve("leakwatch.conf"), text);
    assertEquals(
        "/var/lib/leakwatch/history.db", Configuration.load(file).history().path().toString());
  }

  private static JsonObject kubernetes(String kind) throws IOException {
    String text = Files.readString(DEPLOY.resolve("kubernetes/leakwatch.yaml"));
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      JsonObject object = new Gson().toJsonTree(document).getAsJsonObject();
      if (object.get("kind").getAsString().equals(kind)) {
        return object;
      }
    }
    throw new AssertionError("no " + kind);
  }

  @Test
  void packetFilterShouldAcceptTheBoundForEachAddress() {
    String file = DEPLOY.resolve("leakwatch.nft").toString();
    accept("unshare", "--map-root-user", "--net", "nft", "--check", "--file", file);
  }

  @Test
  void playbookShouldPassAnsible() {
    Path ansible = DEPLOY.resolve("ansible");
    assumeTrue(isThere("ansible-playbook"), "no ansible here");
    accept(
        "ansible-playbook",
        "--syntax-check",
        "-i",
        ansible.resolve("server.ini").toString(),
        ansible.resolve("leakwatch.yml").toString());
    if (isThere("ansible-lint")) {
      accept("ansible-lint", "--offline", "-q", ansible.resolve("leakwatch.yml").toString());
    }
  }

  private static boolean isThere(String program) {
    return Tool.run("", List.of("sh", "-c", "command -v " + program)).status() == 0;
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
