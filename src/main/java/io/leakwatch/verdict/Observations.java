package io.leakwatch.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a process' memory was at several times within one diagnosis.
 *
 * @param points in the order of time, the first and the last reading among them
 * @param later one more, after what grew has been searched for; null where it was not taken
 * @param churn by which chance alone moves what is in use
 */
public record Observations(List<Point> points, @Nullable Point later, Churn churn) {
  /** One-sided, one time in twenty, by degrees of freedom from 1 (Student's t distribution). */
  private static final double[] STUDENT = {6.31, 2.92, 2.35, 2.13, 2.02};

  private static final double PERSISTS = 0.5;

  /**
   * One time. Bytes; {@code NaN} where unknown.
   *
   * @param anonymousBytes anonymous resident + swap - lazily freed
   * @param inUseBytes not freed by the application, and backed by memory
   * @param freeBytes kept by the allocator, its tops and garbage included
   * @param garbageBytes of them what the next collection takes
   * @param pinnedBytes free, and kept from being given back by something in use
   */
  public record Point(
      double seconds,
      double anonymousBytes,
      double inUseBytes,
      double freeBytes,
      double garbageBytes,
      double pinnedBytes) {

    /** Kept by the allocator, and no work of a collector. */
    double heldBytes() {
      return freeBytes - garbageBytes;
    }
  }

  public Observations {
    points = List.copyOf(points);
  }

  Point last() {
    return points.get(points.size() - 1);
  }

  double spanSeconds() {
    return Math.max(1e-3, last().seconds() - points.get(0).seconds());
  }

  /** The points of which a figure is known. */
  private List<Point> known(ToDoubleFunction<Point> figure) {
    List<Point> known = new ArrayList<>(points);
    known.removeIf(point -> Double.isNaN(figure.applyAsDouble(point)));
    return known;
  }

  /** Growth per second from the first to the last known value; {@code NaN} with less than two. */
  double rate(ToDoubleFunction<Point> figure) {
    List<Point> known = known(figure);
    return known.size() < 2 ? Double.NaN : grown(figure, known) / spanSeconds();
  }

  private static double grown(ToDoubleFunction<Point> figure, List<Point> known) {
    return figure.applyAsDouble(known.get(known.size() - 1)) - figure.applyAsDouble(known.get(0));
  }

  /**
   * Whether a figure grows by more than it swings: no step between the readings falls and more than
   * one rises, however unevenly (an array that doubles, a heap that grows by chunks), or their mean
   * rises clearly though one of them falls (a t-test of their rates); and afterwards at least half
   * of it is still there.
   */
  boolean rises(ToDoubleFunction<Point> figure) {
    List<Point> known = known(figure);
    if (known.size() < 2 || grown(figure, known) <= 0) {
      return false;
    }
    double[] rates = new double[known.size() - 1];
    double mean = 0;
    for (int i = 0; i < rates.length; i++) {
      Point from = known.get(i);
      Point to = known.get(i + 1);
      double seconds = Math.max(1e-3, to.seconds() - from.seconds());
      rates[i] = (figure.applyAsDouble(to) - figure.applyAsDouble(from)) / seconds;
      mean += rates[i] / rates.length;
    }
    return agree(rates, mean) && persists(figure, known);
  }

  private static boolean agree(double[] rates, double mean) {
    double squares = 0;
    int rising = 0;
    boolean falls = false;
    for (double rate : rates) {
      squares += (rate - mean) * (rate - mean);
      rising += rate > 0 ? 1 : 0;
      falls |= rate < 0;
    }
    int freedom = rates.length - 1;
    if (!falls && rising >= Math.min(2, rates.length)) {
      return true;
    }
    if (freedom < 2) {
      return false;
    }
    double error = Math.sqrt(squares / freedom / rates.length);
    return mean > STUDENT[Math.min(freedom, STUDENT.length) - 1] * error;
  }

  private boolean persists(ToDoubleFunction<Point> figure, List<Point> known) {
    double now = later == null ? Double.NaN : figure.applyAsDouble(later);
    double before = figure.applyAsDouble(known.get(0));
    return !(now - before < PERSISTS * grown(figure, known));
  }
}
