package io.leakwatch.export.json;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import io.leakwatch.export.ProcessView;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * An incident as it is kept and as it is reported: a head, and a report with all evidence. The
 * report is what {@code inspect --json} says of the process at its worst, and what the diagnosis
 * found.
 */
public final class IncidentJson {
  private IncidentJson() {}

  /** The text that is kept. */
  public static String stored(Incident incident) {
    JsonObject head = new JsonObject();
    head.addProperty("id", incident.id());
    head.addProperty("process", incident.process());
    head.addProperty("verdict", incident.verdict());
    head.addProperty("severity", incident.severity().wireName());
    head.addProperty("since", incident.since().toString());
    Instant until = incident.until();
    head.addProperty("until", until == null ? null : until.toString());
    head.addProperty("summary", incident.evidence().summary());
    head.addProperty("suspect", incident.evidence().suspect());
    head.add(
        "report",
        IncidentReport.object(incident.evidence().reportJson()).orElseGet(JsonObject::new));
    return head.toString();
  }

  /** Reads what was kept; empty where that is no incident. */
  public static Optional<Incident> read(String stored) {
    JsonObject head = IncidentReport.object(stored).orElse(null);
    if (head == null) {
      return Optional.empty();
    }
    try {
      JsonElement until = head.get("until");
      JsonElement report = head.get("report");
      return Optional.of(
          new Incident(
              IncidentReport.text(head, "id"),
              IncidentReport.text(head, "process"),
              IncidentReport.text(head, "verdict"),
              Severity.valueOf(IncidentReport.text(head, "severity").toUpperCase(Locale.ROOT)),
              Instant.parse(IncidentReport.text(head, "since")),
              until == null || until.isJsonNull() ? null : Instant.parse(until.getAsString()),
              new Incident.Evidence(
                  IncidentReport.text(head, "summary"),
                  IncidentReport.text(head, "suspect"),
                  report == null ? "" : report.toString())));
    } catch (DateTimeException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /**
   * The evidence of one moment: what {@code inspect --json} says, without any diagnosis and
   * pictures.
   */
  public static String report(ProcessView view, Instant at) {
    JsonObject report =
        IncidentReport.object(JsonText.compact(json -> InspectJson.write(json, view)))
            .orElseGet(JsonObject::new);
    report.addProperty(IncidentReport.AT, at.toString());
    return report.toString();
  }
}
