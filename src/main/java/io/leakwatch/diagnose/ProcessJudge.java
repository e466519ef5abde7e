package io.leakwatch.diagnose;

import io.leakwatch.history.Sample;
import io.leakwatch.proc.Limit;
import io.leakwatch.trend.Detector;
import io.leakwatch.trend.TrendSettings;
import java.util.List;

/**
 * The path from samples of one process to verdicts, the same for a live process and for a recorded
 * series.
 */
public final class ProcessJudge {
  private final Detector detector;
  private final Judge judge = new Judge();

  public ProcessJudge(TrendSettings settings) {
    this.detector = new Detector(settings);
  }

  /** Takes the next sample of the process. */
  public Verdict accept(Sample sample, List<Limit> limits) {
    return judge.judge(detector.accept(sample), sample, limits);
  }
}
