package io.leakwatch.trend.load;

import io.leakwatch.trend.statistics.RobustStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A line of memory against one figure of load, and whether it may be believed.
 *
 * <p>Any two series that trend correlate: regressed on each other, two independent random walks
 * give an r² above one half as often as not (Granger, Newbold: Spurious regressions in
 * econometrics, 1974). So the figure has to explain what time does not. The model is {@code
 * memory(t) = a + c·t + b·figure(t - lag) + e(t)} with {@code e} an AR(1) process; {@code b} is
 * estimated after the quasi-differences {@code z(t) - ρ·z(t-1)} (Cochrane, Orcutt 1949), with ρ
 * from the residual and corrected for its bias in short series, so that near a unit root the
 * increments are compared and a common trend is worth nothing. A fit counts when b is positive and
 * at least five of its standard errors, for a lag of a few steps at the most. What grows beside the
 * figure lands in {@code c·t}: a leak under a load is not lost in it.
 *
 * <p>Where neither series has a shape beyond its trend the model has nothing to go by; {@link
 * #level} is for figures that are known to be held memory, or a state, by their name or type.
 *
 * @param slope bytes for each unit of the figure
 * @param lag steps by which memory follows
 * @param explained share of the rise that slope times the figure's own rise makes up, 0 to 1
 */
record LoadFit(double slope, int lag, double explained) {
  static final int STEPS_MIN = 12;
  private static final double SURE = 5;

  /** Short series have heavy tails: so many steps add as much again to what is sure. */
  private static final double SHORT = 6;

  private static final double RHO_MAX = 0.98;
  private static final double LEVEL_R2 = 0.98;

  /**
   * Fits by shape.
   *
   * @param y memory
   * @param x the figure, so many steps longer at its start as the lag may be
   * @return null where it explains nothing for certain
   */
  static @Nullable LoadFit shape(double[] y, double[] x) {
    int lags = x.length - y.length;
    if (y.length < STEPS_MIN) {
      return null;
    }
    LoadFit best = null;
    double surest = SURE * (1 + SHORT / y.length);
    for (int lag = 0; lag <= lags; lag++) {
      double[] z = lagged(x, y.length, lag);
      double[] b = slope(y, z);
      if (b[0] > 0 && b[0] > surest * b[1]) {
        surest = b[0] / b[1];
        best = new LoadFit(b[0], lag, share(b[0], y, z));
      }
    }
    return best;
  }

  /** Fits level to level, without lag; null where the line is not nearly perfect. */
  static @Nullable LoadFit level(double[] y, double[] x) {
    int n = y.length;
    if (n < STEPS_MIN) {
      return null;
    }
    double[] z = lagged(x, n, 0);
    double meanY = mean(y);
    double meanZ = mean(z);
    double yy = 0;
    double yz = 0;
    double zz = 0;
    for (int i = 0; i < n; i++) {
      yy += (y[i] - meanY) * (y[i] - meanY);
      yz += (y[i] - meanY) * (z[i] - meanZ);
      zz += (z[i] - meanZ) * (z[i] - meanZ);
    }
    if (yy <= 0 || zz <= 0 || yz <= 0 || yz * yz < LEVEL_R2 * yy * zz) {
      return null;
    }
    return new LoadFit(yz / zz, 0, share(yz / zz, y, z));
  }

  /** The share that this line explains in the rise of other steps, given as to {@link #shape}. */
  double shareOf(double[] y, double[] x) {
    return y.length == 0 ? 0 : share(slope, y, lagged(x, y.length, lag));
  }

  /**
   * What this line leaves of the variance of other steps, given as to {@link #shape}, beside their
   * own line over time.
   */
  double leaves(double[] y, double[] x) {
    double[] z = lagged(x, y.length, lag);
    double[] rest = new double[y.length];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = y[i] - slope * z[i];
    }
    double[] all = detrended(y, 0);
    double[] left = detrended(rest, 0);
    double whole = dot(all, all);
    return whole > 0 ? dot(left, left) / whole : 1;
  }

  private static double[] lagged(double[] x, int n, int lag) {
    double[] z = new double[n];
    System.arraycopy(x, x.length - n - lag, z, 0, n);
    return z;
  }

  private static double share(double slope, double[] y, double[] x) {
    double grown = end(y);
    return grown <= 0 ? 0 : Math.max(0, Math.min(1, slope * end(x) / grown));
  }

  private static double end(double[] z) {
    int part = Math.max(1, z.length / 6);
    return RobustStatistics.median(z, z.length - part, z.length)
        - RobustStatistics.median(z, 0, part);
  }

  /** Slope and its standard error beside constant and time, under AR(1) residuals. */
  private static double[] slope(double[] y, double[] x) {
    double[] ry = detrended(y, 0);
    double[] rx = detrended(x, 0);
    double xx = dot(rx, rx);
    double scale = dot(x, x);
    if (xx <= 1e-18 * scale || xx <= 0) {
      return new double[] {0, 1};
    }
    double b = dot(rx, ry) / xx;
    double[] e = new double[ry.length];
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < e.length; i++) {
        e[i] = ry[i] - b * rx[i];
      }
      double rho = rho(e);
      double[] qy = detrended(y, rho);
      double[] qx = detrended(x, rho);
      double qq = dot(qx, qx);
      if (qq <= 1e-18 * scale) {
        return new double[] {0, 1};
      }
      b = dot(qx, qy) / qq;
      double left = 0;
      for (int i = 0; i < qy.length; i++) {
        double d = qy[i] - b * qx[i];
        left += d * d;
      }
      double error = Math.sqrt(left / Math.max(1, qy.length - 3) / qq);
      if (pass == 1) {
        return new double[] {b, Math.max(error, 1e-12 * Math.abs(b))};
      }
    }
    throw new AssertionError("two passes return");
  }

  private static double rho(double[] e) {
    double ee = 0;
    double serial = 0;
    for (int i = 0; i < e.length; i++) {
      ee += e[i] * e[i];
      serial += i > 0 ? e[i] * e[i - 1] : 0;
    }
    double rho = ee > 0 ? serial / ee : 0;
    double corrected = (rho * e.length + 2) / (e.length - 4.0);
    return Math.max(0, Math.min(RHO_MAX, corrected));
  }

  /** The quasi-differences of z without their own line over time. */
  private static double[] detrended(double[] z, double rho) {
    int n = z.length - 1;
    double[] q = new double[n];
    for (int i = 0; i < n; i++) {
      q[i] = z[i + 1] - rho * z[i];
    }
    double mean = mean(q);
    double middle = (n - 1) / 2.0;
    double zt = 0;
    double tt = 0;
    for (int i = 0; i < n; i++) {
      zt += (q[i] - mean) * (i - middle);
      tt += (i - middle) * (i - middle);
    }
    for (int i = 0; i < n; i++) {
      q[i] -= mean + zt / tt * (i - middle);
    }
    return q;
  }

  private static double mean(double[] z) {
    double sum = 0;
    for (double value : z) {
      sum += value;
    }
    return sum / z.length;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
