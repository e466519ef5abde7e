package io.leakwatch.agent;

import io.leakwatch.alert.Alert;
import io.leakwatch.alert.AlertFacts;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.Incident;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.region.Layout;
import io.leakwatch.time.Time;
import io.leakwatch.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The alerts that fire, by the newest snapshot. The alert of a process that has ended, or is not
 * judged yet since it began again, fires on for a while ({@code severity.absence}): its supervisor
 * starts it again within seconds, and an alert that resolves and fires within a minute wakes
 * somebody twice.
 */
public final class FiringAlerts {
  private final Map<String, String> labels;
  private final String agentUrl;
  private final Time time;
  private final long absenceNanos;
  private final Map<String, Fired> byProcess = new TreeMap<>();

  private record Fired(Alert alert, long nanos) {}

  /**
   * None yet.
   *
   * @param labels of each alert
   * @param agentUrl where the agent serves its runbook, {@code ""} where that is not known
   * @param absence how long the alert of a process that has ended goes on
   */
  FiringAlerts(Map<String, String> labels, String agentUrl, Duration absence, Time time) {
    this.labels = labels;
    this.agentUrl = agentUrl;
    this.time = time;
    this.absenceNanos = absence.toNanos();
  }

  /** Those of a snapshot, and those that linger. */
  List<Alert> of(Snapshot snapshot) {
    long nowNanos = time.nanos();
    for (ProcessView view : snapshot.processes()) {
      ProcessView.Assessment assessment = view.assessment();
      Verdict verdict = assessment.reported();
      Instant since = assessment.severitySince();
      if (verdict != null && since != null && assessment.severity() != Severity.NONE) {
        Incident incident = snapshot.incidents().get(view.name());
        Alert alert = Alert.of(facts(view, verdict, since, incident), labels, agentUrl);
        byProcess.put(view.name(), new Fired(alert, nowNanos));
      } else if (assessment.verdict() != null) {
        byProcess.remove(view.name());
      }
    }
    byProcess.values().removeIf(fired -> nowNanos - fired.nanos() > absenceNanos);
    List<Alert> alerts = new ArrayList<>();
    byProcess.values().forEach(fired -> alerts.add(fired.alert()));
    return alerts;
  }

  private static AlertFacts facts(
      ProcessView view, Verdict verdict, Instant since, @Nullable Incident incident) {
    Layout layout = view.memory().layout();
    return new AlertFacts(
        view.name(),
        view.identity().pid(),
        verdict,
        view.assessment().severity(),
        since,
        new AlertFacts.Memory(
            view.memory().anonymousBytes(),
            view.assessment().arenasAtOnset(),
            layout == null ? Double.NaN : layout.arenaCount()),
        incident == null
            ? AlertFacts.Evidence.NONE
            : new AlertFacts.Evidence(incident.evidence().suspect(), incident.id()));
  }

  /** The line that reports an alarming process, {@code ""} of another. */
  public static String summary(ProcessView view) {
    Verdict verdict = view.assessment().reported();
    Instant since = view.assessment().severitySince();
    return verdict == null || since == null
        ? ""
        : Alert.of(facts(view, verdict, since, null), Map.of(), "").summary();
  }
}
