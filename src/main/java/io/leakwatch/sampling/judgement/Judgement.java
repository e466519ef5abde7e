package io.leakwatch.sampling.judgement;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.TrendSettings;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is derived of one watched instance, through its restarts: verdict, severity, and what
 * the story of the alert needs. It is fed with samples and changes and nothing else, so that those
 * of the history bring it back after a restart of the agent as it was.
 */
public final class Judgement {
  private final ProcessJudge judge;
  private final Escalation escalation;
  private final RecentCurve recent = new RecentCurve();
  private @Nullable Verdict verdict;
  private @Nullable Verdict reported;
  private Severity severity = Severity.NONE;
  private double severitySinceSeconds = Double.NaN;
  private double arenas = Double.NaN;
  private double arenasAtOnset = Double.NaN;
  private double lastSeconds = Double.NEGATIVE_INFINITY;
  private String incarnation = "";

  public Judgement(TrendSettings trend, SeveritySettings severities) {
    this.judge = new ProcessJudge(trend);
    this.escalation = new Escalation(severities);
  }

  /** Takes the next sample, live or recorded. */
  public Verdict accept(Sample sample, List<Limit> limits) {
    return conclude(sample, judge(sample, limits));
  }

  /**
   * Judges a sample, without reporting it yet: a better reading at the same time may follow, and is
   * then judged in its turn.
   */
  Verdict judge(Sample sample, List<Limit> limits) {
    return judge.accept(sample, limits);
  }

  /** Takes what changed about the process beside its memory. */
  public void changed(Change change) {
    judge.changed(change);
  }

  /** Whether a verdict would raise the severity. */
  public boolean wouldRise(Sample sample, Verdict verdict) {
    return escalation.wouldRise(verdict, sample.timeSeconds());
  }

  /** Tells what the last sample was judged to be. */
  public Verdict conclude(Sample sample, Verdict now) {
    double seconds = sample.timeSeconds();
    if (!sample.incarnation().equals(incarnation)) {
      incarnation = sample.incarnation();
      escalation.back(lastSeconds, seconds);
    }
    Severity raised = escalation.update(now, seconds);
    if (raised == Severity.NONE) {
      severitySinceSeconds = Double.NaN;
      reported = null;
    } else {
      severitySinceSeconds = severity == Severity.NONE ? seconds : severitySinceSeconds;
      reported = stillReported(reported, now);
    }
    severity = raised;
    followArenas(sample, now);
    if (sample.has(Signal.RSS_ANON_BYTES)) {
      recent.add(instant(seconds), sample.get(Signal.RSS_ANON_BYTES));
    }
    lastSeconds = seconds;
    verdict = now;
    return now;
  }

  /**
   * What is once known to be a leak stays one while it grows, though a later walk may be missing.
   */
  private static Verdict stillReported(@Nullable Verdict before, Verdict now) {
    if (before == null) {
      return now;
    }
    if (before.kind() == VerdictKind.LEAK && now.kind() == VerdictKind.GROWING) {
      return now.as(VerdictKind.LEAK);
    }
    return now.kind().isAlarming() || now.kind() == VerdictKind.LOAD ? now : before;
  }

  private void followArenas(Sample sample, Verdict now) {
    boolean grows = !Double.isNaN(now.growth().sinceSeconds());
    if (!grows) {
      arenasAtOnset = Double.NaN;
    } else if (Double.isNaN(arenasAtOnset)) {
      arenasAtOnset = arenas;
    }
    if (sample.has(Signal.ARENA_COUNT)) {
      arenas = sample.get(Signal.ARENA_COUNT);
    }
  }

  /** What was reported was cleared at a time, whatever the samples lead to once more. */
  void clearedAt(Instant time) {
    if (severity != Severity.NONE) {
      escalation.ended(time.toEpochMilli() / 1e3);
      severity = Severity.NONE;
      severitySinceSeconds = Double.NaN;
      reported = null;
    }
  }

  public @Nullable Verdict verdict() {
    return verdict;
  }

  /**
   * The verdict that the present severity is reported with. While an alert waits to be cleared it
   * stays the one that raised it.
   */
  public @Nullable Verdict reported() {
    return reported;
  }

  public Severity severity() {
    return severity;
  }

  /**
   * The same as it is shown of an incarnation: of one that has not been sampled yet, nothing is
   * known, whatever was said of the one before it.
   */
  public ProcessView.Assessment shown(String ofIncarnation) {
    if (!incarnation.equals(ofIncarnation)) {
      return ProcessView.Assessment.of(null);
    }
    Instant since = Double.isNaN(severitySinceSeconds) ? null : instant(severitySinceSeconds);
    return new ProcessView.Assessment(verdict, severity, since, reported, arenasAtOnset);
  }

  /** Time of the newest sample, seconds since 1970; negative infinity before the first. */
  public double lastSeconds() {
    return lastSeconds;
  }

  /** Anonymous bytes over the last day, oldest first, bounded. */
  public List<ProcessView.Point> recent() {
    return recent.points();
  }

  public static Instant instant(double seconds) {
    return Instant.ofEpochMilli(Math.round(seconds * 1000));
  }
}
