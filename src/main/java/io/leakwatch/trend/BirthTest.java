package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds growth since the start that warming up does not explain, within days.
 *
 * <p>What a program takes while it starts bends; a cache that fills rises straight, and then stops.
 * So a leak is told early only where both were seen: a warm-up that has bent, and a line that goes
 * on beside it and fits better than a second stage of warming up. Some days later it is enough that
 * the second stage does not fit clearly better. Where no bend was seen, it may be a cache that
 * fills for days; such a line is told when it has gone on for longer.
 *
 * <p>Who waits must have time. If at the newest pace the limit is reached before the process is a
 * sixth older, a line is told some hours after its first day where it goes on beside a bend, and
 * after three days where it is alone. A warm-up alone does not come so near to a limit that leaves
 * it a fifth of room: with the time constant τ, at the age t it is τ (1 + exp(t / τ) / 5) away.
 *
 * <p>The values looked at are means of the lower half of some floors, counted back from the newest:
 * their noise averages out, and bursts stay away. How large an F must be hangs on the number of
 * values. However steep the outset of a warm-up is, it is no step.
 */
final class BirthTest {
  private static final int POINTS_PER_CYCLE = 4;
  private static final int LATE_CYCLES = 2;
  private static final int OLDEST_WARM_UP_CYCLES = 6;
  private static final double OLDEST_FILLS = 2;
  private static final int LOOKS_PER_POINT = 2;
  private static final double YOUNGEST_SHARE = 0.6;
  private static final double NEAR_AGE_SHARE = 1. / 6;
  private static final int YOUNGEST_NEAR_FILL_CYCLES = 3;
  private static final int FOUND_CYCLES = 3;
  private static final double RATE_SHARE = 0.3;
  private static final int OUTSET = 4;
  private static final double MAXIMUM_STEP_SHARE = 0.6;
  private static final double LEAST_PACE = 0.6;
  private static final double GREATEST_PACE = 3.5;
  private static final double MOST = 0.6;
  private static final double LITTLE = 0.15;
  private static final double BESIDE_DEVIATIONS = 3.4;
  private static final double ALONE_DEVIATIONS = 4;
  private static final double MINIMUM_STAGE_F = 0.3;
  private static final double MAXIMUM_SECOND_STAGE_F = 6;
  private static final double MINIMUM_CURVE_F = 20;
  private static final double MINIMUM_CURVE_SHARE = 0.2;

  private final TrendSettings settings;

  BirthTest(TrendSettings settings) {
    this.settings = settings;
  }

  /**
   * Looks at all floors since the start, twice as often as another value is complete.
   *
   * @param limit {@code NaN} when it is not known
   */
  @Nullable Finding find(double[] floors, double limit) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    int width = Math.max(1, cycle / POINTS_PER_CYCLE);
    double age = (double) now / cycle;
    if (now % Math.max(1, width / LOOKS_PER_POINT) != 0
        || age < YOUNGEST_SHARE * settings.birthCycles()
        || age > OLDEST_FILLS * settings.fillCycles()) {
      return null;
    }
    WarmUp fit = growth(Envelope.lowerMeans(floors, width), limit, age);
    int from = Math.max(now / 2, now - FOUND_CYCLES * cycle);
    return fit == null ? null : new Finding(Channel.BIRTH, from, now, -fit.lineF());
  }

  private @Nullable WarmUp growth(double[] points, double limit, double age) {
    int n = points.length;
    if (n <= WarmUp.PARAMETERS) {
      return null;
    }
    double level = points[n - 1];
    int late = Math.max(0, n - LATE_CYCLES * POINTS_PER_CYCLE);
    double leastPerCycle = RATE_SHARE * settings.minimumRelativeRate() * level;
    if (level - points[late] < Math.max(LATE_CYCLES * leastPerCycle, settings.minimumRiseBytes())
        || level < RobustStatistics.max(points, 0, n)
        || Envelope.stepShare(points, Math.max(n / OUTSET, late - POINTS_PER_CYCLE), n, 1)
            > MAXIMUM_STEP_SHARE) {
      return null;
    }
    WarmUp fit = WarmUp.of(points, settings.fillCycles() * POINTS_PER_CYCLE);
    double perCycle = fit.slope() * POINTS_PER_CYCLE;
    double newestPerCycle = (level - points[n - 1 - POINTS_PER_CYCLE / 2]) * 2;
    double pace = newestPerCycle / perCycle;
    boolean most = fit.lineShare() >= MOST;
    boolean grows =
        perCycle >= leastPerCycle && pace >= LEAST_PACE && (!most || pace <= GREATEST_PACE);
    boolean near = (limit - level) / newestPerCycle < NEAR_AGE_SHARE * age;
    return grows && isLeak(fit, points, near, age) ? fit : null;
  }

  private static boolean needsLine(WarmUp fit, int points, double deviations) {
    double t = MatchedScale.studentQuantile(points - WarmUp.PARAMETERS, deviations);
    return fit.lineF() >= t * t;
  }

  private boolean isLeak(WarmUp fit, double[] points, boolean nearLimit, double age) {
    boolean most = fit.lineShare() >= MOST;
    if (fit.curveF() < MINIMUM_CURVE_F || fit.curve() < MINIMUM_CURVE_SHARE * points[0]) {
      return most
          && age >= (nearLimit ? YOUNGEST_NEAR_FILL_CYCLES : settings.fillCycles())
          && needsLine(fit, points.length, ALONE_DEVIATIONS);
    }
    boolean oneStage =
        age >= settings.birthCycles()
            && fit.stageF() >= MINIMUM_STAGE_F
            && fit.lineShare() >= LITTLE;
    boolean settled =
        age >= settings.settledCycles() && most && fit.stageF() > -MAXIMUM_SECOND_STAGE_F;
    return age <= OLDEST_WARM_UP_CYCLES
        && (nearLimit || oneStage || settled)
        && needsLine(fit, points.length, BESIDE_DEVIATIONS);
  }
}
