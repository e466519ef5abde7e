package io.leakwatch.trend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the begin of a leak in a process that used to be level, within hours.
 *
 * <p>Each floor is compared with the highest floor of the same hour of the days before: a load that
 * repeats daily vanishes from this residual, and what remains is by how much today lies above
 * anything that this hour has seen. The residual must beat the worst excess in the process' own
 * past by a factor, over the newest part of a window whose length is free, so the noise of each
 * process sets its own threshold and no model of the noise is needed. Excluded are steps (most of
 * the rise at once, or before the window, whose own noise then counts for nothing), curves that
 * bend over, and rises that have ceased.
 */
final class OnsetTest {
  private static final int[] WINDOWS = {4, 5, 6, 8, 10, 12, 15, 18, 24, 36};
  private static final int REFERENCE_CYCLES = 7;
  private static final int HISTORY_CYCLES = 14;
  private static final double DEVIATIONS = 3.7;
  private static final double MINIMUM_TAU = 0.7;
  private static final double MAXIMUM_STEP_SHARE = 0.6;
  private static final double CHANGE_SHARE = 0.7;
  private static final double MINIMUM_RISE_SHARE = 0.5;
  private static final double MINIMUM_LATE_SHARE = 0.4;

  private final TrendSettings settings;
  private final int shortest;

  OnsetTest(TrendSettings settings, int shortest) {
    this.settings = settings;
    this.shortest = shortest;
  }

  /** Floors minus the highest of the same hour in the cycles before; NaN without two cycles. */
  double[] residual(double[] floors, int from) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    double[] near = new double[now];
    for (int at = Math.max(0, from - REFERENCE_CYCLES * cycle); at < now - cycle; at++) {
      near[at] = RobustStatistics.max(floors, Math.max(0, at - 1), at + 2);
    }
    double[] residual = new double[now];
    Arrays.fill(residual, 0, Math.min(now, 2 * cycle), Double.NaN);
    for (int j = Math.max(from, 2 * cycle); j < now; j++) {
      double highest = Double.NEGATIVE_INFINITY;
      for (int at = j - cycle; at >= Math.max(0, j - REFERENCE_CYCLES * cycle); at -= cycle) {
        highest = near[at] > highest ? near[at] : highest;
      }
      residual[j] = floors[j] - highest;
    }
    return residual;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    int now = floors.length;
    if (now < settings.onsetHistory()) {
      return null;
    }
    double[] newest = residual(floors, now - 3);
    double least = Math.max(settings.minimumRelativeRise() * floors[now - 1], smallestRise);
    if (RobustStatistics.min(newest, now - 3, now) <= least / 2) {
      return null;
    }
    double[] residual = residual(floors, 0);
    for (int window : WINDOWS) {
      Finding finding = window < shortest ? null : find(floors, residual, window, smallestRise);
      if (finding != null) {
        return finding;
      }
    }
    return null;
  }

  private @Nullable Finding find(
      double[] floors, double[] residual, int window, double smallestRise) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    int onset = now - window;
    if (onset < 3 * cycle) {
      return null;
    }
    int historyFrom = Math.max(2 * cycle, onset - HISTORY_CYCLES * cycle);
    double level = RobustStatistics.min(floors, onset - cycle, onset);
    double newest = RobustStatistics.min(residual, now - Math.max(2, window / 5), now);
    double smallest = Math.max(settings.minimumRelativeRise() * level, smallestRise);
    if (newest <= smallest) {
      return null;
    }
    double record = RobustStatistics.max(residual, historyFrom, onset);
    if (newest <= settings.recordFactor() * record) {
      return null;
    }
    double median = RobustStatistics.median(residual, historyFrom, onset);
    double deviation = RobustStatistics.deviation(residual, historyFrom, onset, median);
    double asked = DEVIATIONS * Wandering.factor(floors, historyFrom - 2 * cycle, onset, cycle);
    if (newest <= median + asked * deviation
        || RobustStatistics.kendall(residual, onset, now) < MINIMUM_TAU) {
      return null;
    }
    if (newest <= CHANGE_SHARE * widestChange(floors, historyFrom - cycle, onset)) {
      return null;
    }
    double slope = RobustStatistics.line(residual, onset, now).slope();
    if (slope * cycle < settings.minimumRelativeRate() * level) {
      return null;
    }
    int half = onset + window / 2;
    double early = residual[half] - residual[onset];
    double late = residual[now - 1] - residual[half];
    if (early + late < MINIMUM_RISE_SHARE * newest
        || late < MINIMUM_LATE_SHARE * early
        || !risesAtBothEnds(residual, onset, now)
        || Envelope.stepShare(residual, onset, now, 2) > MAXIMUM_STEP_SHARE) {
      return null;
    }
    Saturation.Bend bend =
        window >= 12 ? Saturation.bend(residual, onset, now) : Saturation.Bend.NONE;
    if (bend.endsWithin(window)) {
      return null;
    }
    return new Finding(Channel.ONSET, onset, now, bend.evidence());
  }

  private boolean risesAtBothEnds(double[] z, int from, int to) {
    int quarter = (to - from) / 4;
    double least = settings.onsetEdgeShare() * (z[to - 1] - z[from]);
    return z[from + quarter] - z[from] >= least && z[to - 1] - z[to - 1 - quarter] >= least;
  }

  /** The greatest change from one cycle to the next that was ever seen, either way. */
  private double widestChange(double[] floors, int from, int to) {
    int cycle = settings.floorsPerCycle();
    double[] low = Envelope.trailingMin(floors, 3);
    double widest = 0;
    for (int i = Math.max(cycle, from + cycle); i < to; i++) {
      widest = Math.max(widest, Math.abs(low[i] - low[i - cycle]));
    }
    return widest;
  }
}
