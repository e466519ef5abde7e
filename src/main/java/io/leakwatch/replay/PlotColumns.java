package io.leakwatch.replay;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.Arrays;

/**
 * A series as columns of pixels, each with the lowest and highest value of its time. When the
 * columns are full, each two become one, so a series of any length takes the same room, and a
 * picture of a year is as small as that of a day.
 */
final class PlotColumns {
  static final int MAX = 1024;

  private final double[] low = new double[MAX];
  private final double[] high = new double[MAX];
  private final double[] used = new double[MAX];
  private final double[] limit = new double[MAX];
  private double firstSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double columnSeconds = 1;
  private int size;

  PlotColumns() {
    for (double[] values : new double[][] {low, high, used, limit}) {
      Arrays.fill(values, Double.NaN);
    }
  }

  void add(Sample sample) {
    double time = sample.timeSeconds();
    double value = firstOf(sample, Signal.RSS_ANON_BYTES, Signal.RSS_BYTES, Signal.IN_USE_BYTES);
    if (Double.isNaN(value)) {
      value = firstOf(sample, Signal.ARENA_BYTES, Signal.BRK_HEAP_BYTES);
    }
    if (!(value >= 0) || !Double.isFinite(time) || time < firstSeconds) {
      return;
    }
    if (Double.isNaN(firstSeconds)) {
      firstSeconds = time;
      lastSeconds = time;
    }
    lastSeconds = Math.max(lastSeconds, time);
    while ((time - firstSeconds) / columnSeconds >= MAX) {
      halve();
    }
    int at = (int) ((time - firstSeconds) / columnSeconds);
    size = Math.max(size, at + 1);
    low[at] = least(low[at], value);
    high[at] = -least(-high[at], -value);
    used[at] = least(used[at], sample.get(Signal.IN_USE_BYTES));
    limit[at] = least(limit[at], sample.get(Signal.LIMIT_BYTES));
  }

  private static double firstOf(Sample sample, Signal... signals) {
    for (Signal signal : signals) {
      if (sample.has(signal)) {
        return sample.get(signal);
      }
    }
    return Double.NaN;
  }

  private void halve() {
    columnSeconds *= 2;
    for (int i = 0; i < MAX / 2; i++) {
      low[i] = least(low[2 * i], low[2 * i + 1]);
      high[i] = -least(-high[2 * i], -high[2 * i + 1]);
      used[i] = least(used[2 * i], used[2 * i + 1]);
      limit[i] = least(limit[2 * i], limit[2 * i + 1]);
    }
    for (double[] values : new double[][] {low, high, used, limit}) {
      Arrays.fill(values, MAX / 2, MAX, Double.NaN);
    }
    size = (size + 1) / 2;
  }

  private static double least(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
  }

  int size() {
    return size;
  }

  double firstSeconds() {
    return Double.isNaN(firstSeconds) ? 0 : firstSeconds;
  }

  double lastSeconds() {
    return Double.isNaN(lastSeconds) ? 1 : lastSeconds;
  }

  double seconds(int column) {
    return firstSeconds + column * columnSeconds;
  }

  double low(int column) {
    return low[column];
  }

  double high(int column) {
    return high[column];
  }

  double used(int column) {
    return used[column];
  }

  double limit(int column) {
    return limit[column];
  }

  /** The lowest value at a time, or the newest one before. */
  double lowAt(double seconds) {
    int at = (int) Math.max(0, Math.min(size - 1, (seconds - firstSeconds) / columnSeconds));
    while (at > 0 && Double.isNaN(low[at])) {
      at--;
    }
    return size == 0 ? Double.NaN : low[at];
  }

  /** The newest limit; {@code NaN} where none is known. */
  double newestLimit() {
    int at = size - 1;
    while (at > 0 && Double.isNaN(limit[at])) {
      at--;
    }
    return size == 0 ? Double.NaN : limit[at];
  }

  double highest() {
    double highest = 0;
    for (int i = 0; i < size; i++) {
      highest = Double.isNaN(high[i]) ? highest : Math.max(highest, high[i]);
    }
    return highest;
  }
}
