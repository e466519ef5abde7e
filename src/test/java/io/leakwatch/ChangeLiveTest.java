package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real servers that begin to leak: one when its executable is replaced by another build and it
 * is started anew, the other when its configuration is modified. The agent names both, and does so
 * again after a restart of its own.
 */
@Tag("acceptance")
class ChangeLiveTest {
  private static final String SECRET = "hunter2hunter2";
  private static final Duration STEADY = Duration.ofSeconds(36);

  @TempDir Path directory;
  private Path upgraded;
  private Path configured;
  private Path file;
  private Path configuration;

  @BeforeEach
  void install() throws IOException {
    upgraded = directory.resolve("upgraded");
    configured = directory.resolve("configured");
    Files.copy(CTarget.compile("release"), upgraded);
    Files.copy(CTarget.compile("release"), configured);
    file = Files.writeString(directory.resolve("server.conf"), "cache = 1\n");
    configuration =
        AgentProcess.fastConfiguration(
            directory,
            "targets = [ { name = upgraded, program = upgraded },"
                + " { name = configured, program = configured } ]\n");
  }

  private CTarget start(Path program) {
    return CTarget.start(Map.of(), program, "--conf=" + file, "--password", SECRET);
  }

  @Test
  void whatChangedWhenALeakBeganShouldBeNamedAlsoAfterARestartOfTheAgent()
      throws IOException, InterruptedException {
    CTarget before = start(upgraded);
    try (CTarget server = start(configured)) {
      before.awaitLine("ready");
      server.awaitLine("ready");
      Instant replaced;
      Instant modified;
      CTarget after;
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.await("both", seen -> seen.mentions("upgraded") && seen.mentions("configured"));
        Thread.sleep(STEADY.toMillis());
        before.close();
        Path next = directory.resolve("next");
        Files.copy(CTarget.compile("release", "-DLEAKS"), next);
        Files.move(next, upgraded, StandardCopyOption.REPLACE_EXISTING);
        replaced = Instant.now();
        after = start(upgraded);
        after.awaitLine("ready");
        modified = Instant.now();
        Files.writeString(file, "cache = 100\n");
        server.send("leak");
        agent.await("both leaks", ChangeLiveTest::leaks);
        assertNamed(agent, replaced, modified);
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.await("both leaks", ChangeLiveTest::leaks);
        assertNamed(agent, replaced, modified);
        assertRecorded();
      } finally {
        after.close();
      }
    } finally {
      before.close();
    }
  }

  private static boolean leaks(Scrape seen) {
    for (String name : List.of("upgraded", "configured")) {
      if (!seen.mentions(name) || !(seen.value(name, "leakwatch_process_alert_severity") > 0)) {
        return false;
      }
    }
    return true;
  }

  private static void assertNamed(AgentProcess agent, Instant replaced, Instant modified)
      throws IOException {
    JsonObject build = changes(agent, "upgraded", "build").get(0).getAsJsonObject();
    assertEquals("build", build.get("kind").getAsString(), build::toString);
    assertTrue(
        build
            .get("text")
            .getAsString()
            .matches("build [0-9a-f]{12}… replaced [0-9a-f]{12}…, which had run .* without growth"),
        build::toString);
    assertNear(replaced, build);
    JsonObject file = changes(agent, "configured", "configuration").get(0).getAsJsonObject();
    assertEquals("configuration", file.get("kind").getAsString(), file::toString);
    assertTrue(
        file.get("text").getAsString().contains("given as --conf was modified"), file::toString);
    assertNear(modified, file);
  }

  private static void assertNear(Instant when, JsonObject change) {
    Instant told = Instant.parse(change.get("time").getAsString());
    assertTrue(Duration.between(when, told).abs().toMillis() < 1500, () -> when + " " + change);
  }

  /**
   * A configuration file is looked at every ten rounds, so a leak may be told before its change.
   */
  private static JsonArray changes(AgentProcess agent, String name, String kind)
      throws IOException {
    JsonObject process = process(agent, name);
    for (int i = 0; i < 80 && !isFirst(kind, process.getAsJsonArray("changes")); i++) {
      agent.awaitRounds(1);
      process = process(agent, name);
    }
    JsonArray changes = process.getAsJsonArray("changes");
    assertTrue(isFirst(kind, changes), process::toString);
    String reasons = process.getAsJsonArray("reasons").toString();
    assertFalse((changes + reasons).contains(SECRET), reasons);
    String first = changes.get(0).getAsJsonObject().get("text").getAsString();
    assertTrue(reasons.contains(first.substring(0, first.indexOf(','))), reasons);
    return changes;
  }

  private static boolean isFirst(String kind, JsonArray changes) {
    return !changes.isEmpty()
        && changes.get(0).getAsJsonObject().get("kind").getAsString().equals(kind);
  }

  private static JsonObject process(AgentProcess agent, String name) throws IOException {
    return JsonParser.parseString(agent.get("/api/v1/processes/" + name)).getAsJsonObject();
  }

  /** What is recorded holds no value of an argument, and its CSV has the builds. */
  private void assertRecorded() throws IOException {
    for (String log : List.of("history.db", "history.db-wal")) {
      Path part = directory.resolve(log);
      if (Files.exists(part)) {
        assertFalse(
            new String(Files.readAllBytes(part), java.nio.charset.StandardCharsets.ISO_8859_1)
                .contains(SECRET));
      }
    }
    Tool.Result csv =
        Tool.run(
            "",
            Launcher.command(
                "history", "upgraded", "--csv", "--config.file", configuration.toString()));
    assertTrue(csv.output().startsWith("time,incarnation,build,"), csv::output);
  }
}
