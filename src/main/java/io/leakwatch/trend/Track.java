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
  private static final double LEAK_HOLD_HOURS = 24;
  private static final double LEAK_HOLD_WINDOWS = 0.5;

  /** What keeps so much of its pace goes on, though no window finds it again. */
  private static final double KEPT_PACE = 0.5;

  /** A growth of which so much is given back is none. */
  static final double GIVEN_BACK = 0.5;

  private final Signal signal;
  private final TrendSettings settings;
  private final Course course = new Course(TrendSettings.HOURS_KEPT);
  private final DailyProfile profile = new DailyProfile();
  private final LoadPart load;

  /** What the hour of the day adds beside the load. */
  private final DailyProfile beside = new DailyProfile();

  private final LeakTest leakTest;
  private final ResourceTrack limitTrack = new ResourceTrack(course, profile);
  private final FormerIncarnations former = new FormerIncarnations();
  private final QuietPattern quiet = new QuietPattern();

  private double now;
  private double limit = Double.NaN;
  private Circumstances known = Circumstances.UNKNOWN;
  private boolean candidate;
  private boolean judged;
  private LeakTest.@Nullable Finding leak;
  private double leakSince = Double.NaN;
  private double leakSeen = Double.NEGATIVE_INFINITY;
  private double leakFloor;
  private double leakRise;
  private @Nullable Growth growth;

  /**
   * @param load hour by hour
   */
  Track(Signal signal, TrendSettings settings, Floors load) {
    this.signal = signal;
    this.settings = settings;
    this.load = new LoadPart(load);
    this.leakTest = new LeakTest(new Rarity(settings.falseAlarms()));
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
    candidate = false;
    leak = null;
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
    course.accept(now, value, leak != null, this);
    limitTrack.sampled(value);
    if (leak != null && value < leakFloor + GIVEN_BACK * leakRise) {
      leak = null;
      candidate = false;
      judged = true;
    }
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
    if (one != null && isWorthAWord(one)) {
      if (candidate || leak != null) {
        if (leak == null) {
          leakSince = hours - one.hours();
          leakRise = 0;
        }
        leak = one;
        double floor = course.hour(hours - 1);
        long begin = Math.max(course.firstHour(), Math.round(leakSince));
        leakFloor = course.hour(Math.min(begin, hours - 1));
        leakRise = Math.max(leakRise, floor - leakFloor);
        leakSeen = hours;
      }
      candidate = true;
    } else {
      candidate = candidate && !seen;
    }
    if (!seen) {
      leakSeen++; // Time without samples says nothing against it.
    }
    if (leak != null) {
      double hold = Math.max(LEAK_HOLD_HOURS, LEAK_HOLD_WINDOWS * leak.windowHours());
      if (goesOn(leak, hours, hold)) {
        leakSeen = hours;
      } else if (hours - leakSeen > hold) {
        leak = null;
      }
    }
  }

  /** Whether what leaks has kept half of its pace over the last whole days. */
  private boolean goesOn(LeakTest.Finding one, long hours, double hold) {
    int day = TrendSettings.HOURS_PER_DAY;
    long then = hours - 1 - (long) Math.ceil(hold / day) * day;
    if (then < course.firstHour() || then < leakSince) {
      return false;
    }
    double pace = one.rise() / one.windowHours();
    return course.hour(hours - 1) - course.hour(then) >= KEPT_PACE * pace * (hours - 1 - then);
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
    boolean grows = leak != null || danger != null;
    if (n == 0 && !grows) {
      return null;
    }
    double since = leak != null ? leakSince : limitTrack.sinceHours() - course.begin();
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
        leak == null ? 0 : Rarity.CALIBRATED_DAYS * Math.exp(leak.evidence()));
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
    return limitTrack.retainedBytes()
        + leakTest.retainedBytes()
        + former.retainedBytes()
        + 8L * DailyProfile.HOURS;
  }
}
