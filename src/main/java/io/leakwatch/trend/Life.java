package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * One life of a process as points equally far apart, each the mean of the lower half of a stretch.
 *
 * @param warmUpPoints time constant of its warming up in points, 0 where none was seen
 * @param birthSeconds on the clock of all lives
 * @param limitShare which share of its limit it has reached, 0 where no limit is known
 */
record Life(
    float[] points,
    double pointSeconds,
    double warmUpPoints,
    double birthSeconds,
    double limitShare) {
  private static final int POINTS = 14;

  /** Longest time constant that counts as warming up, as a share of the life. */
  static final double SLOWEST_WARM_UP_SHARE = Double.parseDouble(System.getProperty("sw", "1.5"));

  /** None when it was seen too short. */
  static @Nullable Life of(LifeProfile profile, double birthSeconds, double limit) {
    double[] lows = profile.toArray();
    int width = lows.length / POINTS;
    if (width == 0) {
      return null;
    }
    double[] means = Envelope.lowerMeans(lows, width);
    float[] points = new float[means.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) means[i];
    }
    double highest = RobustStatistics.max(means, 0, means.length);
    double seconds = width * profile.width();
    return new Life(
        points,
        seconds,
        WarmUp.timeConstant(means, SLOWEST_WARM_UP_SHARE * means.length),
        birthSeconds + lows.length % width * profile.width(),
        limit > 0 ? highest / limit : 0);
  }

  double seconds() {
    return points.length * pointSeconds;
  }
}
