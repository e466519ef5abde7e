package io.leakwatch.trend;

import java.util.function.DoubleUnaryOperator;

/**
 * Growth since the start, taken apart into a warm-up, which bends, and a line, which does not.
 *
 * <p>F statistics answer, all time constants being fitted. Is a line needed on top of the best
 * curve that only bends, exponential or logarithm? Then more than warming up is going on. Does a
 * line fit better than a second, slower exponential in its place? Then it is no warm-up in two
 * stages either. Is a curve needed beside the line? Then warming up was seen, and seen to end,
 * while a line alone may as well be a cache that fills.
 *
 * @param lineF for the line, against one curve
 * @param stageF for the line, against a second exponential; negative where that fits better
 * @param slope of the line, per point
 * @param lineShare of the line in the rise over the newer half
 * @param curveF for the curve
 * @param curve by how much it has risen
 */
record WarmUp(
    double lineF, double stageF, double slope, double lineShare, double curveF, double curve) {
  static final int PARAMETERS = 4;

  private static final double[] TAU_SHARES = {
    .02, .035, .06, .1, .15, .22, .33, .5, .7, 1, 1.5, 2.2, 3
  };
  private static final double[] SECOND_STAGE_SHARES = {.15, .25, .35, .5, .7};
  private static final double STAGES_APART = 1.3;
  private static final double COARSE_STEP = 1.25;
  private static final double FINE_STEP = 1.003;

  /**
   * Fits values that are equally far apart and independent of each other.
   *
   * @param slowest longest time constant of a warm-up, in points
   */
  static WarmUp of(double[] z, double slowest) {
    int n = z.length;
    double longest = Math.min(slowest, TAU_SHARES[TAU_SHARES.length - 1] * n);
    double bent =
        Math.min(
            least(n, longest, tau -> Saturation.Regression.of(z, 0, exponential(n, tau)).residual())
                .residual(),
            least(n, longest, tau -> Saturation.Regression.of(z, 0, logarithm(n, tau)).residual())
                .residual());
    double[] straight = new double[n];
    for (int i = 0; i < n; i++) {
      straight[i] = i;
    }
    Fitted fitted =
        least(n, longest, tau -> PlaneFit.of(z, exponential(n, tau), straight).residual());
    RobustStatistics.Line line = RobustStatistics.line(z, 0, n);
    if (!(fitted.residual() < line.residual())) {
      double f = f(bent, line.residual(), n);
      return new WarmUp(f, f, line.slope(), 1, 0, 0);
    }
    double[] basis = exponential(n, fitted.tau());
    PlaneFit plane = PlaneFit.of(z, basis, straight);
    double byLine = plane.second() * (n - 1 - n / 2);
    double byCurve = plane.first() * (basis[n - 1] - basis[n / 2]);
    double stages = Math.min(bent, twoStages(z));
    return new WarmUp(
        f(bent, plane.residual(), n),
        f(stages, plane.residual(), n) - f(plane.residual(), stages, n),
        plane.second(),
        byLine / Math.max(1e-9, byLine + byCurve),
        f(line.residual(), plane.residual(), n),
        plane.first() * basis[n - 1]);
  }

  /** Time constant of the exponential that fits best without anything beside it. */
  static double timeConstant(double[] z, double longest) {
    int n = z.length;
    return least(n, longest, tau -> Saturation.Regression.of(z, 0, exponential(n, tau)).residual())
        .tau();
  }

  private static double twoStages(double[] z) {
    int n = z.length;
    double best = Double.POSITIVE_INFINITY;
    for (double share : SECOND_STAGE_SHARES) {
      double[] slow = exponential(n, share * n);
      DoubleUnaryOperator residual = tau -> PlaneFit.of(z, exponential(n, tau), slow).residual();
      best = Math.min(best, least(n, share * n / STAGES_APART, residual).residual());
    }
    return best;
  }

  private static double f(double without, double with, int n) {
    double freedom = Math.max(2, n - PARAMETERS);
    return Math.max(0, without - with) / (with / freedom + 1e-12);
  }

  private record Fitted(double tau, double residual) {}

  /** The time constant up to the longest one that leaves the least residual. */
  private static Fitted least(int n, double longest, DoubleUnaryOperator residual) {
    double at = longest;
    double best = Double.POSITIVE_INFINITY;
    for (double share : TAU_SHARES) {
      double r = share * n <= longest ? residual.applyAsDouble(share * n) : best;
      if (r < best) {
        best = r;
        at = share * n;
      }
    }
    for (double step = COARSE_STEP; step > FINE_STEP; step = Math.sqrt(step)) {
      double centre = at;
      for (double tau : new double[] {centre / step, centre * step}) {
        double r = tau <= longest ? residual.applyAsDouble(tau) : best;
        if (r < best) {
          best = r;
          at = tau;
        }
      }
    }
    return new Fitted(at, best);
  }

  private static double[] exponential(int n, double tau) {
    double[] basis = new double[n];
    for (int i = 0; i < n; i++) {
      basis[i] = 1 - Math.exp(-i / tau);
    }
    return basis;
  }

  private static double[] logarithm(int n, double tau) {
    double[] basis = new double[n];
    for (int i = 0; i < n; i++) {
      basis[i] = Math.log1p(i / tau);
    }
    return basis;
  }

  /** Least squares of y = a + first·p + second·q; none where either would fall. */
  private record PlaneFit(double first, double second, double residual) {
    private static final PlaneFit NONE = new PlaneFit(0, 0, Double.POSITIVE_INFINITY);

    static PlaneFit of(double[] z, double[] p, double[] q) {
      int n = z.length;
      double meanP = 0;
      double meanQ = 0;
      double meanZ = 0;
      for (int i = 0; i < n; i++) {
        meanP += p[i] / n;
        meanQ += q[i] / n;
        meanZ += z[i] / n;
      }
      double pp = 0;
      double pq = 0;
      double qq = 0;
      double pz = 0;
      double qz = 0;
      for (int i = 0; i < n; i++) {
        double u = p[i] - meanP;
        double v = q[i] - meanQ;
        double y = z[i] - meanZ;
        pp += u * u;
        pq += u * v;
        qq += v * v;
        pz += u * y;
        qz += v * y;
      }
      double determinant = pp * qq - pq * pq;
      double first = (pz * qq - qz * pq) / determinant;
      double second = (qz * pp - pz * pq) / determinant;
      if (determinant <= 1e-9 * pp * qq || first < 0 || second < 0) {
        return NONE;
      }
      double residual = 0;
      for (int i = 0; i < n; i++) {
        double e = z[i] - meanZ - first * (p[i] - meanP) - second * (q[i] - meanQ);
        residual += e * e;
      }
      return new PlaneFit(first, second, residual);
    }
  }
}
