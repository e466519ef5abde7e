package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/** Hourly: whether growth is rarer than the budget of false alarms. */
final class LeakTest {
  /**
   * Windows and the blocks in them, hours: side by side first, then blocks of a whole day, which
   * overlap, so that the hour of the day is not in them.
   */
  private static final double[][] WINDOWS = {
    {8, 1}, {12, 1.5}, {16, 2}, {20, 2.5}, {24, 3}, {28, 3.5}, {32, 4}, {40, 5}, {48, 6}, {56, 7},
    {64, 8}, {72, 9}, {80, 10}, {96, 12}, {112, 14}, {128, 16}, {160, 20}, {192, 24}, {256, 32},
    {320, 40}, {384, 48}, {576, 72}, {24, 24}, {32, 24}, {48, 24}, {64, 24}, {96, 24}, {128, 24}
  };

  /**
   * A growth that is rarer than the budget.
   *
   * @param hours for how long it has been growing
   * @param rise over the window, bytes
   * @param windowHours the window it was found in
   * @param evidence by how many powers of e it is rarer than the budget
   */
  record Finding(double hours, double rise, double windowHours, double evidence) {}

  private static final int SLIDES_MAX = 900;

  private final @Nullable OwnPast ownPast;
  private final Shape shape = new Shape();
  private final double[] floors = new double[Templates.BLOCKS];
  private final Rarity rarity;
  private Windows windows = Windows.NONE;
  private final Shape sideShape = new Shape();

  /**
   * @param ownPast null where the noise of the figure is not to be learnt
   */
  LeakTest(Rarity rarity, @Nullable OwnPast ownPast) {
    this.rarity = rarity;
    this.ownPast = ownPast;
  }

  void clear() {
    if (ownPast != null) {
      ownPast.clear();
    }
  }

  /**
   * Judges at the end of an hour.
   *
   * @param byLoad the hours less what follows the load
   * @param expected the same less what the hour of the day adds
   */
  @Nullable Finding find(
      Windows byLoad,
      Windows expected,
      boolean seen,
      Circumstances known,
      FormerIncarnations former) {
    windows = expected;
    Finding found = null;
    for (int i = 0; ownPast != null && i < OwnPast.count(); i++) {
      if (ownPast.test(i, byLoad, seen) && found == null) {
        found = inOwnNoise(ownPast, known);
      }
    }
    for (int i = 0; i < scales() && found == null && seen; i++) {
      found = inUnknownNoise(i, known, former);
    }
    return found;
  }

  static int scales() {
    return WINDOWS.length;
  }

  static double hours(int scale) {
    return WINDOWS[scale][0];
  }

  /** How much longer a window is than its hours, since its blocks overlap. */
  static double overlap(int scale) {
    return Windows.overlap(hours(scale), WINDOWS[scale][1]);
  }

  static boolean cut(Windows windows, long end, int scale, double[] floors) {
    return windows.cut(end, hours(scale), WINDOWS[scale][1], floors);
  }

  private @Nullable Finding inOwnNoise(OwnPast ownPast, Circumstances known) {
    double hours = ownPast.hours();
    double[] at = ownPast.floors();
    double level = at[at.length - 1];
    double rise = ownPast.rise;
    if (!Rarity.isWorthAWord(rise, hours, level)) {
      return null;
    }
    if (ownPast.score < ownPast.highestBefore / ownPast.noise) {
      return null;
    }
    shape.measure(ownPast.distances());
    double grows =
        shape.compareInNoise(
            ownPast.distances(),
            ownPast.weights,
            ownPast.variance * ownPast.noise * ownPast.noise,
            Math.min(8, ownPast.days));
    if (grows < Rarity.NO_STEP || shape.steady < Rarity.steadyInNoise(ownPast.score) * rise) {
      return null;
    }
    double watched = (windows.end() - hours) / 24;
    double compared = ownPast.episodes == 0 ? watched : ownPast.days;
    double quiet =
        Math.min(watched, ownPast.quietDays + compared)
            + elsewhereDays(known, hours * shape.growing);
    int episodes = ownPast.episodes;
    int announced = known.announcedFills(level);
    double noise = rarity.noise(shape.straight(), ownPast.rarity, quiet, episodes);
    double fill =
        rarity.fill(
            hours * shape.growing, quiet, episodes, announced, Rarity.height(level - rise, level));
    double evidence = Math.min(noise, fill);
    return evidence >= 0 ? new Finding(hours * shape.growing, rise, hours, evidence) : null;
  }

