package io.leakwatch.alert;

import io.leakwatch.verdict.Verdict;
import java.time.Duration;

/**
 * The severity of one process over time.
 *
 * <p>It hangs on what grows and on when that becomes fatal, not on how sure the test is. A change
 * is reported after it has held for a while, a fall later than a rise, so that a verdict on the
 * edge does not flap; and a warning that was cleared is not raised again before a verdict would be
 * cleared, while what is critical always is. Garbage makes the time to a limit swing with each
 * collection, by more than any such pause; so what is critical stays it until its limit is clearly
 * farther. A danger whose cause is not known is a warning; it is critical where it is near and
 * probable, and so is a leak whose limit is near. Who wants fewer pages asks for more evidence of a
 * leak.
 */
public final class Escalation {
  private static final double DAY_SECONDS = 86400;
  private static final double CLEARLY_FARTHER = 3;

  /** A danger whose cause is unknown is critical only where it is as probable as this. */
  private static final double CRITICAL_PROBABILITY = 0.7;

  private final SeveritySettings settings;
  private Severity reported = Severity.NONE;
  private Severity wanted = Severity.NONE;
  private double wantedSinceSeconds = Double.NaN;
  private double clearedSeconds = Double.NaN;

  public Escalation(SeveritySettings settings) {
    this.settings = settings;
  }

  /** Takes the verdict at a time and returns the severity to report. */
  public Severity update(Verdict verdict, double timeSeconds) {
    Severity now = of(verdict);
    if (now == reported) {
      wanted = now;
      return reported;
    }
    if (now != wanted || Double.isNaN(wantedSinceSeconds) || timeSeconds < wantedSinceSeconds) {
      wantedSinceSeconds = timeSeconds;
      wanted = now;
    }
    boolean due =
        now.compareTo(reported) > 0
            ? mayRise(now, timeSeconds, wantedSinceSeconds)
            : timeSeconds - wantedSinceSeconds >= seconds(settings.clearAfter());
    if (due) {
      report(now, timeSeconds);
      wantedSinceSeconds = Double.NaN;
    }
    return reported;
  }

  /**
   * The process is back that was sampled last at a time: a supervisor starts most servers again
   * within seconds, and who was gone for longer has nothing to report.
   */
  public void back(double lastSeconds, double timeSeconds) {
    if (timeSeconds - lastSeconds > seconds(settings.absence())) {
      ended(lastSeconds);
    }
  }

  /** What was reported ended at a time. */
  public void ended(double timeSeconds) {
    if (reported != Severity.NONE) {
      report(Severity.NONE, timeSeconds);
    }
    wanted = Severity.NONE;
    wantedSinceSeconds = Double.NaN;
  }

  private void report(Severity severity, double timeSeconds) {
    clearedSeconds = severity == Severity.NONE ? timeSeconds : Double.NaN;
    reported = severity;
  }

  private boolean mayRise(Severity to, double timeSeconds, double sinceSeconds) {
    double pause = timeSeconds - clearedSeconds;
    boolean justCleared = pause >= 0 && pause < seconds(settings.clearAfter());
    return (to == Severity.CRITICAL || !justCleared)
        && timeSeconds - sinceSeconds >= seconds(settings.raiseAfter());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  /** Whether a verdict at a time would raise the severity, were it taken. */
  public boolean wouldRise(Verdict verdict, double timeSeconds) {
    Severity now = of(verdict);
    boolean begun = now == wanted && timeSeconds >= wantedSinceSeconds;
    return now.compareTo(reported) > 0
        && mayRise(now, timeSeconds, begun ? wantedSinceSeconds : timeSeconds);
  }

  private Severity of(Verdict verdict) {
    double seconds =
        verdict.forecast().exhaustion().isEmpty()
            ? Double.POSITIVE_INFINITY
            : verdict.forecast().exhaustion().get(0).seconds();
    boolean near = near(verdict, seconds);
    boolean probable = !(verdict.forecast().probability() < CRITICAL_PROBABILITY);
    return switch (verdict.kind()) {
      case LEAK -> near ? Severity.CRITICAL : growing(verdict, seconds);
      case GROWING -> near && probable ? Severity.CRITICAL : growing(verdict, seconds);
      case HELD, PINNED -> near ? Severity.CRITICAL : Severity.WARNING;
      case LOAD ->
          seconds < seconds(settings.warningExhaustion()) ? Severity.WARNING : Severity.NONE;
      case STEADY, WARMING, CYCLIC, UNKNOWN -> Severity.NONE;
    };
  }

  private Severity growing(Verdict verdict, double seconds) {
    boolean lost =
        verdict.forecast().exhaustion().isEmpty()
            && verdict.growth().bytesPerSecond() * DAY_SECONDS >= settings.minimumBytesPerDay();
    return verdict.isDanger() || lost || seconds < seconds(settings.horizon())
        ? Severity.WARNING
        : Severity.NONE;
  }

  private boolean near(Verdict verdict, double seconds) {
    double critical = seconds(settings.criticalExhaustion());
    return reported == Severity.CRITICAL
        ? seconds < CLEARLY_FARTHER * critical
        : seconds < critical
            && (verdict.isDanger() || !(verdict.growth().evidence() < settings.criticalEvidence()));
  }
}
