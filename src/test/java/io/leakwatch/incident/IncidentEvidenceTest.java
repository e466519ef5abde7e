package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.agent.FiringAlerts;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.export.json.IncidentJson;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.JoinedWorkers;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of an incident, with a real history file and a process that is not there. */
class IncidentEvidenceTest {
  private static final double NOW = Views.NOON.getEpochSecond();
  private static final String ID = "curve-mds-20260301T100000Z";
  private static final ProcessId GONE = new ProcessId(999_999_999, 1, "boot", 0);

  @TempDir Path directory;
  private HistoryStore store;
  private IncidentIndex index;
  private Incidents incidents;

  private void start() {
    start(Defaults.HISTORY.maxIncidentBytes());
  }

  private void start(long incidentBytesMax) {
    HistorySettings history =
        Defaults.history(
            directory.resolve("history/history.db"), "max-incident-bytes = " + incidentBytesMax);
    store = new HistoryStore(history);
    index = new IncidentIndex(SystemTime.TIME);
    index.open(history.path());
    DiagnosisSettings settings = Defaults.DIAGNOSIS;
    ProcFs procFs = ProcFs.live();
    DiagnosisQueue queue =
        new DiagnosisQueue(
            new DiagnosisChild(procFs, settings, null),
            history.path(),
            settings.waitingMax(),
            SystemTime.TIME,
            new JoinedWorkers());
    incidents =
        new Incidents(
            store,
            index,
            new DiagnosisRequests(queue, settings, index::lastDiagnosis),
            procFs.kernelFeatures().release(),
            FiringAlerts::summary,
            SystemTime.TIME);
  }

  @AfterEach
  void stop() {
    if (incidents != null) {
      incidents.close();
      store.close();
    }
  }

  private void round(double seconds, ProcessView... views) {
    incidents.round(seconds, List.of(views), name -> Optional.of(GONE));
  }

  /** Rounds until the look has been delivered. */
  private Incident awaitLook(ProcessView view) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      round(NOW + 1, view);
      Incident known = index.find(index.newest().get(0).id()).orElseThrow();
      if (!known.evidence().reportJson().contains("is running")) {
        return known;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no look was delivered");
  }

  /** One that has not ended yet. */
  private static Incident open(String id, Instant since, String report) {
    return new Incident(
            id,
            "curve-mds",
            "leak",
            Severity.WARNING,
            since,
            null,
            new Incident.Evidence("", "", "{}"))
        .withReport(report);
  }

  /** As an earlier run of the agent has written it. */
  private void record(Incident incident) {
    store.record(
        NOW,
        incident.id(),
        there ->
            new io.leakwatch.history.StoredIncident(
                incident.id(),
                incident.process(),
                incident.since().getEpochSecond(),
                1,
                IncidentJson.stored(incident)));
  }

