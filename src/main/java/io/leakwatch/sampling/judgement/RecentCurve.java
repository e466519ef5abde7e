package io.leakwatch.sampling.judgement;

import io.leakwatch.export.ProcessView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One figure over the last day in a bounded number of points, for the curve beside a process. When
 * there are too many, every second one is left out and new ones are taken half as often, until the
 * points reach over the whole day.
 */
final class RecentCurve {
  private static final int POINTS_MAX = 120;
  private static final Duration REACH = Duration.ofDays(1);

  private final Deque<ProcessView.Point> points = new ArrayDeque<>();
  private @Nullable List<ProcessView.Point> copy;
  private Duration distance = Duration.ZERO;

  /** Takes the next point, unless it is too near to the last. */
  void add(Instant time, double bytes) {
    ProcessView.Point last = points.peekLast();
    if (last != null && time.isBefore(last.time().plus(distance))) {
      return;
    }
    copy = null;
    points.add(new ProcessView.Point(time, bytes));
    Instant horizon = time.minus(REACH);
    while (points.getFirst().time().isBefore(horizon)) {
      points.removeFirst();
    }
    if (points.size() > POINTS_MAX) {
      thin(Duration.between(points.getFirst().time(), time));
    }
  }

  private void thin(Duration span) {
    distance = span.multipliedBy(2).dividedBy(POINTS_MAX);
    boolean isKept = points.size() % 2 == 1; // The newest stays.
    for (Iterator<ProcessView.Point> each = points.iterator(); each.hasNext(); isKept = !isKept) {
      each.next();
      if (!isKept) {
        each.remove();
      }
    }
  }

  /** The points, oldest first. */
  List<ProcessView.Point> points() {
    List<ProcessView.Point> copied = copy;
    if (copied == null) { // Once for each point, not for each view of it.
      copied = List.copyOf(points);
      copy = copied;
    }
    return copied;
  }
}
