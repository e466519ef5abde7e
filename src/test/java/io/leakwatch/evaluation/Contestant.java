package io.leakwatch.evaluation;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.List;

/** A detector under test. */
public interface Contestant {
  /**
   * What is told after a sample.
   *
   * @param probability that the limit is reached within the horizon; {@code NaN} where none is told
   * @param horizonSeconds {@code NaN} where none is told
   */
  record Told(
      VerdictKind kind,
      Severity severity,
      double probability,
      double horizonSeconds,
      String reason) {}

  /** Forgets everything: another series begins. */
  void restart();

  /** Takes the next sample. */
  Told accept(Sample sample);

  /** The agent's own path from samples to messages, with the shipped defaults. */
  final class Shipped implements Contestant {
    private ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    private Escalation escalation = new Escalation(Defaults.SEVERITY);

    @Override
    public void restart() {
      judge = new ProcessJudge(Defaults.TREND);
      escalation = new Escalation(Defaults.SEVERITY);
    }

    @Override
    public Told accept(Sample sample) {
      Verdict verdict = judge.accept(sample, List.of());
      Severity severity = escalation.update(verdict, sample.timeSeconds());
      return new Told(
          verdict.kind(),
          severity,
          probability(verdict),
          horizonSeconds(verdict),
          verdict.reasons().isEmpty() ? "" : verdict.reasons().get(0));
    }

    /** That the limit is reached within {@link #horizonSeconds}. */
    private static double probability(Verdict verdict) {
      return verdict.forecast().probability();
    }

    /** A danger is told where the limit would be reached within half a day. */
    private static double horizonSeconds(Verdict verdict) {
      return verdict.isDanger() ? 12 * 3600 : Double.NaN;
    }
  }
}
