package io.leakwatch.trend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whether a figure is on its way into its limit: the second reading of the same windows. It asks
 * for no cause, and hence for no age.
 */
final class DangerTest {
  /**
   * On the way into the limit.
   *
   * @param probability that the limit is reached if nothing is done
   * @param hoursLeft until then at the present slope
   * @param hours for how long it has been growing
   * @param slope per hour
   */
  record Danger(double probability, double hoursLeft, double hours, double slope) {}

  private static final int[] MINUTES = {1, 2};
  private static final int[] FINE = {1, 2, 4, 6, 9, 12, 18};
  private static final double[] HOURS = {
    16, 20, 24, 28, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 160, 192, 256, 320, 384, 576
  };
  private static final int SHORT = MINUTES.length + FINE.length;
  private static final int DAYS = 14;
  private static final int N = Templates.BLOCKS;
  static final double HORIZON_HOURS = 12;

  /** Probability asked of what reaches the limit now, and how much more at the horizon. */
  private static final double ASK_NOW = 0.2;

  private static final double ASK_LATER = 0.4;

  /** Probability asked of growth since birth, where nothing quiet went before it. */
  private static final double ASK_AT_BIRTH = 0.8;

  /** Probability asked, at least, of a rise of minutes in the first days, in which all is new. */
  private static final double ASK_YOUNG = 0.45;

  private static final int YOUNG_DAYS = 2;

  /** Straightness, in nats, at which a random walk and a drift are equally probable. */
  private static final double WALK = 2.5;

  /** Bursts, batches and pools often double a level; only what rises higher is rarer for it. */
  private static final double HEIGHT_COMMON = 2;

  /** No template is steeper at its end by more than this. */
  private static final double STEEPEST = 8;

  /** A rise of the past counts as of the same kind from this part of the present one on. */
  private static final double EPISODE_SHARE = 4;

  /** A day counts as quiet where it had nothing of this part of the present rise. */
  private static final double QUIET_SHARE = 8;

  /** So many quiet days are a history; then each halves what is asked. */
  private static final int HISTORY_DAYS = 4;

  /** Smallest share of a limit from which single samples are examined. */
  private static final double NEWEST_MIN = 0.25;

  /** Smallest rise, as a share of the level. */
  private static final double RISE_MIN = 0.02;

  /** Only a new record counts: by so much of the rise. What it has reached before, it survived. */
  private static final double NEWS = 0.25;

  /** Of what must have been watched before anything quiet counts, for a rise of minutes. */
  private static final double MINUTES_FAMILIAR = 1 / 6.0;

  private final Course course;
  private final DailyProfile profile;
  private final double familiarHours;
  private final float[][] daily = new float[SHORT][DAYS];
  private final float[][] hourly = new float[SHORT][TrendSettings.HOURS_PER_DAY];
  private long day;
  private long hour;
  private final FormerEnds ends = new FormerEnds();
  private final Shape shape = new Shape();
  private final double[] floors = new double[N];
  private double asked;
  private @Nullable Danger found;

  /**
   * @param familiarHours so long must it have been watched before anything quiet counts
   */
  DangerTest(Course course, DailyProfile profile, double familiarHours) {
    this.familiarHours = familiarHours;
    this.course = course;
    this.profile = profile;
  }

  /**
   * Begins a new incarnation, before the course of the last one is cleared.
   *
   * @param limit the last that was known of it
   */
  void restart(double limit) {
    ends.ended(course, limit);
    for (int i = 0; i < SHORT; i++) {
      Arrays.fill(daily[i], 0);
      Arrays.fill(hourly[i], 0);
    }
    day = 0;
    hour = 0;
    found = null;
  }

  /** What was found since it was last asked. */
  @Nullable Danger take() {
    Danger one = found;
    found = null;
    return one;
  }

  /**
   * Reads the newest samples themselves: what runs out within a minute is not seen in minutes. Only
   * what has no history of such rises is judged, and only when it is near.
   */
  void newest(double limit, Circumstances known) {
    Danger again = ends.judge(course, limit);
    if (again != null && again.hoursLeft() <= HORIZON_HOURS) {
      found = again;
    }
    if (!(limit > 0) || course.newest() < NEWEST_MIN * limit) {
      return;
    }
    double hours = course.newestSamples(floors);
    if (hours > 0 && hours < MINUTES[0] * N / 60.0) {
      shape.measure(floors);
      if (floors[N - 1] - floors[0] >= NEWEST_MIN * limit) {
        judge(hours, limit, 0, 0, 0, known);
      }
    }
  }

  void minute(double limit, Circumstances known) {
    for (int i = 0; i < MINUTES.length; i++) {
      long count = course.minuteCount();
      int block = MINUTES[i];
      if (count < (long) block * N || (i > 0 && count % 2 > 0)) {
        continue;
      }
      for (int j = 0; j < N; j++) {
        floors[j] = course.minuteFloor(count - (long) (N - j) * block, block);
      }
      shape.measure(floors);
      judgeShort(i, block * N / 60.0, limit, known);
      remember(i);
    }
  }

