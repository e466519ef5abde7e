package io.leakwatch.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a process' memory was at several times within one diagnosis.
 *
 * @param points in the order of time, the first and the last reading among them
 */
public record Observations(List<Point> points) {

  /**
   * One time. Bytes; {@code NaN} where unknown.
   *
   * @param anonymousBytes anonymous resident + swap - lazily freed
   * @param inUseBytes not freed by the application
   * @param freeBytes kept by the allocator, its tops included
   * @param pinnedBytes free below chunks in use
   */
  public record Point(
      double seconds,
      double anonymousBytes,
      double inUseBytes,
      double freeBytes,
      double pinnedBytes) {}

  public Observations {
    points = List.copyOf(points);
  }

  Point first() {
    return points.get(0);
  }

  Point last() {
    return points.get(points.size() - 1);
  }

  double spanSeconds() {
    return Math.max(1e-3, last().seconds() - first().seconds());
  }

  /** The known values of one figure. */
  private List<Double> known(ToDoubleFunction<Point> figure) {
    List<Double> values = new ArrayList<>();
    for (Point point : points) {
      double value = figure.applyAsDouble(point);
      if (!Double.isNaN(value)) {
        values.add(value);
      }
    }
    return values;
  }

  /** Growth per second from the first to the last known value; {@code NaN} with less than two. */
  double rate(ToDoubleFunction<Point> figure) {
    List<Double> values = known(figure);
    return values.size() < 2
        ? Double.NaN
        : (values.get(values.size() - 1) - values.get(0)) / spanSeconds();
  }

  /** Share of the steps between neighbouring known values that go up. */
  double risingShare(ToDoubleFunction<Point> figure) {
    List<Double> values = known(figure);
    int rising = 0;
    for (int i = 1; i < values.size(); i++) {
      rising += values.get(i) > values.get(i - 1) ? 1 : 0;
    }
    return values.size() < 2 ? 0 : (double) rising / (values.size() - 1);
  }
}
