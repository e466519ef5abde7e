package io.leakwatch.trend;

/**
 * A clock that stands still while nobody looks.
 *
 * <p>A growth ceases when it has made no new high for a while. Hours in which the agent was away
 * say nothing of that: the process may have grown all the time. So a pause counts as one interval,
 * the longer of what is usual and of a stretch; what is always looked at rarely is no pause.
 */
final class WatchedTime {
  private static final double PAUSE_STRETCHES = 2;

  private final double stretchSeconds;
  private double newestElapsed = Double.NaN;
  private double interval;
  private double now;

  WatchedTime(double stretchSeconds) {
    this.stretchSeconds = stretchSeconds;
  }

  void clear() {
    newestElapsed = Double.NaN;
    interval = 0;
    now = 0;
  }

  /** Goes on to the time of the next look. */
  void accept(double elapsed) {
    double passed = Double.isNaN(newestElapsed) ? 0 : elapsed - newestElapsed;
    boolean pause = passed > PAUSE_STRETCHES * stretchSeconds;
    now += pause ? Math.min(passed, Math.max(interval, stretchSeconds)) : passed;
    interval = passed;
    newestElapsed = elapsed;
  }

  /** Seconds watched. */
  double now() {
    return now;
  }
}
