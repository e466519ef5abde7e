package io.leakwatch.verdict;

import java.util.ArrayDeque;
import java.util.Deque;

/** When a process was found to grow, through its incarnations: the newest spans of time. */
final class GrowthSpans {
  private static final int SPANS_MAX = 16;

  private record Span(double fromSeconds, double toSeconds) {}

  private final Deque<Span> ended = new ArrayDeque<>();
  private double sinceSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double firstSeconds = Double.NaN;

  /**
   * Takes what a sample was judged to be.
   *
   * @param growthSinceSeconds when the growth began that lasts, {@code NaN} where none does
   * @param restarted whether the sample is the first of another incarnation
   */
  void accept(double nowSeconds, double growthSinceSeconds, boolean restarted) {
    firstSeconds = Double.isNaN(firstSeconds) ? nowSeconds : firstSeconds;
    boolean grows = !Double.isNaN(growthSinceSeconds);
    if (!Double.isNaN(sinceSeconds) && (restarted || !grows)) {
      ended.add(new Span(sinceSeconds, lastSeconds));
      sinceSeconds = Double.NaN;
      if (ended.size() > SPANS_MAX) {
        ended.remove();
      }
    }
    if (grows && Double.isNaN(sinceSeconds)) {
      sinceSeconds = growthSinceSeconds;
    }
    lastSeconds = nowSeconds;
  }

  /** Whether a growth that has ended lay, at least in part, between two times. */
  boolean grewBetween(double fromSeconds, double toSeconds) {
    return ended.stream()
        .anyMatch(span -> span.fromSeconds() < toSeconds && span.toSeconds() > fromSeconds);
  }

  /** For how long of the time between two times it was watched, gaps not counted off, seconds. */
  double watchedSeconds(double fromSeconds, double toSeconds) {
    return Math.max(0, toSeconds - Math.max(fromSeconds, firstSeconds));
  }
}
