package io.leakwatch.trend;

import io.leakwatch.trend.statistics.RobustStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A resource that is counted beside the memory of one process, with a course of its own: mappings,
 * threads, descriptors, what a cgroup holds.
 *
 * <p>What reaches its limit within hours is read from minutes, as it is for memory ({@link
 * LimitTrack}). What takes days is read from the floors of a week of hours: it must be growth that
 * is rarer than the budget of false alarms, by the same test that memory has ({@link LeakTest}),
 * less what the hour of the day adds. Of the noise nothing is learnt, which would take most of the
 * state: a random walk is the only one that is assumed.
 *
 * <p>A rare growth of a pool is no harm as long as there is plenty of it. So it is reported when it
 * is as likely as not that it reaches the limit: when as much time is left as it has grown for
 * (Gott's rule, see {@link DangerTest}). A pool that fills up to a third of its limit and stands
 * still never gets so far; what would last for a month is reported two weeks ahead. Reporting at a
 * quarter of the way takes three times as many false alarms, nearly all of levels that wander.
 */
final class ResourceTrack implements Course.Listener {
  private static final int HOURS_KEPT = 168;

  /** What has grown for less than a day may be the day; what is quicker is seen within hours. */
  private static final double GROWING_HOURS = 24;

  /**
   * What is counted follows the work of people: its first night and its first Monday are news, and
   * no danger. Until a week has been seen (a day, for a rise of minutes), growth must be likelier
   * to reach the limit than not by far.
   */
  private static final double FAMILIAR_HOURS = 168;

  /** Where the process' own memory rose by so much of it, its own track judges that. */
  private static final double OWN_SHARE = 0.5;

  private final @Nullable Course own;
  private final Course course = new Course(HOURS_KEPT);
  private final DailyProfile profile = new DailyProfile();
  private final LimitTrack soon = new LimitTrack(course, profile, FAMILIAR_HOURS);
  private final LeakTest leakTest;
  private final Track.Lasting lasting = new Track.Lasting(course);
  private final FormerIncarnations former = new FormerIncarnations();
  private double now;
  private double limit = Double.NaN;
  private Circumstances known = Circumstances.UNKNOWN;
  private boolean judged;
  private @Nullable Slow slow;

  /** Growth of days, in hours. */
  private record Slow(double slope, double slopeError, double hours, double evidence) {}

  /**
   * On the way into the limit.
   *
   * @param slope per hour
   * @param slopeError its standard error, {@code NaN} where unknown
   * @param sinceHours when it began, in hours since the first sample of the process
   * @param before the level then
   * @param probability that the limit is reached if nothing is done
   * @param evidence as {@link LeakTest.Finding} gives it; negative infinity for a growth of hours
   */
  record Danger(
      double slope,
      double slopeError,
      double sinceHours,
      double before,
      double probability,
      double evidence) {}

  /**
   * @param own the memory of the process, where the resource is memory too; else null
   */
  ResourceTrack(TrendSettings settings, @Nullable Course own) {
    this.own = own;
    leakTest = new LeakTest(new Rarity(settings.falseAlarms()), null);
  }

  /** Begins a new incarnation. */
  void restart() {
    soon.restart();
    course.clear();
    profile.clear();
    leakTest.clear();
    lasting.clear();
    slow = null;
  }

  /**
   * Says that it was at a level, before the first value is taken.
   *
   * @param hours until then, since the first sample of the process
   */
  void wasLevel(double level, double hours, double limitValue, Circumstances circumstances) {
    for (double hour = Math.max(0, hours - HOURS_KEPT); hour < hours; hour++) {
      accept(hour, level, limitValue, circumstances);
    }
  }

  /**
   * Takes a value.
   *
   * @return whether anything was judged again
   */
  boolean accept(double hours, double value, double limitValue, Circumstances circumstances) {
    now = course.time(hours);
    limit = limitValue;
    known = circumstances.watched(now);
    boolean before = soon.danger() != null;
    judged = false;
    soon.at(now, limit, circumstances);
    course.accept(now, value, slow != null, this);
    soon.sampled(value);
    if (lasting.sampled(value)) {
      judged = slow != null;
      slow = null;
    }
    return judged || before != (soon.danger() != null);
  }

  @Override
  public void minute() {
    soon.minute();
  }

  @Override
  public void fine() {
    soon.fine();
  }

  @Override
  public void hour(boolean seen) {
    if (course.hourCount() % DailyProfile.HOURS == 0) {
      profile.learn(course, Windows.Expected.NOTHING);
    }
    soon.hour(seen);
    Windows windows = Windows.of(course, profile);
    lasting.hour(leakTest.find(windows, windows, seen, known, former), seen);
    boolean before = slow != null;
    slow = grows(slow);
    judged |= before || slow != null;
  }

  private @Nullable Slow grows(@Nullable Slow before) {
    LeakTest.Finding one = lasting.now();
    double[] floors = course.hours(HOURS_KEPT);
    int from = (int) Math.max(0, Math.round(lasting.sinceHours()) - course.firstHour());
    if (one == null || floors.length - from < 3) {
      return null;
    }
    if (isOwn(course.begin() + lasting.sinceHours(), floors[floors.length - 1] - floors[from])) {
      return null;
    }
    RobustStatistics.Line line = RobustStatistics.line(floors, from, floors.length);
    double growing = course.hourCount() - lasting.sinceHours();
    double left = Math.max(0, limit - course.newest()) / line.slope();
    return line.slope() > 0 && (before != null || (growing >= GROWING_HOURS && left <= growing))
        ? new Slow(line.slope(), line.slopeError(), growing, one.evidence())
        : null;
  }

  /**
   * Whether the process' own memory rose by most of that.
   *
   * @param sinceHours since the first sample of the process
   */
  private boolean isOwn(double sinceHours, double rise) {
    if (own == null || own.hourCount() == 0) {
      return false;
    }
    long last = own.hourCount() - 1;
    long then = Math.max(own.firstHour(), Math.round(sinceHours - own.begin()));
    return then < last && own.hour(last) - own.hour(then) >= OWN_SHARE * rise;
  }

  /** Null where it is on no way into the limit. */
  @Nullable Danger danger() {
    DangerTest.Danger first = soon.danger();
    Slow second = slow;
    if (second != null) {
      return ofDays(second, first);
    }
    return first == null ? null : ofHours(first);
  }

  private Danger ofHours(DangerTest.Danger one) {
    double since = soon.sinceHours();
    return new Danger(
        one.slope(),
        Double.NaN,
        since,
        Math.max(0, course.newest() - one.slope() * (course.begin() + now - since)),
        one.probability(),
        Double.NEGATIVE_INFINITY);
  }

  /**
   * @param soonest what is also found within hours: it is steeper then
   */
  private Danger ofDays(Slow one, DangerTest.@Nullable Danger soonest) {
    double left = Math.max(0, limit - course.newest()) / one.slope();
    double probability = one.hours() / (one.hours() + left);
    double since = lasting.sinceHours();
    double before = course.hour(Math.max(course.firstHour(), Math.round(since)));
    double began = course.begin() + since;
    return soonest != null && soonest.slope() > one.slope()
        ? new Danger(
            soonest.slope(),
            Double.NaN,
            began,
            before,
            Math.max(probability, soonest.probability()),
            one.evidence())
        : new Danger(one.slope(), one.slopeError(), began, before, probability, one.evidence());
  }

  double limit() {
    return limit;
  }

  double newest() {
    return course.newest();
  }

  long retainedBytes() {
    return course.retainedBytes()
        + soon.retainedBytes()
        + leakTest.retainedBytes()
        + former.retainedBytes()
        + 4L * DailyProfile.HOURS;
  }
}
