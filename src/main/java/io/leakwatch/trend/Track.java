package io.leakwatch.trend;

import io.leakwatch.sample.Signal;
import io.leakwatch.trend.load.LoadPart;
import io.leakwatch.trend.load.Stretch;
import io.leakwatch.trend.statistics.Floors;
import io.leakwatch.trend.statistics.RobustStatistics;
import org.jspecify.annotations.Nullable;

/**
 * One signal of one process through its incarnations: whether it grows without bound, and whether
 * it is on its way into its limit.
 *
 * <p>Each message holds until its evidence has been missing for a while, so that words change only
 * when the evidence does.
 */
final class Track implements Course.Listener {
  /** A growth of which so much is given back is none. */
  static final double GIVEN_BACK = 0.5;

  /**
   * A growth that was found, for as long as it goes on. It must be found twice; then it stays until
   * its evidence has been missing for a while, half of its pace is lost, or half of it given back.
   */
  static final class Lasting {
    private static final double HOLD_HOURS = 24;
    private static final double HOLD_WINDOWS = 0.5;

    /** What keeps so much of its pace goes on, though no window finds it again. */
    private static final double KEPT_PACE = 0.5;

    private final Course course;
    private boolean candidate;
    private LeakTest.@Nullable Finding now;
    private double since = Double.NaN;
    private double seen = Double.NEGATIVE_INFINITY;
    private double floor;
    private double rise;

    Lasting(Course course) {
      this.course = course;
    }

    void clear() {
      candidate = false;
      now = null;
    }

    /**
     * An hour of the course has closed.
     *
     * @param one what was found in it, null for nothing
     * @param watched whether there was a sample in it
     */
    void hour(LeakTest.@Nullable Finding one, boolean watched) {
      long hours = course.hourCount();
      if (one != null) {
        if (candidate || now != null) {
          take(one, hours);
        }
        candidate = true;
      } else {
        candidate = candidate && !watched;
      }
      if (!watched) {
        seen++; // Time without samples says nothing against it.
      }
      if (now != null) {
        double hold = Math.max(HOLD_HOURS, HOLD_WINDOWS * now.windowHours());
        if (goesOn(now, hours, hold)) {
          seen = hours;
        } else if (hours - seen > hold) {
          now = null;
        }
      }
    }

    private void take(LeakTest.Finding one, long hours) {
      if (now == null) {
        since = hours - one.hours();
        rise = 0;
      }
      now = one;
      double newest = course.hour(hours - 1);
      long begin = Math.max(course.firstHour(), Math.round(since));
      floor = course.hour(Math.min(begin, hours - 1));
      rise = Math.max(rise, newest - floor);
      seen = hours;
    }

    /** Whether it has kept half of its pace over the last whole days. */
    private boolean goesOn(LeakTest.Finding one, long hours, double hold) {
      int day = TrendSettings.HOURS_PER_DAY;
      long then = hours - 1 - (long) Math.ceil(hold / day) * day;
      if (then < course.firstHour() || then < since) {
        return false;
      }
      double pace = one.rise() / one.windowHours();
      return course.hour(hours - 1) - course.hour(then) >= KEPT_PACE * pace * (hours - 1 - then);
    }

    /** Takes a value; whether that gave back what had grown. */
    boolean sampled(double value) {
      boolean given = now != null && value < floor + GIVEN_BACK * rise;
      if (given) {
        clear();
      }
      return given;
    }

    /** Null where nothing grows. */
    LeakTest.@Nullable Finding now() {
      return now;
    }

    /** When it began, in hours of the course. */
    double sinceHours() {
      return since;
    }
  }

  private final Signal signal;
  private final TrendSettings settings;
  private final Course course = new Course(TrendSettings.HOURS_KEPT);
  private final DailyProfile profile = new DailyProfile();
  private final LoadPart load;

  /** What the hour of the day adds beside the load. */
  private final DailyProfile beside = new DailyProfile();

  private final LeakTest leakTest;
  private final LimitTrack limitTrack = new LimitTrack(course, profile, 0);
  private final FormerIncarnations former = new FormerIncarnations();
  private final QuietPattern quiet = new QuietPattern();

  private double now;
  private double limit = Double.NaN;
  private Circumstances known = Circumstances.UNKNOWN;
  private final Lasting lasting = new Lasting(course);
  private boolean judged;
  private @Nullable Growth growth;

  /**
   * @param load hour by hour
   */
  Track(Signal signal, TrendSettings settings, Floors load) {
    this.signal = signal;
    this.settings = settings;
    this.load = new LoadPart(load);
    this.leakTest = new LeakTest(new Rarity(settings.falseAlarms()), new OwnPast());
  }

