package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One time that a process' memory was alarming, from its begin to its end.
 *
 * @param id stable, unique on the node, of the characters {@code [A-Za-z0-9._-]}
 * @param verdict wire name of the last verdict
 * @param severity the highest
 * @param until null while it lasts
 */
public record Incident(
    String id,
    String process,
    String verdict,
    Severity severity,
    Instant since,
    @Nullable Instant until,
    Evidence evidence) {

  /**
   * What is known of it.
   *
   * @param summary the alert's line
   * @param suspect what grows, in one line, {@code ""} while that is unknown
   * @param reportJson a JSON object with all evidence, {@code ""} where none was kept
   */
  public record Evidence(String summary, String suspect, String reportJson) {
    public static final Evidence NONE = new Evidence("", "", "");
  }

  /** Its head alone. */
  public Incident withoutReport() {
    return with(new Evidence(evidence.summary, evidence.suspect, ""));
  }

  /** The same with another end, null for none. */
  public Incident until(@Nullable Instant end) {
    return new Incident(id, process, verdict, severity, since, end, evidence);
  }

  /** The same with other evidence, which may be a part of it. */
  public Incident withReport(String report) {
    String found = IncidentReport.suspect(report);
    String what = found.isEmpty() ? evidence.suspect : found;
    return with(new Evidence(evidence.summary, what, report));
  }

  /** This as news of an older state: what the news do not tell is as it was. */
  public Incident over(Incident older) {
    String report = IncidentReport.over(older.evidence.reportJson, evidence.reportJson);
    String what = evidence.suspect.isEmpty() ? older.evidence.suspect : evidence.suspect;
    return with(new Evidence(evidence.summary, what, report));
  }

  private Incident with(Evidence other) {
    return new Incident(id, process, verdict, severity, since, until, other);
  }
}