  private @Nullable Finding inUnknownNoise(
      int scale, Circumstances known, FormerIncarnations former) {
    double hours = hours(scale);
    if (!windows.rises(hours, WINDOWS[scale][1]) || !cut(windows, windows.end(), scale, floors)) {
      return null;
    }
    shape.measure(floors);
    if (!shape.risesSteadily() || shape.rise / hours * 24 < Rarity.RATE_MIN * shape.level) {
      return null;
    }
    shape.compare();
    if (shape.grows < Rarity.GROWS) {
      return null;
    }
    return amongOwnPast(scale, hours, known, former);
  }

  /** Slides the same window back over the time before. */
  private @Nullable Finding amongOwnPast(
      int scale, double hours, Circumstances known, FormerIncarnations former) {
    double watched = windows.end() - hours - windows.first();
    double side =
        watched < 2 * hours && overlap(scale) == 0
            ? Math.min(hours, Math.max(8, Math.floor(watched / 2)))
            : hours;
    double least =
        side < hours ? 0.6 * shape.steady * side / hours : shape.steady / Rarity.EPISODE_SHARE;
    double step = Math.max(1, Math.floor(side / 4));
    float[] sizes = new float[SLIDES_MAX];
    int n = 0;
    double highest = 0;
    double previous = 0;
    double[] before = new double[Templates.BLOCKS];
    for (double end = windows.end() - hours;
        end - side - overlap(scale) >= windows.first() - 1e-9 && n < sizes.length;
        end -= step) {
      windows.cut(
          (long) end, side, side < hours ? side / Templates.BLOCKS : WINDOWS[scale][1], before);
      sideShape.measure(before);
      if (n == 0) {
        previous = sideShape.rise * hours / side;
      }
      sizes[n++] = (float) Math.abs(sideShape.steady);
      if (end >= windows.end() - hours - 168) {
        for (double value : before) {
          highest = Math.max(highest, value);
        }
      }
    }
    if (shape.newest <= highest) {
      return null;
    }
    int last = n;
    if (windows.first() == 0 && known.unwatchedHours((double) windows.end()) < 24) {
      while (last > 0 && sizes[last - 1] >= least) {
        last--; // Growth since birth is neither quiet nor an episode.
      }
    }
    double interrupted = former.unbentHours(shape.rise / hours);
    if (interrupted == 0
        && watched >= 0.75 * hours
        && last == 0
        && n > 0
        && previous > Rarity.SLOWING * shape.rise) {
      return null;
    }
    int episodes = 0;
    double quiet = 0;
    boolean within = false;
    for (int i = 0; i < last; i++) {
      if (sizes[i] >= least) {
        episodes += within ? 0 : 1;
        within = true;
      } else {
        quiet += step / 24;
        within = false;
      }
    }
    quiet += quiet > 0 ? (side - step) / 24 : 0;
    quiet += episodes == 0 ? 0.5 * windows.first() / 24.0 : 0;
    quiet += elsewhereDays(known, hours * shape.growing);
    if (former.count() > 0 && interrupted == 0) {
      if (former.hadSuch(scale, shape.steady / Rarity.EPISODE_SHARE, watched < 12)) {
        episodes++;
      } else {
        quiet += 0.5 * former.days();
      }
    }
    int announced = known.announcedFills(shape.newest);
    boolean shares = ownPast != null && windows.end() > 24 * (OwnPast.DAYS_MIN + 1);
    double walk = rarity.walk(shape.straight(), quiet, episodes) - (shares ? Rarity.SHARED : 0);
    double growing = hours * shape.growing;
    double fill = rarity.fill(growing + interrupted, quiet, episodes, announced, shape.height());
    double evidence = Math.min(walk, fill);
    return evidence >= 0 ? new Finding(growing, shape.rise, hours, evidence) : null;
  }

  /**
   * What the days are worth that passed outside of what was watched: of its own age, and of others
   * of its build. Those say nothing of what began in its first day, since its birth is not theirs.
   */
  private double elsewhereDays(Circumstances known, double growing) {
    double hours = known.unwatchedHours((double) windows.end());
    double own = hours > 24 ? Rarity.AGE_WEIGHT * hours / 24 : 0;
    double others = known.ageHours() - growing > 24 ? Rarity.AGE_WEIGHT * known.siblingDays() : 0;
    return Math.min(Rarity.AGE_DAYS_MAX, own + others);
  }

  long retainedBytes() {
    return (ownPast == null ? 0 : ownPast.retainedBytes()) + 600;
  }
}