  void fine(double limit, Circumstances known) {
    long count = course.fineCount();
    long today = count / (24 * Course.FINE_PER_HOUR);
    for (long d = day + 1; d <= today; d++) {
      for (float[] one : daily) {
        one[(int) (d % DAYS)] = 0;
      }
    }
    day = today;
    if (course.hourCount() != hour) {
      hour = course.hourCount();
      for (float[] one : hourly) {
        one[(int) (hour % one.length)] = 0;
      }
    }
    for (int i = 0; i < FINE.length; i++) {
      int block = FINE[i];
      if (count < (long) block * N || (i >= 3 && count % 3 > 0)) {
        continue;
      }
      double hours = block * N / (double) Course.FINE_PER_HOUR;
      for (int j = 0; j < N; j++) {
        long from = count - (long) (N - j) * block;
        floors[j] = course.fineFloor(from, block);
        if (profile.holds()) {
          floors[j] -= profile.at((from + block / 2) / Course.FINE_PER_HOUR);
        }
      }
      shape.measure(floors);
      judgeShort(MINUTES.length + i, hours, limit, known);
      remember(MINUTES.length + i);
    }
  }

  void hour(double limit, Circumstances known) {
    if (!(limit > 0)) {
      return;
    }
    Windows windows = Windows.of(course, profile);
    for (double hours : HOURS) {
      if (windows.rises(hours, hours / N) && windows.cut(windows.end(), hours, floors)) {
        shape.measure(floors);
        judge(hours, limit, 0, 0, Double.NaN, known);
      }
    }
  }

  private void remember(int scale) {
    int at = (int) (day % DAYS);
    float size = (float) Math.abs(shape.steady);
    daily[scale][at] = Math.max(daily[scale][at], size);
    int slot = (int) (hour % TrendSettings.HOURS_PER_DAY);
    hourly[scale][slot] = Math.max(hourly[scale][slot], size);
  }

  /**
   * What rises within minutes is judged after quiet days; in the first two, after a quiet hour, and
   * then more is asked.
   */
  private void judgeShort(int scale, double hours, double limit, Circumstances known) {
    if (!shape.up || shape.rise <= 0) {
      return;
    }
    int episodes = 0;
    int quiet = 0;
    for (int k = 1; k < DAYS && k <= day; k++) {
      float then = daily[scale][(int) ((day - k) % DAYS)];
      episodes += then >= shape.steady / EPISODE_SHARE ? 1 : 0;
      quiet += then < shape.steady / QUIET_SHARE ? 1 : 0;
    }
    quiet = episodes > 0 ? 0 : quiet;
    double quietHours = quietHours(scale, hours);
    boolean minutes = scale < MINUTES.length;
    boolean young = minutes && day < YOUNG_DAYS;
    if (!minutes || (young ? quietHours >= 1 : quiet >= YOUNG_DAYS)) {
      asked = young ? ASK_YOUNG : 0;
      judge(hours, limit, episodes, quiet, quietHours, known);
      asked = 0;
    }
  }

  /** Hours in a row before the window in which nothing of the kind was seen, a day at most. */
  private double quietHours(int scale, double hours) {
    float[] slots = hourly[scale];
    long before = hour - (long) Math.ceil(hours);
    long first = Math.max((long) Math.ceil(hours), hour - slots.length + 1);
    long i = before;
    while (i >= first && slots[(int) (i % slots.length)] < shape.steady / EPISODE_SHARE) {
      i--;
    }
    return Math.max(0, before - i);
  }

  private void judge(
      double hours,
      double limit,
      int episodes,
      int quietDays,
      double quietHours,
      Circumstances known) {
    if (!(limit > 0) || !shape.risesSteadily() || shape.rise < RISE_MIN * shape.level) {
      return;
    }
    boolean now = hours < 1.0 / Course.FINE_PER_HOUR * N || course.fineCount() == 0;
    double level = now ? course.newest() : course.newestMean();
    double way = Math.max(0, limit - level);
    if (way > shape.rise / hours * STEEPEST * HORIZON_HOURS) {
      return;
    }
    long before = (long) Math.ceil(hours * Course.FINE_PER_HOUR);
    double high = Math.max(ends.held(), course.highBefore(before));
    if (level < high + NEWS * shape.rise) {
      return; // It has been there before, and lived.
    }
    shape.compare();
    double slope = shape.rise / hours * shape.endSlope;
    double left = way / slope;
    if (left > HORIZON_HOURS) {
      return;
    }
    double growing = hours * shape.growing;
    double probability =
        (shape.grows * growing / (growing + left) + shape.exponentialBeyond(way))
            / (1 + episodes + known.announcedFills(level, limit))
            / (1 + Math.exp(WALK - shape.straight()));
    double watched = course.fineCount() / (double) Course.FINE_PER_HOUR;
    double quiet =
        Double.isNaN(quietHours)
            ? Math.max(0, watched - growing) + known.unwatchedHours()
            : quietHours;
    double unfamiliar = hours < 1 ? familiarHours * MINUTES_FAMILIAR : familiarHours;
    double familiar = watched < unfamiliar ? 0 : quiet / (quiet + growing);
    double ask = ASK_NOW + ASK_LATER * Math.sqrt(left / HORIZON_HOURS);
    ask = familiar * ask + (1 - familiar) * Math.max(ASK_AT_BIRTH, ask);
    double height = Math.max(1, shape.height() / HEIGHT_COMMON);
    ask *= Math.pow(height, -Rarity.HEIGHT_EXPONENT * familiar);
    ask /= Math.pow(1 + quietDays, quietDays >= HISTORY_DAYS ? 1 : 0.5);
    if (probability >= Math.max(ask, asked) && (found == null || probability > found.probability)) {
      found = new Danger(probability, left, growing, slope);
    }
  }

  long retainedBytes() {
    return 4L * SHORT * DAYS + 8 * N + 440;
  }
}
