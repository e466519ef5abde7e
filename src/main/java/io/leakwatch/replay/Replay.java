package io.leakwatch.replay;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.sample.Sample;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A recorded series, judged and alerted on as if it were live. */
public final class Replay {
  private static final double DAY_SECONDS = 86400;

  private final ProcessJudge judge;
  private final Escalation escalation;
  private final Consumer<Change> changes;
  private VerdictKind kind = VerdictKind.UNKNOWN;
  private Severity severity = Severity.NONE;
  private boolean firing;
  private double firstFiredSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double watchedSeconds;
  private @Nullable Verdict newest;
  private double lastFiringSeconds = Double.NEGATIVE_INFINITY;
  private long samples;
  private int episodes;

  /**
   * @param changes is given each change of verdict or severity
   */
  public Replay(ProcessJudge judge, Escalation escalation, Consumer<Change> changes) {
    this.judge = judge;
    this.escalation = escalation;
    this.changes = changes;
  }

  /** What changed at a time. */
  public record Change(double timeSeconds, Severity severity, Verdict verdict) {

    /** How fast it grows; 0 where that is unknown. */
    public double growthBytesPerDay() {
      double perSecond = verdict.growth().bytesPerSecond();
      return Double.isNaN(perSecond) ? 0 : perSecond * DAY_SECONDS;
    }

    /** Standard error of it, {@code NaN} where that is unknown. */
    public double growthErrorBytesPerDay() {
      return verdict.growth().errorBytesPerSecond() * DAY_SECONDS;
    }

    /** When the growth began; {@code NaN} where nothing grows. */
    public double sinceSeconds() {
      return verdict.growth().sinceSeconds();
    }

    /** Until the first limit is reached; infinite where nothing grows. */
    public double exhaustionSeconds() {
      List<Verdict.Exhaustion> exhaustion = verdict.forecast().exhaustion();
      return exhaustion.isEmpty() ? Double.POSITIVE_INFINITY : exhaustion.get(0).seconds();
    }
  }

  /**
   * What came of a whole series.
   *
   * @param fired whether it was ever alarming
   * @param firstFiredSeconds when first, {@code NaN} where never
   * @param episodes how often it became alarming after at least a day of quiet
   * @param days that were watched; a gap counts as a day at most
   */
  public record Summary(
      boolean fired,
      double firstFiredSeconds,
      VerdictKind finalVerdict,
      long samples,
      int episodes,
      double days) {}

  /** Takes what changed about the process and no sample tells of. */
  public void changed(io.leakwatch.sample.Change change) {
    judge.changed(change);
  }

  /** Takes the next sample. */
  public void accept(Sample sample) {
    Verdict verdict = judge.accept(sample, List.of());
    double now = sample.timeSeconds();
    Severity reported = escalation.update(verdict, now);
    samples++;
    if (now > lastSeconds) {
      watchedSeconds += Math.min(DAY_SECONDS, now - lastSeconds);
    }
    lastSeconds = now;
    firing = reported != Severity.NONE && verdict.kind().isAlarming();
    if (firing) {
      firstFiredSeconds = Double.isNaN(firstFiredSeconds) ? now : firstFiredSeconds;
      episodes += now - lastFiringSeconds > DAY_SECONDS ? 1 : 0;
      lastFiringSeconds = now;
    }
    if (samples == 1 || verdict.kind() != kind || reported != severity) {
      kind = verdict.kind();
      severity = reported;
      changes.accept(new Change(now, severity, verdict));
    }
    newest = verdict;
  }

  /** How it stands after the newest sample. */
  public Optional<Change> newest() {
    return Optional.ofNullable(newest).map(verdict -> new Change(lastSeconds, severity, verdict));
  }

  /** Whether the newest sample was alarming. */
  public boolean firing() {
    return firing;
  }

  /** What came of the series so far. */
  public Summary summary() {
    return new Summary(
        !Double.isNaN(firstFiredSeconds),
        firstFiredSeconds,
        kind,
        samples,
        episodes,
        watchedSeconds / DAY_SECONDS);
  }
}
