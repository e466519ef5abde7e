package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * One figure of one incarnation, whose course somebody else feeds: whether it reaches its limit
 * within hours.
 */
final class LimitTrack implements Course.Listener {
  private static final double HOLD_HOURS = 1;

  private final Course course;
  private final DangerTest test;
  private double now;
  private double limit = Double.NaN;
  private Circumstances known = Circumstances.UNKNOWN;
  private DangerTest.@Nullable Danger danger;
  private double since = Double.NaN;
  private double seen = Double.NEGATIVE_INFINITY;
  private double high;

  /**
   * @param familiarHours as {@link DangerTest} takes them
   */
  LimitTrack(Course course, DailyProfile profile, double familiarHours) {
    this.course = course;
    this.test = new DangerTest(course, profile, familiarHours);
  }

  /** Begins a new incarnation, before the course is cleared. */
  void restart() {
    test.restart(limit);
    danger = null;
    since = Double.NaN;
  }

  /**
   * Says when the next value is taken.
   *
   * @param time of the course
   */
  void at(double time, double limitValue, Circumstances circumstances) {
    now = time;
    limit = limitValue;
    known = circumstances.watched(time);
  }

  /** Once a value was taken. */
  void sampled(double value) {
    test.newest(limit, known);
    follow();
    if (danger != null) {
      high = Math.max(high, value);
      if (value < high - Track.GIVEN_BACK * danger.slope() * danger.hours()) {
        danger = null;
      }
    }
  }

  @Override
  public void minute() {
    test.minute(limit, known);
    follow();
  }

  @Override
  public void fine() {
    test.fine(limit, known);
    follow();
  }

  @Override
  public void hour(boolean hourSeen) {
    if (hourSeen) {
      test.hour(limit, known);
      follow();
    }
  }

  private void follow() {
    DangerTest.Danger one = test.take();
    if (one != null) {
      report(one);
    } else if (danger != null && isOver(danger)) {
      danger = null;
    }
  }

  /** After so long without evidence: as long as it grew, within an hour and twelve. */
  private boolean isOver(DangerTest.Danger one) {
    double hold = Math.max(HOLD_HOURS, Math.min(DangerTest.HORIZON_HOURS, 2 * one.hours()));
    return now - seen > hold;
  }

  private void report(DangerTest.Danger one) {
    if (danger == null) {
      since = now - one.hours();
      high = course.newest();
    }
    danger = one;
    seen = now;
  }

  DangerTest.@Nullable Danger danger() {
    return danger;
  }

  /** When the growth began, in hours since the first sample. */
  double sinceHours() {
    return course.begin() + since;
  }

  double limit() {
    return limit;
  }

  long retainedBytes() {
    return test.retainedBytes();
  }
}