  /** What the file holds of the only incident, whatever the agent has in memory. */
  private Incident inFile() throws IOException {
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history/history.db"))) {
      List<io.leakwatch.history.StoredIncident> rows = reader.incidents();
      assertEquals(1, rows.size());
      return IncidentJson.read(rows.get(0).json()).orElseThrow();
    }
  }

  /** Puts a file where the directory of the history should be. */
  private void takeHistoryAway() throws IOException {
    if (Files.exists(directory.resolve("history"))) {
      Files.move(directory.resolve("history"), directory.resolve("away"));
    }
    Files.writeString(directory.resolve("history"), "no directory");
  }

  private void bringHistoryBack() throws IOException {
    Files.delete(directory.resolve("history"));
    if (Files.exists(directory.resolve("away"))) {
      Files.move(directory.resolve("away"), directory.resolve("history"));
    }
  }

  private static ProcessView view(Severity severity) {
    return Views.leaking("curve-mds", severity, VerdictKind.LEAK);
  }

  private static JsonObject report(Incident incident) {
    return JsonParser.parseString(incident.evidence().reportJson()).getAsJsonObject();
  }

  @Test
  void shouldKeepWhatIsKnownAtOnceAndSayWhatIsMissing() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    Incident first = index.find(ID).orElseThrow();
    assertEquals("leak", first.verdict());
    assertTrue(first.evidence().reportJson().contains("is running"), first::toString);
    assertEquals(2, report(first).getAsJsonObject("ptmalloc").get("arena_count").getAsInt());

    Incident looked = awaitLook(view(Severity.WARNING));
    assertTrue(
        IncidentReport.missing(looked.evidence().reportJson())
            .contains("suspects and holders: the process ended before it could be diagnosed"),
        looked::toString);
    assertTrue(report(looked).getAsJsonObject("versions").has("kernel"));
    assertEquals(1, incidents.counts().begun());
    assertEquals(1, incidents.counts().failed());
  }

  @Test
  void anIncidentShouldGoOnWhileItsProcessIsNotJudged() {
    start();
    round(NOW, view(Severity.WARNING));
    round(NOW + 60, Views.denied("curve-mds"));
    assertEquals(Set.of("curve-mds"), incidents.open().keySet());
    round(NOW + 120);
    assertEquals(Set.of(), incidents.open().keySet());
  }

  @Test
  void aWorseSeverityShouldUpdateTheSameIncident() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    awaitLook(view(Severity.WARNING));
    round(NOW + 60, view(Severity.CRITICAL));
    round(NOW + 120, view(Severity.WARNING));
    assertEquals(1, index.newest().size());
    Incident worst = index.find(index.newest().get(0).id()).orElseThrow();
    assertEquals(Severity.CRITICAL, worst.severity());
    assertTrue(report(worst).has("versions"));
    assertNull(worst.until());

    round(NOW + 180);
    assertEquals(Views.NOON.plusSeconds(180), index.find(worst.id()).orElseThrow().until());
    assertFalse(incidents.open().containsKey("curve-mds"));
  }

  @Test
  void shouldGoOnAfterARestartOfTheAgent() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    awaitLook(view(Severity.WARNING));
    stop();
    start();
    assertEquals(1, index.newest().size());
    round(NOW + 10, view(Severity.WARNING));
    assertEquals(1, index.newest().size());
    assertEquals(0, incidents.counts().begun());
    assertTrue(incidents.open().containsKey("curve-mds"));
    assertTrue(
        Duration.between(Views.NOON, index.newest().get(0).since()).isNegative(),
        index.newest()::toString);
  }

  /** What is old is kept in less detail, so its begin is some minutes off after a restart. */
  @Test
  void shouldGoOnThoughItsBeginIsKnownLessWellAfterARestart() {
    String id = "curve-mds-20260301T095700Z";
    String report = IncidentJson.report(view(Severity.WARNING), Views.NOON);
    Incident known = open(id, Views.NOON.minusSeconds(7_380), report);
    start();
    record(known);
    stop();
    start();
    round(NOW + 10, view(Severity.WARNING));
    assertEquals(0, incidents.counts().begun());
    assertEquals(id, incidents.open().get("curve-mds").id());
    round(NOW + 70, view(Severity.CRITICAL));
    assertEquals(1, index.newest().size());
    assertEquals(Severity.CRITICAL, index.find(id).orElseThrow().severity());
  }

  @Test
  void anIncidentOfATimeWithoutHistoryShouldBeWholeInTheFileAfterwards()
      throws IOException, InterruptedException {
    takeHistoryAway();
    start();
    round(NOW, view(Severity.WARNING));
    assertTrue(index.find(ID).orElseThrow().evidence().reportJson().contains("is running"));
    awaitLook(view(Severity.WARNING));
    round(NOW + 60, view(Severity.CRITICAL));
    round(NOW + 120);

    Incident held = index.find(ID).orElseThrow();
    assertEquals(Views.NOON.plusSeconds(120), held.until());
    assertWhole(held);
    bringHistoryBack();
    round(NOW + 180);
    assertWhole(inFile());
    assertEquals(Views.NOON.plusSeconds(120), inFile().until());
    assertEquals(List.of(), index.notStored());
    assertEquals(0, index.dropped());
  }

  private static void assertWhole(Incident incident) {
    assertEquals(Severity.CRITICAL, incident.severity());
    JsonObject report = report(incident);
    assertEquals(Views.NOON.plusSeconds(60).toString(), report.get("at").getAsString());
    assertEquals(2, report.getAsJsonObject("ptmalloc").get("arena_count").getAsInt());
    assertTrue(report.getAsJsonObject("versions").has("kernel"), report::toString);
    assertTrue(report.get("missing").toString().contains("ended before"), report::toString);
  }

  @Test
  void evidenceThatCannotBeReadJustThenShouldStayAsItIs() throws IOException {
    Incident known =
        open(
            ID,
            Views.NOON.minusSeconds(7_200),
            """
            { "pid": 1, "at": "2026-03-01T11:00:00Z", "diagnosed_at": "2026-03-01T11:00:10Z",
              "missing": [], "suspects": [ { "type": "topology::Lease" } ],
              "diagnosis": { "verdict": "leak" }, "versions": { "glibc": "2.36" } }
            """);
    start();
    record(known);
    stop();
    start();
    takeHistoryAway();
    round(NOW, view(Severity.CRITICAL));
    Incident meanwhile = index.find(ID).orElseThrow();
    assertEquals(Severity.CRITICAL, meanwhile.severity());
    assertTrue(
        IncidentReport.missing(meanwhile.evidence().reportJson())
            .get(0)
            .contains("cannot be read now"),
        meanwhile::toString);
    round(NOW + 60);
    bringHistoryBack();
    round(NOW + 120);

    Incident kept = inFile();
    assertEquals(Severity.CRITICAL, kept.severity());
    assertEquals(Views.NOON.plusSeconds(60), kept.until());
    assertEquals("topology::Lease", kept.evidence().suspect());
    assertEquals("[]", report(kept).get("missing").toString());
    assertEquals(1, report(kept).getAsJsonArray("suspects").size());
    assertEquals(4711, report(kept).get("pid").getAsInt());
    assertEquals("2.36", report(kept).getAsJsonObject("versions").get("glibc").getAsString());
  }

  @Test
  void aHeadWithoutItsEvidenceShouldSayThatItIsLost() throws IOException, InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    awaitLook(view(Severity.WARNING));
    store.close();
    Files.writeString(directory.resolve("history/history.db"), "no database ".repeat(1000));
    round(NOW + 60);
    assertLost(index.find(ID).orElseThrow());
    assertLost(inFile());
    assertEquals(Views.NOON.plusSeconds(60), inFile().until());
  }

  private static void assertLost(Incident incident) {
    assertEquals(
        List.of("earlier evidence: it was lost with the history file, or dropped from it"),
        IncidentReport.missing(incident.evidence().reportJson()));
  }

  @Test
  void incidentsKnownLateShouldGoOnAndOldOnesOfTheirProcessShouldEnd() throws IOException {
    String report = IncidentJson.report(view(Severity.WARNING), Views.NOON);
    Incident open = open(ID, Views.NOON.minusSeconds(7_200), report);
    Incident older = open("curve-mds-20260201T100000Z", Views.NOON.minusSeconds(2_000_000), "{}");
    start();
    record(open);
    record(older);
    stop();
    takeHistoryAway();
    start();
    assertEquals(List.of(), index.newest());
    bringHistoryBack();
    round(NOW, view(Severity.WARNING));
    round(NOW + 1, view(Severity.WARNING));
    assertEquals(
        Set.of(ID), Set.copyOf(incidents.open().values().stream().map(Incident::id).toList()));
    assertEquals(Views.NOON.plusSeconds(1), index.find(older.id()).orElseThrow().until());
  }

  @Test
  void whatRunsOverTheMemoryForEvidenceShouldBeCounted() throws IOException {
    takeHistoryAway();
    start();
    ProcessView[] views = new ProcessView[70];
    for (int i = 0; i < views.length; i++) {
      views[i] = Views.leaking("store-" + i, Severity.WARNING, VerdictKind.LEAK);
    }
    round(NOW, views);
    assertEquals(64, index.notStored().size());
    assertTrue(index.dropped() >= 6, index.dropped() + " dropped");
    assertEquals(70, index.newest().size());
    Incident last = index.newest().get(69);
    index.add(last.withReport("{\"diagnosis\":\"" + "x".repeat(5 << 20) + "\"}"));
    assertEquals(64, index.notStored().size());
    assertTrue(
        index
            .find(last.id())
            .orElseThrow()
            .evidence()
            .reportJson()
            .contains("too much was queued"));
    bringHistoryBack();
    round(NOW + 1, views);
    assertEquals(List.of(), index.notStored());
  }

  @Test
  void evidenceLargerThanTheHistoryTakesShouldLeaveWhatIsThere() throws IOException {
    start(1 << 20);
    round(NOW, view(Severity.WARNING));
    Incident head = index.known(ID).orElseThrow().head();
    index.add(head.withReport("{\"diagnosis\":\"" + "x".repeat(300_000) + "\"}"));
    round(NOW + 60);
    Incident kept = inFile();
    assertEquals(Views.NOON.plusSeconds(60), kept.until());
    assertEquals(2, report(kept).getAsJsonObject("ptmalloc").get("arena_count").getAsInt());
    assertTrue(report(kept).get("missing").toString().contains("larger than"), kept::toString);
    assertEquals(1, index.dropped());
    assertEquals(List.of(), index.notStored());
  }

  @Test
  void oneSuspectShouldBeToldInALine() {
    assertEquals(
        "topology::Lease, +1200 × 272 B (319 KiB), 97 % of them unreferenced (lost)",
        IncidentReport.suspect(
            """
            { "suspects": [ { "type": "topology::Lease", "chunk_bytes": 272, "count_growth": 1200,
              "bytes_growth": 326400, "unreferenced_fraction": 0.97, "holders": [] } ] }
            """));
    assertEquals(
        "std::string \\\"session-?, +5 × 64 B (320 B), held by g_sessions + 16".replace("\\", ""),
        IncidentReport.suspect(
            """
            { "suspects": [ { "type": "std::string \\"session-\\u001b", "chunk_bytes": 64,
              "count_growth": 5, "bytes_growth": 320, "unreferenced_fraction": 0.1,
              "holders": [ { "where": "g_sessions + 16", "fraction": 0.8 } ] } ] }
            """));
    assertEquals(
        "chunks, +5 × 64 B (320 B), 30 % of them held by g_sessions",
        IncidentReport.suspect(
            """
            { "suspects": [ { "chunk_bytes": 64, "count_growth": 5, "bytes_growth": 320,
              "holders": [ { "where": "g_sessions", "fraction": 0.3 } ] } ] }
            """));
    String deep = "{\"suspects\":".repeat(100_000);
    for (String not :
        List.of("", "[]", "{", "{\"suspects\":3}", "{\"suspects\":[3]}", "null", deep)) {
      assertEquals("", IncidentReport.suspect(not), not);
    }
  }
}
