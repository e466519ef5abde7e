package io.leakwatch.program;

import io.leakwatch.time.Time;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A problem that lasts, for the log: one line when it begins, one for each further reason, one when
 * it has ended. Success and failure may alternate, and so may the reasons, as on a full disk; so it
 * has ended when nothing has failed for a while, and until then each reason is logged once.
 */
public final class OngoingProblem {
  private static final int REASONS_MAX = 8;
  private static final long SETTLED_NANOS = 900_000_000_000L;

  private final Time time;
  private final Consumer<String> log;
  private final Runnable ended;
  private final Set<String> reasons = new HashSet<>();
  private long failedNanos;

  /**
   * No problem yet.
   *
   * @param log is given a reason that was not logged since the problem began
   * @param ended is run when the problem has ended
   */
  public OngoingProblem(Time time, Consumer<String> log, Runnable ended) {
    this.time = time;
    this.log = log;
    this.ended = ended;
  }

  /**
   * Notes the outcome of an attempt.
   *
   * @param reason why it failed, {@code ""} where it did not
   */
  public void note(String reason) {
    long now = time.nanos();
    if (!reason.isEmpty()) {
      failedNanos = now;
      if (reasons.size() < REASONS_MAX && reasons.add(reason)) {
        log.accept(reason);
      }
    } else if (!reasons.isEmpty() && now - failedNanos >= SETTLED_NANOS) {
      reasons.clear();
      ended.run();
    }
  }
}
