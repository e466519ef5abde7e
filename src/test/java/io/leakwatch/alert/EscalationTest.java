package io.leakwatch.alert;

import static io.leakwatch.alert.Severity.CRITICAL;
import static io.leakwatch.alert.Severity.NONE;
import static io.leakwatch.alert.Severity.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Defaults;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EscalationTest {
  private static final double HOUR = 3600;
  private static final SeveritySettings WITH_EVIDENCE =
      Defaults.with("severity { critical-evidence = 1000, minimum-bytes-per-day = 1e6 }")
          .severity();

  private Escalation escalation = new Escalation(Defaults.SEVERITY);
  private final List<Severity> told = new ArrayList<>(List.of(NONE));
  private double hours;

  private static Verdict verdict(VerdictKind kind, double hoursToLimit, double evidence) {
    return new Verdict(
        kind,
        0.9,
        List.of(),
        new Verdict.Growth(1e5, 1e3, Map.of(), 0, evidence),
        new Verdict.Forecast(
            Double.NaN, List.of(new Verdict.Exhaustion("memory.max", 16e9, hoursToLimit * HOUR))),
        List.of());
  }

  /** Lets a verdict hold for some hours, looked at each five minutes. */
  private Severity after(double forHours, VerdictKind kind, double hoursToLimit, double evidence) {
    for (int i = 0; i < forHours * 12; i++) {
      hours += 1 / 12.0;
      Severity now = escalation.update(verdict(kind, hoursToLimit, evidence), hours * HOUR);
      if (now != told.get(told.size() - 1)) {
        told.add(now);
      }
    }
    return told.get(told.size() - 1);
  }

  private Severity after(double forHours, VerdictKind kind, double hoursToLimit) {
    return after(forHours, kind, hoursToLimit, 1e6);
  }

  @Test
  void shouldStayCriticalThroughEachCollectionOfGarbage() {
    for (int cycle = 0; cycle < 10; cycle++) {
      after(4, VerdictKind.LEAK, 50 - cycle);
      after(1, VerdictKind.LEAK, 23);
    }
    assertEquals(List.of(NONE, WARNING, CRITICAL), told);
  }

  @Test
  void shouldFallToAWarningWhenTheLimitWasRaised() {
    assertEquals(CRITICAL, after(1, VerdictKind.LEAK, 20));
    assertEquals(CRITICAL, after(1.9, VerdictKind.LEAK, 200));
    assertEquals(WARNING, after(0.2, VerdictKind.LEAK, 200));
    assertEquals(WARNING, after(9, VerdictKind.LEAK, 50));
  }

  @Test
  void shouldEndWhatIsCriticalWithItsGrowth() {
    after(1, VerdictKind.GROWING, 20);
    after(3, VerdictKind.STEADY, Double.POSITIVE_INFINITY);
    assertEquals(List.of(NONE, CRITICAL, NONE), told);
  }

  @Test
  void shouldBeCriticalAtOnce() {
    after(1, VerdictKind.LEAK, 25);
    after(1 / 12.0, VerdictKind.LEAK, 23.9);
    assertEquals(List.of(NONE, WARNING, CRITICAL), told);
  }

  @Test
  void shouldAskForEvidenceBeforeAPageOnly() {
    escalation = new Escalation(WITH_EVIDENCE);
    assertEquals(WARNING, after(1, VerdictKind.LEAK, 20, 999));
    assertEquals(CRITICAL, after(1, VerdictKind.LEAK, 20, 1000));
    assertEquals(CRITICAL, after(9, VerdictKind.LEAK, 20, 500));
  }

  @Test
  void aWarningThatWasClearedShouldNotBeRaisedAgainBeforeOneWouldBeCleared() {
    after(1, VerdictKind.LEAK, 50);
    assertEquals(NONE, after(2.1, VerdictKind.CYCLIC, 50));
    assertEquals(NONE, after(1.9, VerdictKind.LEAK, 50));
    assertEquals(WARNING, after(0.2, VerdictKind.LEAK, 50));
  }

  @Test
  void whatIsCriticalShouldBeRaisedThoughAWarningWasJustCleared() {
    after(1, VerdictKind.LEAK, 50);
    assertEquals(NONE, after(2.1, VerdictKind.CYCLIC, 50));
    assertEquals(CRITICAL, after(0.1, VerdictKind.LEAK, 20));
  }

  @Test
  void whatEndedShouldHaveNothingToReportWhenItIsBack() {
    after(1, VerdictKind.LEAK, 50);
    escalation.ended(hours * HOUR);
    hours += 0.2;
    assertEquals(NONE, after(1.7, VerdictKind.LEAK, 50));
    assertEquals(WARNING, after(0.3, VerdictKind.LEAK, 50));
  }
}
