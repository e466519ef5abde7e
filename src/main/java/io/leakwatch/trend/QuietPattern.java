package io.leakwatch.trend;

/** What memory that no test finds growing does instead, by its floors. */
final class QuietPattern {
  private static final double CYCLIC_CORRELATION = 0.5;
  private static final double FLAT_SHARE = 0.05;
  private static final double STEP_SHARE = 0.7;

  private QuietPattern() {}

  static Pattern of(double[] z, TrendSettings settings) {
    int n = z.length;
    int cycle = settings.floorsPerCycle();
    if (n < cycle / 2) {
      return Pattern.UNKNOWN;
    }
    int from = Math.max(0, n - 4 * cycle);
    double range = RobustStatistics.max(z, from, n) - RobustStatistics.min(z, from, n);
    double floor = Math.abs(RobustStatistics.min(z, from, n)) + 1;
    if (range < FLAT_SHARE * floor) {
      return Pattern.FLAT;
    }
    double lastCycle = z[n - 1] - z[Math.max(from, n - 1 - cycle)];
    boolean higher = RobustStatistics.min(z, n - cycle / 4, n) > floor + range / 2;
    if (higher
        && lastCycle > settings.minimumRelativeRate() * floor
        && Saturation.bend(z, from, n).isEvident()) {
      return Pattern.SATURATING;
    }
    if (n - from >= 2 * cycle && isCyclic(z, from, n, cycle)) {
      return Pattern.CYCLIC;
    }
    if (higher && Envelope.stepShare(z, from, n, 2) > STEP_SHARE) {
      return Pattern.STEP;
    }
    // What rises before it has a history could be anything; to call it flat would be wrong.
    return higher && n < settings.onsetHistory() ? Pattern.UNKNOWN : Pattern.FLAT;
  }

  /** Whether the values repeat from cycle to cycle. */
  static boolean isCyclic(double[] z, int from, int to, int cycle) {
    return RobustStatistics.autocorrelation(z, from, to, cycle) > CYCLIC_CORRELATION;
  }
}
