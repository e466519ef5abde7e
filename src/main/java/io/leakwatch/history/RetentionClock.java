package io.leakwatch.history;

/**
 * The time by which what is recorded grows old. A clock that is set wrong for a moment (a bad time
 * server, an empty battery) must not age a month of samples at once; so this one follows the wall
 * clock back at once, but forward no faster than {@link #SPEED} times the time that really passed.
 * Until it has caught up more is kept than the settings ask for, within the bound on bytes.
 */
final class RetentionClock {
  private static final double SPEED = 2;

  private double seconds;
  private double steadyBefore;

  /**
   * @param seconds where it stood last, since 1970
   * @param steadySeconds now, on a clock that nobody sets
   */
  RetentionClock(double seconds, double steadySeconds) {
    this.seconds = seconds;
    this.steadyBefore = steadySeconds;
  }

  /** The time in seconds since 1970. */
  double at(double wallSeconds, double steadySeconds) {
    double passed = Math.max(0, steadySeconds - steadyBefore);
    steadyBefore = steadySeconds;
    seconds = Math.min(wallSeconds, seconds + SPEED * passed);
    return seconds;
  }
}
