package io.leakwatch.trend.statistics;

import java.util.Arrays;

/** Order statistics and least squares over short arrays, of figures that are never {@code NaN}. */
public final class RobustStatistics {
  private RobustStatistics() {}

  public static double median(double[] values, int from, int to) {
    if (to <= from) {
      return Double.NaN;
    }
    double[] sorted = Arrays.copyOfRange(values, from, to);
    Arrays.sort(sorted);
    return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
  }

  public static double min(double[] values, int from, int to) {
    double min = Double.POSITIVE_INFINITY;
    for (int i = from; i < to; i++) {
      min = values[i] < min ? values[i] : min;
    }
    return min;
  }

  public static double max(double[] values, int from, int to) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = values[i] > max ? values[i] : max;
    }
    return max;
  }

  /** The correlation of the values with those {@code lag} before. */
  public static double autocorrelation(double[] z, int from, int to, int lag) {
    double mean = 0;
    for (int i = from; i < to; i++) {
      mean += z[i] / (to - from);
    }
    double variance = 0;
    double covariance = 0;
    for (int i = from; i < to; i++) {
      variance += (z[i] - mean) * (z[i] - mean);
      covariance += i >= from + lag ? (z[i] - mean) * (z[i - lag] - mean) : 0;
    }
    return variance > 0 ? covariance / variance * (to - from) / (to - from - lag) : 0;
  }

  /** A straight line y = intercept + slope·x over x = 0, 1, …. */
  public record Line(double intercept, double slope, double slopeError, double residual) {}

  public static Line line(double[] values, int from, int to) {
    int n = to - from;
    double meanX = (n - 1) / 2.0;
    double meanY = 0;
    for (int i = from; i < to; i++) {
      meanY += values[i];
    }
    meanY /= Math.max(1, n);
    double xy = 0;
    for (int i = 0; i < n; i++) {
      xy += (i - meanX) * (values[from + i] - meanY);
    }
    double xx = n * ((double) n * n - 1) / 12;
    double slope = xx > 0 ? xy / xx : 0;
    double residual = 0;
    double serial = 0;
    double previous = 0;
    for (int i = 0; i < n; i++) {
      double e = values[from + i] - meanY - slope * (i - meanX);
      residual += e * e;
      serial += e * previous;
      previous = e;
    }
    double rho = residual > 0 ? Math.min(0.95, Math.max(0, serial / residual)) : 0;
    double variance = n > 2 ? residual / (n - 2) * (1 + rho) / (1 - rho) : Double.NaN;
    return new Line(
        meanY - slope * meanX, slope, xx > 0 ? Math.sqrt(variance / xx) : Double.NaN, residual);
  }
}
