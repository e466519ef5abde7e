package io.leakwatch.trend;

/**
 * Whether growth bends towards a plateau.
 *
 * <p>A cache that fills, a pool that warms up and a program that starts grow as c₀ + c₁(1 −
 * e^(−t/τ)); creep grows as the logarithm; a leak grows as a straight line or faster. The first
 * test compares a line with the exponential by the Bayesian information criterion. The second asks
 * whether a line on top of the best bending curve is still needed: warming up and leaking at the
 * same time is then a leak. Hourly values repeat each other, so one independent value per six is
 * counted.
 */
final class Saturation {
  private static final double[] TAU_SHARES = {.1, .15, .25, .4, .6, 1, 1.6, 2.5};
  private static final double[] NULL_TAU_SHARES = {.02, .035, .06, .1, .15, .22, .33, .5, .7, 1};
  private static final double FLOORS_PER_INDEPENDENT = 6;

  private Saturation() {}

  /**
   * @param evidence BIC of the line minus that of the curve: above 2, it bends
   * @param tauFloors time constant of the curve
   * @param plateau where it leads
   */
  record Bend(double evidence, double tauFloors, double plateau) {
    static final Bend NONE =
        new Bend(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
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

  /**
   * @param f F statistic of the line on top of the bending curve
   * @param slope per floor, of the line
   * @param share of the line in the rise over the last half of the window
   */
  record Remainder(double f, double slope, double share) {}

  /** What a straight line still explains once the best bending curve has been taken away. */
  static Remainder beyondBend(double[] z, int from, int to, double perIndependent) {
    int n = to - from;
    double bent = Double.POSITIVE_INFINITY;
    double both = Double.POSITIVE_INFINITY;
    double slope = 0;
    double share = 0;
    for (Curve curve : Curve.values()) {
      double best = Double.POSITIVE_INFINITY;
      double bestTau = Double.NaN;
      for (double tauShare : NULL_TAU_SHARES) {
        double residual = Regression.of(z, from, curve.basis(n, tauShare * n)).residual();
        if (residual < best) {
          best = residual;
          bestTau = tauShare * n;
        }
        if (curve == Curve.EXPONENTIAL) {
          double[] basis = curve.basis(n, tauShare * n);
          PlaneFit plane = PlaneFit.of(z, from, basis);
          if (plane.residual() < both && plane.curve() >= 0) {
            both = plane.residual();
            slope = plane.slope();
            double byLine = slope * (n - 1 - n / 2);
            double byCurve = plane.curve() * (basis[n - 1] - basis[n / 2]);
            share = byLine / Math.max(1e-9, byLine + byCurve);
          }
        }
      }
      bent = Math.min(bent, refined(z, from, n, curve, bestTau, best));
    }
    RobustStatistics.Line line = RobustStatistics.line(z, from, to);
    if (line.residual() <= both) {
      both = line.residual();
      slope = line.slope();
      share = 1;
    }
    double freedom = Math.max(2, n / perIndependent - 3);
    double f = Math.max(0, bent - both) / (both / freedom + 1e-12);
    return new Remainder(f, slope, share);
  }

  /** The least residual near a time constant, so that a coarse grid does not speak for a line. */
  private static double refined(
      double[] z, int from, int n, Curve curve, double tau, double residual) {
    double best = residual;
    double at = tau;
    for (double step = 1.25; step > 1.01; step = Math.sqrt(step)) {
      for (double candidate : new double[] {at / step, at * step}) {
        if (candidate <= n) {
          double r = Regression.of(z, from, curve.basis(n, candidate)).residual();
          if (r < best) {
            best = r;
            at = candidate;
          }
        }
      }
    }
    return best;
  }

  private enum Curve {
    EXPONENTIAL,
    LOGARITHM;

    double[] basis(int n, double tau) {
      double[] basis = new double[n];
      for (int i = 0; i < n; i++) {
        basis[i] = this == EXPONENTIAL ? 1 - Math.exp(-i / tau) : Math.log1p(i / tau);
      }
      return basis;
    }
  }

  /** Least squares of y = intercept + slope·basis. */
  private record Regression(double intercept, double slope, double residual) {
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

  /** Least squares of y = a + curve·basis + slope·x. */
  private record PlaneFit(double curve, double slope, double residual) {
    static PlaneFit of(double[] z, int from, double[] basis) {
      int n = basis.length;
      double meanB = 0;
      double meanY = 0;
      double meanX = (n - 1) / 2.0;
      for (int i = 0; i < n; i++) {
        meanB += basis[i] / n;
        meanY += z[from + i] / n;
      }
      double bb = 0;
      double bx = 0;
      double xx = 0;
      double by = 0;
      double xy = 0;
      for (int i = 0; i < n; i++) {
        double b = basis[i] - meanB;
        double x = i - meanX;
        double y = z[from + i] - meanY;
        bb += b * b;
        bx += b * x;
        xx += x * x;
        by += b * y;
        xy += x * y;
      }
      double determinant = bb * xx - bx * bx;
      if (determinant <= 1e-9 * bb * xx) {
        return new PlaneFit(0, 0, Double.POSITIVE_INFINITY);
      }
      double curve = (by * xx - xy * bx) / determinant;
      double slope = (xy * bb - by * bx) / determinant;
      double residual = 0;
      for (int i = 0; i < n; i++) {
        double e = z[from + i] - meanY - curve * (basis[i] - meanB) - slope * (i - meanX);
        residual += e * e;
      }
      return new PlaneFit(curve, slope, residual);
    }
  }
}
