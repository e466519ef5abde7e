package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Sample;
import io.leakwatch.trend.Detector;
import io.leakwatch.trend.Trend;
import io.leakwatch.trend.TrendSettings;
import java.util.List;

/**
 * The path from samples and changes of one process to verdicts, the same for a live process and for
 * a recorded series.
 */
public final class ProcessJudge {
  private final Detector detector;
  private final Judge judge = new Judge();
  private final OnsetChanges changes;

  public ProcessJudge(TrendSettings settings) {
    this.detector = new Detector(settings);
    this.changes = new OnsetChanges(Days.of(settings));
  }

  /** Takes the next sample of the process. */
  public Verdict accept(Sample sample, List<Limit> limits) {
    Trend trend = detector.accept(sample);
    return changes.accept(trend, sample, judge.judge(trend, sample, limits));
  }

  /**
   * Takes what changed about the process and no sample tells of. It may come before or after the
   * samples of its time; a restart is seen by the samples too, and reported once.
   */
  public void changed(Change change) {
    changes.accept(change);
  }
}
