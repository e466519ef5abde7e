package io.leakwatch.trend;

/**
 * Whether growth bends towards a plateau.
 *
 * <p>A cache that fills, a pool that warms up and a program that starts grow as c₀ + c₁(1 −
 * e^(−t/τ)); a leak grows as a straight line or faster. A line is compared with the exponential by
 * the Bayesian information criterion. Hourly values repeat each other, so one independent value per
 * six is counted.
 */
final class Saturation {
  private static final double[] TAU_SHARES = {.1, .15, .25, .4, .6, 1, 1.6, 2.5};
  private static final double FLOORS_PER_INDEPENDENT = 6;

  private static final double EVIDENT = 2;
  private static final int SHORTEST_BEND = 12;

  private Saturation() {}

  /**
   * @param evidence BIC of the line minus that of the curve: above 2, it bends
   * @param tauFloors time constant of the curve
   * @param plateau where it leads
   */
  record Bend(double evidence, double tauFloors, double plateau) {
    static final Bend NONE =
        new Bend(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    boolean isEvident() {
      return evidence > EVIDENT;
    }

    boolean endsWithin(double floors) {
      return isEvident() && tauFloors < floors;
    }
  }

  /** Whether values bend towards a plateau within their own length; of a few nobody can say. */
  static boolean bends(double[] z, int from, int to) {
    return to - from >= SHORTEST_BEND && bend(z, from, to).endsWithin(to - from);
  }

  static Bend bend(double[] z, int from, int to) {
    int n = to - from;
    if (n < 6) {
      return Bend.NONE;
    }
    double linear = RobustStatistics.line(z, from, to).residual() + 1e-12;
    double best = Double.POSITIVE_INFINITY;
    double bestTau = Double.NaN;
    double plateau = Double.NaN;
    double[] basis = new double[n];
    for (double share : TAU_SHARES) {
      double tau = share * n;
      for (int i = 0; i < n; i++) {
        basis[i] = 1 - Math.exp(-i / tau);
      }
      Regression fit = Regression.of(z, from, basis);
      if (fit.residual() < best && fit.slope() > 0) {
        best = fit.residual();
        bestTau = tau;
        plateau = fit.intercept() + fit.slope();
      }
    }
    if (Double.isNaN(bestTau)) {
      return Bend.NONE;
    }
    double independent = Math.max(4, n / FLOORS_PER_INDEPENDENT);
    double evidence = independent * Math.log(linear / (best + 1e-12)) - Math.log(independent);
    return new Bend(evidence, bestTau, plateau);
  }

  /** Least squares of y = intercept + slope·basis. */
  record Regression(double intercept, double slope, double residual) {
    static Regression of(double[] z, int from, double[] basis) {
      int n = basis.length;
      double meanX = 0;
      double meanY = 0;
      for (int i = 0; i < n; i++) {
        meanX += basis[i];
        meanY += z[from + i];
      }
      meanX /= n;
      meanY /= n;
      double xx = 0;
      double xy = 0;
      for (int i = 0; i < n; i++) {
        double x = basis[i] - meanX;
        xx += x * x;
        xy += x * (z[from + i] - meanY);
      }
      double slope = xx > 0 ? xy / xx : 0;
      double residual = 0;
      for (int i = 0; i < n; i++) {
        double e = z[from + i] - meanY - slope * (basis[i] - meanX);
        residual += e * e;
      }
      return new Regression(meanY - slope * meanX, slope, residual);
    }
  }
}
