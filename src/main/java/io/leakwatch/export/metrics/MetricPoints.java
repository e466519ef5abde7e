package io.leakwatch.export.metrics;

import io.leakwatch.text.ForeignText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The points of one family in one scrape, in the order of their labels. What is unknown ({@code
 * NaN}) is left out, because absent is not zero; a second point with equal labels is left out as
 * well, because it would make the whole scrape fail.
 */
final class MetricPoints {
  private static final int LABEL_CHARACTERS_MAX = 256;
  private static final Comparator<Point> BY_LABELS = MetricPoints::compare;

  private final int[] places;
  private final List<Point> points = new ArrayList<>();

  /** Label values are ordered by the names of their labels. */
  private record Point(List<String> labels, double value, long count) {}

  /** Takes one point. */
  interface Taker<E extends Exception> {
    void take(List<String> labels, double value, long count) throws E;
  }

  /**
   * @param labels names, in the order in which values will come
   */
  MetricPoints(List<String> labels) {
    List<String> sorted = labels.stream().sorted().toList();
    places = sorted.stream().mapToInt(labels::indexOf).toArray();
  }

  void add(Number value, String... labels) {
    if (!Double.isNaN(value.doubleValue())) {
      points.add(new Point(bounded(labels), value.doubleValue(), 0));
    }
  }

  /** A count of something, and its sum. */
  void addSummary(long count, double sum, String... labels) {
    points.add(new Point(bounded(labels), sum, count));
  }

  /** A watched process chooses its name and paths: they are cut, and made valid Unicode. */
  private List<String> bounded(String... labels) {
    String[] cut = new String[places.length];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = ForeignText.harmless(labels[places[i]], LABEL_CHARACTERS_MAX);
    }
    return List.of(cut);
  }

  private static int compare(Point one, Point other) {
    for (int i = 0; i < one.labels().size(); i++) {
      int difference = one.labels().get(i).compareTo(other.labels().get(i));
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  <E extends Exception> void forEach(Taker<E> taker) throws E {
    points.sort(BY_LABELS);
    Point before = null;
    for (Point point : points) {
      if (before == null || compare(before, point) != 0) {
        taker.take(point.labels(), point.value(), point.count());
      }
      before = point;
    }
  }

  boolean isEmpty() {
    return points.isEmpty();
  }
}
