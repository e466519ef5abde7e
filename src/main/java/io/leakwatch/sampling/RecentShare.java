package io.leakwatch.sampling;

import java.time.Duration;

/**
 * The share of wall time that something took in the last minutes. Time is counted in a ring of
 * short slots, so that the window moves on by one slot at a time.
 */
final class RecentShare {
  /** Slots that have passed whole; the one that runs is counted beside them. */
  private static final int SLOTS = 60;

  private final long slotNanos;
  private final long beganNanos;
  private final long[] spentNanos = new long[SLOTS + 1];
  private long slot;

  RecentShare(Duration window, long nowNanos) {
    this.slotNanos = window.toNanos() / SLOTS;
    this.beganNanos = nowNanos;
  }

  void spend(long nanos, long nowNanos) {
    moveOn(nowNanos);
    spentNanos[(int) (slot % spentNanos.length)] += nanos;
  }

  /** From 0 up; {@code NaN} until the window has passed for the first time. */
  double ratio(long nowNanos) {
    moveOn(nowNanos);
    if (slot < SLOTS) {
      return Double.NaN;
    }
    long spent = 0;
    for (long one : spentNanos) {
      spent += one;
    }
    return spent / (double) (nowNanos - beganNanos - (slot - SLOTS) * slotNanos);
  }

  private void moveOn(long nowNanos) {
    long now = (nowNanos - beganNanos) / slotNanos;
    for (long next = Math.max(slot + 1, now - SLOTS); next <= now; next++) {
      spentNanos[(int) (next % spentNanos.length)] = 0;
    }
    slot = Math.max(slot, now);
  }
}
