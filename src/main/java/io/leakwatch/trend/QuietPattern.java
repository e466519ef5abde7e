package io.leakwatch.trend;

import io.leakwatch.trend.statistics.RobustStatistics;

/**
 * The word for memory that does not grow without bound, by the floors of the last four days: it is
 * compared with the same templates. A word is replaced only after another one has held for a while,
 * the longer the older the process is.
 */
final class QuietPattern {
  private static final int HOURS_MAX = 96;
  private static final int HOURS_MIN = 12;
  private static final double FLAT_SHARE = 0.05;
  private static final double CYCLIC_CORRELATION = 0.5;
  private static final double LIKELY = 0.5;
  private static final double MOST = 0.5;
  private static final double HOLD_SHARE = 0.25;
  private static final double HOLD_HOURS_MAX = 24;

  private final Shape shape = new Shape();
  private final double[] blocks = new double[Templates.BLOCKS];
  private Pattern reported = Pattern.UNKNOWN;
  private Pattern wanted = Pattern.UNKNOWN;
  private int wantedHours;

  void clear() {
    reported = Pattern.UNKNOWN;
    wanted = Pattern.UNKNOWN;
    wantedHours = 0;
  }

  Pattern reported() {
    return reported;
  }

  /** Looks again at the end of an hour. */
  void hour(Course course) {
    double[] z = course.hours(HOURS_MAX);
    if (z.length < HOURS_MIN) {
      return;
    }
    Pattern now = classify(z);
    wantedHours = now == wanted ? wantedHours + 1 : 1;
    wanted = now;
    boolean first = reported == Pattern.UNKNOWN;
    double hold = first ? 1 : Math.min(HOLD_HOURS_MAX, HOLD_SHARE * course.hourCount());
    if (wanted != reported && wantedHours >= hold) {
      reported = wanted;
    }
  }

  private Pattern classify(double[] z) {
    int n = z.length;
    double low = RobustStatistics.min(z, 0, n);
    double range = RobustStatistics.max(z, 0, n) - low;
    if (range < FLAT_SHARE * (Math.abs(low) + 1)) {
      return Pattern.FLAT;
    }
    for (int j = 0; j < blocks.length; j++) {
      blocks[j] = RobustStatistics.min(z, j * n / blocks.length, (j + 1) * n / blocks.length);
    }
    shape.measure(blocks);
    boolean higher = blocks[blocks.length - 1] > low + MOST * range;
    if (shape.up && shape.rise > 0 && higher) {
      shape.compare();
      if (shape.steps > LIKELY) {
        return Pattern.STEP;
      }
      if (shape.bends > LIKELY) {
        return Pattern.SATURATING;
      }
      boolean grows =
          shape.grows >= Rarity.GROWS
              && shape.risesSteadily()
              && Rarity.isWorthAWord(shape.rise, n, shape.level);
      return grows ? Pattern.GROWING : Pattern.FLAT;
    }
    int day = TrendSettings.HOURS_PER_DAY;
    return n >= 2 * day && RobustStatistics.autocorrelation(z, 0, n, day) > CYCLIC_CORRELATION
        ? Pattern.CYCLIC
        : Pattern.FLAT;
  }
}
