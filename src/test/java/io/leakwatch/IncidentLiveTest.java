package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.leakwatch.export.profile.PprofFile;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Scrape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an alert to its evidence, through the whole daemon and its real child. */
@Tag("acceptance")
class IncidentLiveTest {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final String TARGET =
      "targets = [ { name = lease, program = lease_leak } ]\ndiagnosis.on-alert = true\n";
  private static final String TYPE = "topology::Lease";

  private static boolean looked(JsonObject incident) {
    return !incident.getAsJsonObject("report").get("missing").toString().contains("is running");
  }

  @Test
  void anAlertShouldBringItsEvidenceAndKeepItOverARestart(@TempDir Path directory)
      throws IOException {
    try (PushReceiver receiver = PushReceiver.start();
        CTarget leak = CTarget.start("lease_leak", "20000", "16")) {
      leak.awaitLine("ready");
      Path configuration =
          AgentProcess.fastConfiguration(
              directory, TARGET + "diagnosis.span = 2s\n" + receiver.configuration());
      String id;
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        JsonObject incident = agent.awaitIncident("a look", IncidentLiveTest::looked);
        id = incident.get("id").getAsString();
        assertTrue(incident.get("suspect").getAsString().contains(TYPE), incident::toString);
        assertEvidence(incident.getAsJsonObject("report"), leak.pid());
        JsonObject begin = incident.getAsJsonObject("report").getAsJsonObject("profile_begin");
        String profile = begin.get("href").getAsString();
        assertEquals("/api/v1/incidents/" + id + "/profile-begin.pb.gz", profile);
        assertTrue(
            PprofFile.read(new ByteArrayInputStream(agent.bytes(profile))).samples().stream()
                .anyMatch(sample -> sample.frames().get(0).name().contains(TYPE)));
        PushReceiver.Pushed told =
            receiver.await(0, one -> one.firing() && one.summary().contains(TYPE), LIMIT);
        assertTrue(told.summary().contains("; suspect: " + TYPE), told::summary);
        agent.awaitLog(line -> line.contains("incident " + id) && line.contains(TYPE));
        Scrape scrape = agent.scrape();
        assertEquals(1, scrape.value("leakwatch_incidents_total"));
        assertEquals(1, scrape.value("leakwatch_diagnoses_total"));
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        JsonObject again =
            agent.awaitIncident("the same incident", one -> one.get("id").getAsString().equals(id));
        assertTrue(again.get("suspect").getAsString().contains(TYPE), again::toString);
        agent.awaitRounds(4);
        assertEquals(0, agent.scrape().value("leakwatch_diagnoses_total"));
      }
    }
  }

  private static void assertEvidence(JsonObject report, int pid) {
    assertEquals(pid, report.get("pid").getAsInt());
    assertTrue(report.getAsJsonArray("reasons").size() > 0, report::toString);
    assertTrue(report.getAsJsonArray("limits").size() > 0, report::toString);
    assertTrue(report.has("load"));
    assertTrue(report.getAsJsonObject("ptmalloc").getAsJsonArray("arenas").size() > 0);
    JsonObject series = report.getAsJsonObject("series");
    assertTrue(series.getAsJsonArray("time").size() > 10, series::toString);
    assertEquals(
        series.getAsJsonArray("time").size(), series.getAsJsonArray("rss_anon_bytes").size());
    JsonObject versions = report.getAsJsonObject("versions");
    for (String version : new String[] {"kernel", "glibc", "exe_build_id", "leakwatch"}) {
      assertFalse(versions.get(version).getAsString().isEmpty(), versions::toString);
    }
    JsonObject suspect = report.getAsJsonArray("suspects").get(0).getAsJsonObject();
    assertEquals(256, suspect.get("chunk_bytes").getAsLong(), suspect::toString);
    assertFalse(report.toString().contains(".rack7"), "memory left the machine unmasked");
  }

  @Test
  void aTargetThatIsKilledMeanwhileShouldLeaveAnIncidentThatSaysWhatIsMissing(
      @TempDir Path directory) throws IOException {
    Path configuration =
        AgentProcess.fastConfiguration(directory, TARGET + "diagnosis.span = 60s\n");
    try (AgentProcess agent = AgentProcess.run(configuration)) {
      try (CTarget leak = CTarget.start("lease_leak", "20000", "16")) {
        leak.awaitLine("ready");
        agent.awaitIncident("an incident", incident -> true);
      }
      JsonObject incident =
          agent.awaitIncident("its end", one -> looked(one) && !one.get("until").isJsonNull());
      String missing = incident.getAsJsonObject("report").getAsJsonArray("missing").toString();
      assertTrue(missing.contains("suspects and holders: "), missing);
      assertTrue(incident.getAsJsonObject("report").has("ptmalloc"));
    }
  }

  @Test
  void aLookThatTakesTooLongShouldBeGivenUp(@TempDir Path directory) throws IOException {
    Path configuration =
        AgentProcess.fastConfiguration(
            directory, TARGET + "diagnosis { span = 1s, timeout = 1100ms }\n");
    try (AgentProcess agent = AgentProcess.run(configuration);
        CTarget leak = CTarget.start("lease_leak", "20000", "16")) {
      leak.awaitLine("ready");
      JsonObject incident = agent.awaitIncident("a look", IncidentLiveTest::looked);
      String missing = incident.getAsJsonObject("report").getAsJsonArray("missing").toString();
      assertTrue(missing.contains("stopped after"), missing);
      assertEquals(1, agent.scrape().value("leakwatch_diagnoses_failed_total"));
    }
  }
}
