package io.leakwatch.sampling;

import java.time.Duration;

/**
 * When the next reading of one kind is due: after its interval, or later where a reading is so
 * expensive that it would cost more than its share of wall time. A reading that took 100 ms at a
 * share of 0.1 % is due again after 100 s at the earliest.
 */
final class Cadence {
  private static final double REST_NANOS_MAX = Duration.ofDays(365).toNanos();

  private final long intervalNanos;
  private final double share;
  private long dueNanos;
  private long earliestNanos;

  /**
   * @param intervalNanos the least time between two readings
   * @param share of wall time that this kind of reading may take, above 0
   * @param firstDueNanos when the first reading is due, in {@link io.leakwatch.time.Time#nanos}
   */
  Cadence(long intervalNanos, double share, long firstDueNanos) {
    this.intervalNanos = intervalNanos;
    this.share = share;
    this.dueNanos = firstDueNanos;
    this.earliestNanos = firstDueNanos;
  }

  /**
   * How long a rest brings a cost down to its share of wall time; a year at most, so that no share,
   * however small, takes the clock past its end.
   */
  static long rest(long costNanos, double share) {
    return (long) Math.min(REST_NANOS_MAX, costNanos / share);
  }

  /** When the next reading is due. */
  long dueNanos() {
    return dueNanos;
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }

  /** Asks for a reading as soon as the budget allows it. */
  void hasten() {
    dueNanos = Math.min(dueNanos, earliestNanos);
  }

  /** Charges a reading that ended now. */
  void done(long nowNanos, long costNanos) {
    earliestNanos = nowNanos + rest(costNanos, share);
    dueNanos = Math.max(nowNanos + intervalNanos, earliestNanos);
  }
}
