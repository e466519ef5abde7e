package io.leakwatch.alert;

import java.util.List;

/** Alerts as lines for the journal: one when it begins, one when it ends. */
public final class JournalSink {
  private final AlertChanges changes = new AlertChanges();

  /**
   * A line for whoever writes the journal.
   *
   * @param severity {@link Severity#NONE} for an end
   */
  public record Line(Severity severity, String text) {}

  /** Takes the alerts that fire now and gives the lines that this makes. */
  public List<Line> update(List<Alert> firing) {
    return changes.to(firing).stream().map(JournalSink::line).toList();
  }

  private static Line line(AlertChanges.Change change) {
    Alert alert = change.alert();
    if (!change.firing()) {
      return new Line(
          Severity.NONE,
          "resolved: " + alert.label("process") + " (was " + alert.label("verdict") + ")");
    }
    boolean critical = alert.label("severity").equals(Severity.CRITICAL.wireName());
    return new Line(
        critical ? Severity.CRITICAL : Severity.WARNING,
        alert.label("severity") + ": " + alert.summary());
  }
}
