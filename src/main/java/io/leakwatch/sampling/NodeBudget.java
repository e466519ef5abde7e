package io.leakwatch.sampling;

import java.time.Duration;

/**
 * The share of wall time that readings of the mappings of all targets may take. What was spent
 * beyond it is worked off before the next reading; counters, which cost a microsecond and no lock,
 * are always read. However large the share, the readings of one round end in bounded time, for the
 * round feeds the supervisor's watchdog and whoever waits for fresh counters: what finds no time in
 * it has its turn in the next.
 */
public final class NodeBudget {
  private static final long SAVED_NANOS_MAX = 1_000_000_000;
  private static final long ROUND_NANOS_MAX = 10_000_000_000L;
  private static final Duration RECENT = Duration.ofMinutes(5);

  private final double share;
  private long debtNanos;
  private long bookedAtNanos;
  private final RecentShare recent;
  private long postponed;
  private long roundBeganNanos;

  NodeBudget(double share, long nowNanos) {
    this.share = share;
    this.bookedAtNanos = nowNanos;
    this.recent = new RecentShare(RECENT, nowNanos);
    this.roundBeganNanos = nowNanos;
  }

  /** A round begins. */
  void beginRound(long nowNanos) {
    roundBeganNanos = nowNanos;
  }

  /** Whether another reading may begin now. */
  boolean admits(long nowNanos) {
    debtNanos -= (long) ((nowNanos - bookedAtNanos) * share);
    debtNanos = Math.max(debtNanos, -SAVED_NANOS_MAX);
    bookedAtNanos = nowNanos;
    boolean admitted = debtNanos <= 0 && nowNanos - roundBeganNanos < ROUND_NANOS_MAX;
    if (!admitted) {
      postponed++;
    }
    return admitted;
  }

  /** Charges a reading that ended now. */
  void spend(long nanos, long nowNanos) {
    debtNanos += nanos;
    recent.spend(nanos, nowNanos);
  }

  public double share() {
    return share;
  }

  /** The share that was spent in the last five minutes, {@code NaN} in the first five. */
  public double usedRatio(long nowNanos) {
    return recent.ratio(nowNanos);
  }

  /** Readings that had to wait. */
  public long postponed() {
    return postponed;
  }
}
