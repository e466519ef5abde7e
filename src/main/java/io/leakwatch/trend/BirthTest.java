package io.leakwatch.trend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds growth since the start that warming up does not explain, within days.
 *
 * <p>What a program takes while it starts bends; a cache that fills rises straight, and then stops.
 * So a leak is told early only where both were seen: a warm-up that has bent, and a line that goes
 * on beside it and fits better than a second stage of warming up. Some days later warm-ups of two
 * stages have ended, and the line alone decides. Where no bend was seen, it may be a cache that
 * fills for days; such a line is told when it has gone on for longer, or would reach the limit
 * within half a cycle: there will be no later time.
 *
 * <p>The values looked at are means of the lower half of some floors: their noise averages out, and
 * bursts stay away. How large an F must be hangs on the number of values; a line that carries most
 * of the newer rise needs less of it than one beside a curve which still bends, for real warm-ups
 * are not quite exponential.
 */
final class BirthTest {
  private static final int POINTS_PER_CYCLE = 4;
  private static final int LATE_CYCLES = 2;
  private static final int OLDEST_WARM_UP_CYCLES = 6;
  private static final double OLDEST_FILLS = 2;
  private static final int YOUNGEST_NEAR_LIMIT_CYCLES = 3;
  private static final double NEAR_CYCLES = 0.5;
  private static final double RATE_SHARE = 0.3;
  private static final double MAXIMUM_STEP_SHARE = 0.6;
  private static final double LEAST_PACE = 0.6;
  private static final double GREATEST_PACE = 3.5;
  private static final double MOST = 0.6;
  private static final double MOST_DEVIATIONS = 3.2;
  private static final double LITTLE = 0.15;
  private static final double BESIDE_DEVIATIONS = 3.4;
  private static final double ALONE_DEVIATIONS = 4;
  private static final double MINIMUM_STAGE_F = 0.3;
  private static final double MINIMUM_CURVE_F = 20;
  private static final double MINIMUM_CURVE_SHARE = 0.2;

  private final TrendSettings settings;

  BirthTest(TrendSettings settings) {
    this.settings = settings;
  }

  /**
   * Looks at all floors since the start, whenever another value is complete.
   *
   * @param limit {@code NaN} when it is not known
   */
  @Nullable Finding find(double[] floors, double limit) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    int width = Math.max(1, cycle / POINTS_PER_CYCLE);
    double youngest = Math.min(settings.birthCycles(), YOUNGEST_NEAR_LIMIT_CYCLES);
    if (now % width != 0
        || now < youngest * cycle
        || now > OLDEST_FILLS * settings.fillCycles() * cycle) {
      return null;
    }
    WarmUp fit = growth(points(floors, width), limit, (double) now / cycle);
    int from = Math.max(0, now - YOUNGEST_NEAR_LIMIT_CYCLES * cycle);
    return fit == null ? null : new Finding(Channel.BIRTH, from, now, -fit.lineF());
  }

  private static double[] points(double[] floors, int width) {
    double[] points = new double[floors.length / width];
    int lower = (width + 1) / 2;
    for (int i = 0; i < points.length; i++) {
      double[] sorted = Arrays.copyOfRange(floors, i * width, (i + 1) * width);
      Arrays.sort(sorted);
      points[i] = Arrays.stream(sorted, 0, lower).sum() / lower;
    }
    return points;
  }

  private @Nullable WarmUp growth(double[] points, double limit, double age) {
    int n = points.length;
    double level = points[n - 1];
    int late = n - LATE_CYCLES * POINTS_PER_CYCLE;
    double leastPerCycle = RATE_SHARE * settings.minimumRelativeRate() * level;
    if (level - points[late] < Math.max(LATE_CYCLES * leastPerCycle, settings.minimumRiseBytes())
        || level < RobustStatistics.max(points, 0, n)
        || Envelope.stepShare(points, Math.max(0, late - POINTS_PER_CYCLE), n, 1)
            > MAXIMUM_STEP_SHARE) {
      return null;
    }
    WarmUp fit = WarmUp.of(points, settings.fillCycles() * POINTS_PER_CYCLE);
    double perCycle = fit.slope() * POINTS_PER_CYCLE;
    double pace = (level - points[n - 1 - POINTS_PER_CYCLE / 2]) / (perCycle / 2);
    boolean most = fit.lineShare() >= MOST;
    boolean grows =
        perCycle >= leastPerCycle && pace >= LEAST_PACE && (!most || pace <= GREATEST_PACE);
    return grows && isLeak(fit, points, limit - level, age) ? fit : null;
  }

  private static boolean needsLine(WarmUp fit, int points, double deviations) {
    double t = MatchedScale.studentQuantile(points - WarmUp.PARAMETERS, deviations);
    return fit.lineF() >= t * t;
  }

  private boolean isLeak(WarmUp fit, double[] points, double room, double age) {
    boolean most = fit.lineShare() >= MOST;
    boolean nearLimit = room < NEAR_CYCLES * fit.slope() * POINTS_PER_CYCLE;
    if (fit.curveF() < MINIMUM_CURVE_F || fit.curve() < MINIMUM_CURVE_SHARE * points[0]) {
      return most
          && age >= (nearLimit ? YOUNGEST_NEAR_LIMIT_CYCLES : settings.fillCycles())
          && needsLine(fit, points.length, ALONE_DEVIATIONS);
    }
    boolean oneStage = fit.stageF() >= MINIMUM_STAGE_F && fit.lineShare() >= LITTLE;
    boolean settled = nearLimit || age >= settings.settledCycles();
    return age <= OLDEST_WARM_UP_CYCLES
        && (oneStage || (settled && most))
        && needsLine(fit, points.length, most ? MOST_DEVIATIONS : BESIDE_DEVIATIONS);
  }
}
