package io.leakwatch.trend;

import java.util.Arrays;

/**
 * Order statistics and least squares over short arrays, of figures that are never {@code NaN}.
 *
 * <p>These are the innermost loops of all tests. A value of one rank is selected (Hoare: Algorithm
 * 65, FIND, 1961), in linear time, instead of sorting all of them; the lowest and the highest are
 * found by comparison, for {@link Math#min} tells apart zeros that nobody needs told apart.
 */
final class RobustStatistics {
  /** Makes the median absolute deviation of a normal sample its standard deviation. */
  static final double NORMAL_CONSISTENCY = 1.4826;

  private static final double OU_STEP_TO_DEVIATION = 1.2 * NORMAL_CONSISTENCY;

  private RobustStatistics() {}

  static double median(double[] values, int from, int to) {
    if (to <= from) {
      return Double.NaN;
    }
    double[] parted = Arrays.copyOfRange(values, from, to);
    int middle = parted.length / 2;
    double upper = select(parted, middle);
    return parted.length % 2 == 1 ? upper : (max(parted, 0, middle) + upper) / 2;
  }

  /** The value of that rank, from 0; afterwards no value before it is higher, none behind lower. */
  private static double select(double[] values, int rank) {
    int left = 0;
    int right = values.length - 1;
    while (left < right) {
      double pivot = values[rank];
      int up = left;
      int down = right;
      while (up <= down) {
        while (values[up] < pivot) {
          up++;
        }
        while (values[down] > pivot) {
          down--;
        }
        if (up <= down) {
          double swap = values[up];
          values[up++] = values[down];
          values[down--] = swap;
        }
      }
      left = down < rank ? up : left;
      right = up > rank ? down : right;
    }
    return values[rank];
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
    double[] parted = new double[values.length];
    for (int i = 0; i < parted.length; i++) {
      parted[i] = values[i];
    }
    return select(parted, (int) (share * parted.length));
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
      min = values[i] < min ? values[i] : min;
    }
    return min;
  }

  static double max(double[] values, int from, int to) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = values[i] > max ? values[i] : max;
    }
    return max;
  }

  /**
   * Kendall's tau-a of the values against time. Sorting by insertion moves a value once for each
   * pair that falls, and of these a rise, which this is asked about, has few.
   */
  static double kendall(double[] values, int from, int to) {
    int n = to - from;
    if (n < 2) {
      return 0;
    }
    double[] sorted = new double[n];
    int score = 0;
    for (int i = 0; i < n; i++) {
      double value = values[from + i];
      int notAbove = i;
      for (; notAbove > 0 && sorted[notAbove - 1] > value; notAbove--) {
        sorted[notAbove] = sorted[notAbove - 1];
      }
      sorted[notAbove] = value;
      int below = notAbove;
      while (below > 0 && sorted[below - 1] == value) {
        below--;
      }
      score += below - (i - notAbove);
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
