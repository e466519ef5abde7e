package io.leakwatch.trend.load;

import io.leakwatch.trend.statistics.Floors;
import java.util.Arrays;

/** Values of successive stretches of time, and the number of the one after the last. */
public final class Stretch {
  private final double[] values;
  final long end;

  public Stretch(Floors floors) {
    this(floors.toArray(), floors.openBin());
  }

  /**
   * @param end number of the stretch after the last
   */
  public Stretch(double[] values, long end) {
    this.values = values;
    this.end = end;
  }

  /** What was added in each stretch. */
  double[] differences() {
    double[] added = new double[Math.max(0, values.length - 1)];
    for (int i = 0; i < added.length; i++) {
      added[i] = values[i + 1] - values[i];
    }
    return added;
  }

  /**
   * The newest common stretches: so many of this one at the most, and of the other as many with a
   * lead before them.
   */
  double[][] beside(Stretch other, int length, int lead) {
    long to = Math.min(end, other.end);
    long from = Math.max(end - values.length, other.end - other.values.length + lead);
    from = Math.max(from, to - length);
    if (from >= to) {
      return new double[][] {{}, {}};
    }
    return new double[][] {slice(from, to), other.slice(from - lead, to)};
  }

  private double[] slice(long from, long to) {
    int first = (int) (from - (end - values.length));
    return Arrays.copyOfRange(values, first, (int) (first + to - from));
  }
}
