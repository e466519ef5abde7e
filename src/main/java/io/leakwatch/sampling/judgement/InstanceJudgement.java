package io.leakwatch.sampling.judgement;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Sample;
import io.leakwatch.verdict.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The judgement of an instance whose recorded past may still be on its way. Samples that come
 * before it wait, and are judged after it in their order; until then nothing is known, and nothing
 * is reported. For the sampler thread, but for {@link #remember}.
 */
public final class InstanceJudgement {
  /** An hour at the default pace; of more, the oldest are left to the history alone. */
  private static final int WAITING_MAX = 60;

  private record Waiting(Sample sample, List<Limit> limits) {}

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Deque<Change> waitingChanges = new ArrayDeque<>();
  private Judgement judgement;
  private boolean awaitsPast;
  private volatile @Nullable Judgement past;

  /**
   * @param judgement one that has seen nothing
   */
  public InstanceJudgement(Judgement judgement) {
    this.judgement = judgement;
  }

  /** From now on samples wait until the past is there. */
  void awaitPast() {
    awaitsPast = true;
  }

  /** Brings the past. For any thread. */
  void remember(Judgement judged) {
    past = judged;
  }

  /** Whether what it says rests on all that is recorded. */
  public boolean isKnown() {
    Judgement arrived = past;
    if (awaitsPast && arrived != null) {
      awaitsPast = false;
      past = null;
      judgement = arrived;
      waitingChanges.forEach(judgement::changed);
      waitingChanges.clear();
      waiting.forEach(next -> judgement.accept(next.sample(), next.limits()));
      waiting.clear();
    }
    return !awaitsPast;
  }

  /**
   * Judges a sample, without telling anybody yet.
   *
   * @return null while the past is on its way
   */
  public @Nullable Verdict judge(Sample sample, List<Limit> limits) {
    if (isKnown()) {
      return judgement.judge(sample, limits);
    }
    if (waiting.size() == WAITING_MAX) {
      waiting.removeFirst();
    }
    waiting.add(new Waiting(sample, limits));
    return null;
  }

  /** Takes what changed about the process; it waits for the past as samples do. */
  public void changed(Change change) {
    if (isKnown()) {
      judgement.changed(change);
      return;
    }
    if (waitingChanges.size() == WAITING_MAX) {
      waitingChanges.removeFirst();
    }
    waitingChanges.add(change);
  }

  /** What is known now; of an instance that awaits its past, nothing. */
  public Judgement now() {
    isKnown();
    return judgement;
  }
}
