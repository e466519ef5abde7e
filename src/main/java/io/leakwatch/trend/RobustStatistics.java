package io.leakwatch.trend;

import java.util.Arrays;

/** Order statistics and least squares over short arrays. */
final class RobustStatistics {
  /** Makes the median absolute deviation of a normal sample its standard deviation. */
  static final double NORMAL_CONSISTENCY = 1.4826;

  private static final double OU_STEP_TO_DEVIATION = 1.2 * NORMAL_CONSISTENCY;

  private RobustStatistics() {}

  static double median(double[] values, int from, int to) {
    if (to <= from) {
      return Double.NaN;
    }
    double[] sorted = Arrays.copyOfRange(values, from, to);
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Normal-consistent median absolute deviation from {@code median}. */
  static double deviation(double[] values, int from, int to, double median) {
    double[] distances = new double[Math.max(0, to - from)];
    for (int i = 0; i < distances.length; i++) {
      distances[i] = Math.abs(values[from + i] - median);
    }
    return NORMAL_CONSISTENCY * median(distances, 0, distances.length);
  }

  /** The value below which a share of all lies. */
  static double quantile(float[] values, double share) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (share * sorted.length)];
  }

  /**
   * Standard deviation of noise that forgets within a few values, by the median of the sizes of its
   * steps: neither a level nor a jump adds to it.
   */
  static double deviationBySteps(float[] steps) {
    return OU_STEP_TO_DEVIATION * quantile(steps, 0.5);
  }

  static double min(double[] values, int from, int to) {
    double min = Double.POSITIVE_INFINITY;
    for (int i = from; i < to; i++) {
      min = Math.min(min, values[i]);
    }
    return min;
  }

  static double max(double[] values, int from, int to) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }

  /** Kendall's tau-a of the values against time. */
  static double kendall(double[] values, int from, int to) {
    int n = to - from;
    if (n < 2) {
      return 0;
    }
    int score = 0;
    for (int i = from; i < to; i++) {
      for (int j = i + 1; j < to; j++) {
        score += (int) Math.signum(values[j] - values[i]);
      }
    }
    return score / (n * (n - 1) / 2.0);
  }

  /** The correlation of the values with those {@code lag} before. */
  static double autocorrelation(double[] z, int from, int to, int lag) {
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
  record Line(double intercept, double slope, double slopeError, double residual) {}

  static Line line(double[] values, int from, int to) {
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

  /** Theil-Sen: the median of the slopes of all pairs, per step. */
  static double senSlope(double[] values, int from, int to) {
    int n = to - from;
    if (n < 2) {
      return 0;
    }
    double[] slopes = new double[n * (n - 1) / 2];
    int k = 0;
    for (int i = from; i < to; i++) {
      for (int j = i + 1; j < to; j++) {
        slopes[k++] = (values[j] - values[i]) / (j - i);
      }
    }
    return median(slopes, 0, k);
  }
}
