package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * One life of a process: points equally far apart, each the mean of the lower half of a stretch.
 *
 * @param points bytes, the oldest first
 * @param warmUpPoints time constant of the exponential that alone fits best, in points
 * @param birthSeconds on the clock of all lives
 * @param limitShare which share of its limit it has reached, 0 where no limit is known
 */
record Life(
    float[] points,
    double pointSeconds,
    double warmUpPoints,
    double birthSeconds,
    double limitShare) {
  /** Longest time constant that counts as warming up, as a share of a life. */
  static final double SLOWEST_WARM_UP_SHARE = 1.5;

  /** Most points of a life. */
  static final int MOST_POINTS = 27;

  private static final int FEWEST_POINTS = 14;

  /** None when it was seen too short. */
  static @Nullable Life of(LifeProfile profile, double birthSeconds, double limit) {
    double[] lows = profile.toArray();
    int width = lows.length / FEWEST_POINTS;
    if (width == 0) {
      return null;
    }
    double[] means = Envelope.lowerMeans(lows, width);
    float[] points = new float[means.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) means[i];
    }
    double highest = RobustStatistics.max(means, 0, means.length);
    return new Life(
        points,
        width * profile.width(),
        WarmUp.timeConstant(means, SLOWEST_WARM_UP_SHARE * means.length),
        birthSeconds + lows.length % width * profile.width(),
        limit > 0 ? highest / limit : 0);
  }

  double seconds() {
    return points.length * pointSeconds;
  }

  /** How fast it rose from the second to the last third, in bytes per second. */
  double lateBytesPerSecond() {
    int third = points.length / 3;
    double rise = 0;
    for (int i = points.length - third; i < points.length; i++) {
      rise += points[i] - points[i - third];
    }
    return rise / third / (third * pointSeconds);
  }
}