  void restart() {
    former.ended(Windows.of(course, this::expected));
    limitTrack.restart();
    course.clear();
    profile.clear();
    load.clear();
    beside.clear();
    leakTest.clear();
    quiet.clear();
    lasting.clear();
    growth = null;
  }

  /**
   * Takes a value.
   *
   * @param hours since the first sample of this incarnation
   * @param circumstances of the process; its age is less than {@code hours} where it is not known
   * @return whether anything was judged again
   */
  boolean accept(double hours, double value, double limitValue, Circumstances circumstances) {
    now = course.time(hours);
    limit = limitValue;
    known = circumstances.watched(now);
    judged = false;
    boolean before = limitTrack.danger() != null;
    limitTrack.at(now, limit, circumstances);
    course.accept(now, value, lasting.now() != null, this);
    limitTrack.sampled(value);
    judged |= lasting.sampled(value);
    judged |= before != (limitTrack.danger() != null);
    if (judged) {
      growth = describe();
    }
    return judged;
  }

  @Override
  public void minute() {
    limitTrack.minute();
  }

  @Override
  public void fine() {
    judged |= limitTrack.danger() != null;
    limitTrack.fine();
  }

  @Override
  public void hour(boolean seen) {
    judged = true;
    long hours = course.hourCount(); // Of those that a gap closes at once, each has its own time.
    if (hours % DailyProfile.HOURS == 0) {
      profile.learn(course, Windows.Expected.NOTHING);
      load.learn(hours());
      beside.learn(course, this::byLoad);
    }
    limitTrack.hour(seen);
    quiet.hour(course);
    LeakTest.Finding one =
        leakTest.find(
            Windows.of(course, this::byLoad),
            Windows.of(course, this::expected),
            seen,
            known,
            former);
    lasting.hour(one != null && isWorthAWord(one) ? one : null, seen);
  }

  private boolean isWorthAWord(LeakTest.Finding one) {
    double least = settings.minimumRiseBytes();
    return one.rise() >= least && !(one.rise() < settings.minimumLimitShare() * limit);
  }

  /** What follows the load is no growth; a danger is judged with it. */
  private float byLoad(long hour) {
    return load.at((long) course.begin() + hour);
  }

  private float expected(long hour) {
    return byLoad(hour) + beside.at(hour);
  }

  private @Nullable Growth describe() {
    double[] z = course.hours(TrendSettings.HOURS_KEPT);
    int n = z.length;
    DangerTest.Danger danger = limitTrack.danger();
    LeakTest.Finding leak = lasting.now();
    boolean grows = leak != null || danger != null;
    if (n == 0 && !grows) {
      return null;
    }
    double since = leak != null ? lasting.sinceHours() : limitTrack.sinceHours() - course.begin();
    long first =
        grows
            ? Math.min(n - 2, Math.round(since) - course.firstHour())
            : n - 1 - TrendSettings.HOURS_PER_DAY;
    int from = (int) Math.max(0, first);
    int window = grows ? Math.max(0, n - from) : 0;
    double level = n > 0 ? z[n - 1] : course.newest();
    double rate = n > 1 ? (level - z[from]) / (n - 1 - from) / settings.hourSeconds() : 0;
    double error = Double.NaN;
    double rise = 0;
    int rising = 0;
    if (window >= 3) {
      RobustStatistics.Line line = RobustStatistics.line(z, from, n);
      rate = line.slope() / settings.hourSeconds();
      error = line.slopeError() / settings.hourSeconds();
      rise = level - z[from];
      for (int i = Math.max(1, from); i < n; i++) {
        rising += z[i] > z[i - 1] ? 1 : 0;
      }
    } else if (grows) {
      rate = Double.NaN;
    }
    if (danger != null && danger.slope() > 0 && (window < 3 || leak == null)) {
      rate = danger.slope() / settings.hourSeconds();
      rise = danger.slope() * (now - since);
    }
    return new Growth(
        signal,
        grows ? Pattern.GROWING : quiet.reported(),
        grows ? (course.begin() + since) * settings.hourSeconds() : Double.NaN,
        new Growth.Rate(rate, error),
        new Growth.Rise(level, rise, rising, window),
        danger == null ? Double.NaN : danger.probability(),
        leak == null ? 0 : Rarity.days(leak.evidence()));
  }

  Course course() {
    return course;
  }

  /** Its closed hours, numbered from the first sample of the process. */
  Stretch hours() {
    double[] floors = course.hours(TrendSettings.HOURS_KEPT);
    return new Stretch(floors, Math.max(0, (long) course.begin()) + course.hourCount());
  }

  @Nullable Growth growth() {
    return growth;
  }

  long retainedBytes() {
    return course.retainedBytes()
        + limitTrack.retainedBytes()
        + leakTest.retainedBytes()
        + former.retainedBytes()
        + 8L * DailyProfile.HOURS;
  }
}
