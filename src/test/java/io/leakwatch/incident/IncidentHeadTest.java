package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.gson.JsonParser;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** News of an incident, laid over what was known and over what the file holds. */
class IncidentHeadTest {
  private static final Instant SINCE = Instant.parse("2026-03-01T10:00:00Z");
  private static final String MOMENT =
      "{ \"rss_bytes\": 1, \"at\": \"10:00\", \"missing\": [\"?\"] }";
  private static final String WORSE = "{ \"rss_bytes\": 2, \"at\": \"11:00\" }";
  private static final String LOOK =
      """
      { "diagnosed_at": "2026-03-01T10:01:00Z", "suspects": [ { "type": "Lease" } ], "missing": [] }
      """;

  private static Incident incident(Severity severity, String report) {
    return new Incident(
        "mds-1", "mds", "leak", severity, SINCE, null, new Incident.Evidence("", "", report));
  }

  private static void assertReport(String expected, Incident incident) {
    assertEquals(
        JsonParser.parseString(expected), JsonParser.parseString(incident.evidence().reportJson()));
  }

  private static final String ALL =
      """
      { "rss_bytes": 2, "at": "11:00", "diagnosed_at": "2026-03-01T10:01:00Z",
        "suspects": [ { "type": "Lease" } ], "missing": [] }
      """;

  @Test
  void newsShouldGatherWhileTheyWait() {
    IncidentHead begun = IncidentHead.begun(incident(Severity.WARNING, MOMENT));
    assertNull(begun.diagnosedAt());
    IncidentHead all =
        begun
            .with(begun.head().withReport(LOOK))
            .with(incident(Severity.CRITICAL, WORSE))
            .with(incident(Severity.CRITICAL, "").until(SINCE.plusSeconds(9)));
    assertEquals("", all.head().evidence().reportJson());
    assertEquals("Lease", all.head().evidence().suspect());
    assertEquals(Instant.parse("2026-03-01T10:01:00Z"), all.diagnosedAt());
    Incident whole = all.whole(null);
    assertReport(ALL, whole);
    assertEquals("Lease", whole.evidence().suspect());
    assertEquals(Severity.CRITICAL, whole.severity());
    assertEquals(SINCE.plusSeconds(9), whole.until());
  }

  @Test
  void newsShouldLeaveWhatTheyDoNotTell() {
    Incident row = incident(Severity.WARNING, IncidentReport.over(MOMENT, LOOK)).withReport(LOOK);
    Incident inFile = row.withReport(IncidentReport.over(MOMENT, LOOK));
    IncidentHead known = IncidentHead.inFile(inFile);
    assertEquals(0, known.newsBytes());
    assertEquals(inFile, known.whole(inFile));
    IncidentHead worse = known.with(incident(Severity.CRITICAL, WORSE));
    assertReport(ALL, worse.whole(inFile));
    assertEquals("Lease", worse.whole(inFile).evidence().suspect());
    IncidentHead ended = known.with(known.head().until(SINCE));
    assertEquals(inFile.until(SINCE), ended.whole(inFile));
  }

  @Test
  void headsWithoutTheirEvidenceShouldSaySo() {
    IncidentHead known = IncidentHead.inFile(incident(Severity.WARNING, MOMENT));
    String lost = "earlier evidence: it was lost with the history file, or dropped from it";
    for (IncidentHead one : List.of(known, known.with(known.head().until(SINCE)))) {
      assertEquals(List.of(lost), IncidentReport.missing(one.whole(null).evidence().reportJson()));
      assertEquals(
          List.of("earlier evidence: no disk"),
          IncidentReport.missing(one.withoutFile("no disk").evidence().reportJson()));
    }
    Incident worse = known.with(incident(Severity.CRITICAL, WORSE)).whole(null);
    assertReport("{ \"rss_bytes\": 2, \"at\": \"11:00\", \"missing\": [\"" + lost + "\"] }", worse);
    IncidentHead begun = IncidentHead.begun(incident(Severity.WARNING, MOMENT));
    assertReport(MOMENT, begun.whole(null));
    assertReport(MOMENT, begun.withoutFile("no disk"));
  }
}
