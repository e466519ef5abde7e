package io.leakwatch.trend;

/**
 * What the former lives of a process are worth: how far they rose at each scale, at their begin and
 * later, and how long they ran.
 */
final class FormerLives {
  private static final int BIRTH_WINDOWS = 4;

  private final float[] atBirth = new float[LeakTest.scales()];
  private final float[] later = new float[LeakTest.scales()];
  private double days;
  private int count;

  int count() {
    return count;
  }

  double days() {
    return days;
  }

  /** Whether a former life rose so steadily at a scale, later than its begin or at it. */
  boolean hadSuch(int scale, double steadyBytes, boolean young) {
    return later[scale] >= steadyBytes || (young && atBirth[scale] >= steadyBytes);
  }

  void ended(Course course, DailyProfile profile) {
    if (course.hourCount() == 0) {
      return;
    }
    Shape shape = new Shape();
    double[] floors = new double[Templates.BLOCKS];
    for (int scale = 0; scale < LeakTest.scales(); scale++) {
      double hours = LeakTest.windowHours(scale);
      double step = Math.max(1, Math.floor(hours / 4));
      int k = 0;
      for (double end = course.firstHour() + hours; end <= course.hourCount(); end += step) {
        Windows.cut(course, profile, (long) end, hours, floors);
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
    days += course.hourCount() / 24.0;
    count++;
  }

  long retainedBytes() {
    return 8L * LeakTest.scales() + 40;
  }
}
