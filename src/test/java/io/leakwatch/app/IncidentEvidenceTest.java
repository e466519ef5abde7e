package io.leakwatch.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.diagnose.VerdictKind;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentJson;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of an incident, with a real history file and a process that is not there. */
class IncidentEvidenceTest {
  private static final double NOW = Views.NOON.getEpochSecond();
  private static final ProcessId GONE = new ProcessId(999_999_999, 1, "boot", 0);

  @TempDir Path directory;
  private HistoryStore store;
  private IncidentBook book;
  private Incidents incidents;

  private void start() {
    HistorySettings usual = HistorySettings.DEFAULTS;
    HistorySettings history =
        new HistorySettings(
            directory.resolve("history.db"),
            usual.maxBytes(),
            usual.retention(),
            usual.rawRetention(),
            usual.consolidatedInterval(),
            usual.maxPendingSamples(),
            usual.maxIncidentsPerProcess(),
            usual.maxIncidentBytes());
    store = new HistoryStore(history);
    book = new IncidentBook();
    book.open(history.path());
    DiagnosisSettings settings = DiagnosisSettings.DEFAULTS;
    incidents =
        new Incidents(
            store,
            book,
            new DiagnosisDesk(ProcFs.live(), settings, history.path(), null),
            settings,
            Alerting::summary);
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
      Incident known = book.find(book.newest().get(0).id()).orElseThrow();
      if (IncidentJson.diagnosedAt(known.reportJson()) != null) {
        return known;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no look was delivered");
  }

  private static ProcessView view(Severity severity) {
    return Views.leaking("curve-mds", severity, VerdictKind.LEAK);
  }

  private static JsonObject report(Incident incident) {
    return JsonParser.parseString(incident.reportJson()).getAsJsonObject();
  }

  @Test
  void shouldKeepWhatIsKnownAtOnceAndSayWhatIsMissing() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    Incident first = book.find("curve-mds-20260301T100000Z").orElseThrow();
    assertEquals("leak", first.verdict());
    assertTrue(first.reportJson().contains("under way"), first::reportJson);
    assertEquals(2, report(first).getAsJsonObject("ptmalloc").get("arena_count").getAsInt());

    Incident looked = awaitLook(view(Severity.WARNING));
    assertTrue(
        IncidentJson.missing(looked.reportJson())
            .contains("suspects and holders: the process ended before it could be looked at"),
        looked::reportJson);
    assertTrue(report(looked).getAsJsonObject("versions").has("kernel"));
    assertEquals(1, incidents.counts().begun());
    assertEquals(1, incidents.counts().failed());
  }

  @Test
  void aWorseSeverityShouldUpdateTheSameIncident() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    awaitLook(view(Severity.WARNING));
    round(NOW + 60, view(Severity.CRITICAL));
    round(NOW + 120, view(Severity.WARNING));
    assertEquals(1, book.newest().size());
    Incident worst = book.find(book.newest().get(0).id()).orElseThrow();
    assertEquals(Severity.CRITICAL, worst.severity());
    assertTrue(report(worst).has("versions"));
    assertNull(worst.until());

    round(NOW + 180);
    assertEquals(Views.NOON.plusSeconds(180), book.find(worst.id()).orElseThrow().until());
    assertFalse(incidents.open().containsKey("curve-mds"));
  }

  @Test
  void shouldGoOnAfterARestartOfTheAgent() throws InterruptedException {
    start();
    round(NOW, view(Severity.WARNING));
    awaitLook(view(Severity.WARNING));
    stop();
    start();
    assertEquals(1, book.newest().size());
    round(NOW + 10, view(Severity.WARNING));
    assertEquals(1, book.newest().size());
    assertEquals(0, incidents.counts().begun());
    assertTrue(incidents.open().containsKey("curve-mds"));
    assertTrue(
        Duration.between(Views.NOON, book.newest().get(0).since()).isNegative(),
        book.newest()::toString);
  }

  /** What is old is kept in less detail, so its begin is some minutes off after a restart. */
  @Test
  void shouldGoOnThoughItsBeginIsKnownLessWellAfterARestart() {
    String id = "curve-mds-20260301T095700Z";
    Incident known =
        new Incident(
            id,
            "curve-mds",
            "leak",
            Severity.WARNING,
            Views.NOON.minusSeconds(7_380),
            null,
            "",
            "",
            IncidentJson.report(view(Severity.WARNING), Views.NOON, "", List.of()));
    start();
    store.record(
        NOW,
        new io.leakwatch.history.Incident(
            id, "curve-mds", NOW - 7_380, 1, IncidentJson.stored(known)));
    stop();
    start();
    round(NOW + 10, view(Severity.WARNING));
    assertEquals(0, incidents.counts().begun());
    assertEquals(id, incidents.open().get("curve-mds").id());
    round(NOW + 70, view(Severity.CRITICAL));
    assertEquals(1, book.newest().size());
    assertEquals(Severity.CRITICAL, book.find(id).orElseThrow().severity());
  }

  @Test
  void oneSuspectShouldBeToldInALine() {
    assertEquals(
        "topology::Lease, +1200 × 272 B (318.8 KiB), 97 % of them held by nobody",
        IncidentJson.suspect(
            """
            { "suspects": [ { "type": "topology::Lease", "chunk_bytes": 272, "count_growth": 1200,
              "bytes_growth": 326400, "unreferenced_fraction": 0.97, "holders": [] } ] }
            """));
    assertEquals(
        "std::string \\\"session-?, +5 × 64 B (320 B), held by g_sessions + 16".replace("\\", ""),
        IncidentJson.suspect(
            """
            { "suspects": [ { "type": "std::string \\"session-\\u001b", "chunk_bytes": 64,
              "count_growth": 5, "bytes_growth": 320, "unreferenced_fraction": 0.1,
              "holders": [ { "where": "g_sessions + 16", "fraction": 0.8 } ] } ] }
            """));
    for (String not : List.of("", "[]", "{", "{\"suspects\":3}", "{\"suspects\":[3]}", "null")) {
      assertEquals("", IncidentJson.suspect(not), not);
    }
  }
}
