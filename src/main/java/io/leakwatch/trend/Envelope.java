package io.leakwatch.trend;

import java.util.Arrays;

/**
 * Envelopes of a series from below.
 *
 * <p>The lowest floor of a whole cycle does not know the cycle. The future minimum, the lowest
 * value from a time to the end, only ever rises and holds what the process has not given back; when
 * nearly all of its rise falls on one or two floors, the rise was a step.
 */
final class Envelope {
  private Envelope() {}

  /** Trailing minimum over {@code width}; element i covers the floors that end with i. */
  static double[] trailingMin(double[] floors, int width) {
    int n = floors.length;
    double[] min = new double[n];
    int[] queue = new int[n];
    int head = 0;
    int tail = 0;
    for (int i = 0; i < n; i++) {
      while (tail > head && floors[queue[tail - 1]] >= floors[i]) {
        tail--;
      }
      queue[tail++] = i;
      if (queue[head] <= i - width) {
        head++;
      }
      min[i] = floors[queue[head]];
    }
    return min;
  }

  /** How far the lowest of the newest {@code width} lies above that of so many floors before. */
  static double riseOver(double[] floors, int back, int width) {
    int now = floors.length;
    return RobustStatistics.min(floors, now - width, now)
        - RobustStatistics.min(floors, now - back - width, now - back);
  }

  /** What wanders falls as far as it rises; a leak does not fall. */
  static double deepestDecline(double[] low, int from) {
    double highest = low[from];
    double decline = 0;
    for (int i = from; i < low.length; i++) {
      highest = Math.max(highest, low[i]);
      decline = Math.max(decline, highest - low[i]);
    }
    return decline;
  }

  /** Share of the {@code top} largest increments in the rise of the future minimum. */
  static double stepShare(double[] z, int from, int to, int top) {
    double[] largest = new double[top];
    double next = z[to - 1];
    double rise = 0;
    for (int i = to - 2; i >= from; i--) {
      double floor = Math.min(z[i], next);
      double increment = next - floor;
      rise += increment;
      for (int k = 0; k < top; k++) {
        if (increment > largest[k]) {
          double swap = largest[k];
          largest[k] = increment;
          increment = swap;
        }
      }
      next = floor;
    }
    if (rise <= 0) {
      return 1;
    }
    double sum = 0;
    for (double increment : largest) {
      sum += increment;
    }
    return sum / rise;
  }

  /** Means of the lower half of {@code width} floors each, the last one ending with the newest. */
  static double[] lowerMeans(double[] floors, int width) {
    double[] means = new double[floors.length / width];
    int first = floors.length % width;
    int lower = (width + 1) / 2;
    for (int i = 0; i < means.length; i++) {
      double[] sorted = Arrays.copyOfRange(floors, first + i * width, first + (i + 1) * width);
      Arrays.sort(sorted);
      means[i] = Arrays.stream(sorted, 0, lower).sum() / lower;
    }
    return means;
  }
}
