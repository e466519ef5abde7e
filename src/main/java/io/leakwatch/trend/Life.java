package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * One life of a process: points equally far apart, each the mean of the lower half of a stretch.
 */
final class Life {
  /** Longest time constant that counts as warming up, as a share of a life. */
  static final double SLOWEST_WARM_UP_SHARE = 1.5;

  /** Most points of a life. */
  static final int MOST_POINTS = 27;

  private static final int FEWEST_POINTS = 14;

  private final float[] points;
  private final double pointSeconds;
  private final double warmUpPoints;
  private final double birthSeconds;
  private final double limitShare;

  private Life(
      float[] points,
      double pointSeconds,
      double warmUpPoints,
      double birthSeconds,
      double limitShare) {
    this.points = points;
    this.pointSeconds = pointSeconds;
    this.warmUpPoints = warmUpPoints;
    this.birthSeconds = birthSeconds;
    this.limitShare = limitShare;
  }

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

  int size() {
    return points.length;
  }

  /** Bytes at a point, the oldest being 0. */
  double get(int point) {
    return points[point];
  }

  double pointSeconds() {
    return pointSeconds;
  }

  /** Time constant of the exponential that alone fits best. */
  double warmUpSeconds() {
    return warmUpPoints * pointSeconds;
  }

  /** When the first point began, on the clock of all lives. */
  double birthSeconds() {
    return birthSeconds;
  }

  /** Which share of its limit it has reached, 0 where no limit is known. */
  double limitShare() {
    return limitShare;
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
