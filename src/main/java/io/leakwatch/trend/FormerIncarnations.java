package io.leakwatch.trend;

/**
 * What the former incarnations of a process are worth: how far they rose at each scale, at their
 * begin and later, and how long they ran.
 *
 * <p>A fill ends by itself, a leak is ended by the restart. So incarnations in a row that grew
 * unbent to their end at the same pace are one growth that was interrupted.
 */
final class FormerIncarnations {
  private static final int BIRTH_WINDOWS = 4;

  /** From 16 hours on: the rising half of a day's load is shorter. */
  private static final int SCALE_MIN = 2;

  /** Slopes of two incarnations that differ by less are one pace. */
  private static final double PACE_MAX = 2;

  /** What is left of the growth of former incarnations after one that did not grow so. */
  private static final double KEPT = 0.5;

  /** Straightness of an incarnation that is asked, nats. */
  private static final double STRAIGHT = 2;

  private final float[] atBirth = new float[LeakTest.scales()];
  private final float[] later = new float[LeakTest.scales()];
  private double days;
  private int count;
  private double unbentHours;
  private double pace = Double.NaN;

  int count() {
    return count;
  }

  double days() {
    return days;
  }

  /** Whether a former incarnation rose so steadily at a scale, later than its begin or at it. */
  boolean hadSuch(int scale, double steadyBytes, boolean young) {
    return later[scale] >= steadyBytes || (young && atBirth[scale] >= steadyBytes);
  }

  /**
   * For how long the last incarnations grew without a bend.
   *
   * @param slope of the present incarnation, per hour
   * @return hours, 0 where it is another growth
   */
  double unbentHours(double slope) {
    return isPace(slope) ? unbentHours : 0;
  }

  private boolean isPace(double slope) {
    return slope < pace * PACE_MAX && slope > pace / PACE_MAX;
  }

  void ended(Windows windows) {
    long hoursLived = windows.end();
    if (hoursLived == 0) {
      return;
    }
    Shape shape = new Shape();
    double[] floors = new double[Templates.BLOCKS];
    rememberUnbent(windows, shape, floors);
    for (int scale = 0; scale < LeakTest.scales(); scale++) {
      double hours = LeakTest.hours(scale);
      double step = Math.max(1, Math.floor(hours / 4));
      int k = 0;
      for (double end = windows.first() + hours + LeakTest.overlap(scale);
          end <= hoursLived;
          end += step) {
        LeakTest.cut(windows, (long) end, scale, floors);
        shape.measure(floors);
        float size = (float) Math.abs(shape.steady);
        if (k == 0) {
          atBirth[scale] = Math.max(atBirth[scale], size);
        } else if (k >= BIRTH_WINDOWS) {
          later[scale] = Math.max(later[scale], size);
        }
        k++;
      }
    }
    days += hoursLived / 24.0;
    count++;
  }

  private void rememberUnbent(Windows windows, Shape shape, double[] floors) {
    if (windows.end() < LeakTest.hours(SCALE_MIN)) {
      return; // Too short to say anything.
    }
    for (int scale = LeakTest.scales() - 1; scale >= SCALE_MIN; scale--) {
      double hours = LeakTest.hours(scale);
      if (LeakTest.cut(windows, windows.end(), scale, floors) && grew(shape, floors)) {
        double slope = shape.rise / hours;
        unbentHours = (isPace(slope) ? unbentHours : 0) + hours * shape.growing;
        pace = slope;
        return;
      }
    }
    unbentHours *= KEPT;
  }

  private static boolean grew(Shape shape, double[] floors) {
    shape.measure(floors);
    if (!shape.risesSteadily() || shape.straight() < STRAIGHT) {
      return false;
    }
    shape.compare();
    return shape.grows >= Rarity.GROWS;
  }

  long retainedBytes() {
    return 8L * LeakTest.scales() + 56;
  }
}
