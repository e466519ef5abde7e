package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds a leak under a load that hides it for most of the day, within about a day.
 *
 * <p>The lowest value of the last hours, half day or day does not know of bursts, collections and
 * daily peaks. By how much it lies above everything that was remembered before is its excess. A
 * leak is told when the excess beats the worst one of the past by a factor and is several times the
 * usual change from one day to the next, so that a process which wanders must rise further than one
 * that keeps still. Excluded are jumps: a rise that leaves a clean gap between two neighbouring
 * triples of floors, each compared with its own hour of the days before, and one that doubles the
 * level and falls on a few hours: another task, or a machine that is suspended at its height.
 */
final class RecordTest {
  private static final double[] WIDTH_SHARES = {0.25, 0.5, 1};
  private static final double RECENT_CYCLES = 2.5;
  private static final int REFERENCE_CYCLES = 7;
  private static final double DEVIATIONS = 3;
  private static final double MINIMUM_RISE = 0.01;
  private static final double JUMP_SHARE = 0.5;
  private static final double LATELY_SHARE = 0.5;
  private static final double ENVELOPE_SHARE = 0.5;
  private static final int SEVERAL = 3;
  private static final double SEVERAL_SHARE = 0.95;
  private static final double SWITCHED_SHARE = 0.6;
  private static final double USUAL_GAPS = 1.2;
  private static final int HELD_FLOORS = 3;

  private final TrendSettings settings;

  RecordTest(TrendSettings settings) {
    this.settings = settings;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    if (!settings.cycleRecords() || floors.length < settings.onsetHistory()) {
      return null;
    }
    for (double share : WIDTH_SHARES) {
      int width = (int) Math.round(share * settings.floorsPerCycle());
      if (width >= 2 && exceeds(floors, width, smallestRise) && !jumped(floors, width)) {
        int from = floors.length - settings.floorsPerCycle();
        return new Finding(Channel.ONSET, from, floors.length, Double.NEGATIVE_INFINITY);
      }
    }
    return null;
  }

  private boolean exceeds(double[] floors, int width, double smallestRise) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    int first = cycle + width;
    int recent = now - (int) (RECENT_CYCLES * cycle);
    double least = Math.max(MINIMUM_RISE * floors[now - 1], smallestRise);
    if (recent - first < cycle || wasHeld(floors, width, least)) {
      return false;
    }
    double[] low = Envelope.trailingMin(floors, width);
    double highest = RobustStatistics.max(low, width - 1, first - width);
    double worst = 0;
    double newest = Double.POSITIVE_INFINITY;
    double[] change = new double[now];
    int changes = 0;
    for (int i = first; i < now; i++) {
      highest = Math.max(highest, low[i - width]);
      double excess = low[i] - highest;
      if (i < recent) {
        worst = Math.max(worst, excess);
        change[changes++] = low[i] - low[i - cycle];
      } else if (i >= now - HELD_FLOORS) {
        newest = Math.min(newest, excess);
      }
    }
    int half = Math.max(3, width / 2);
    if (Envelope.riseOver(floors, cycle, half) < LATELY_SHARE * newest) {
      return false;
    }
    if (newest < least || newest < settings.recordFactor() * worst) {
      return false;
    }
    double median = RobustStatistics.median(change, 0, changes);
    double deviation = RobustStatistics.deviation(change, 0, changes, median);
    double widest =
        Math.max(
            RobustStatistics.max(change, 0, changes), -RobustStatistics.min(change, 0, changes));
    double asked = DEVIATIONS * Wandering.factor(floors, 0, recent, cycle);
    return newest > median + asked * deviation && newest > widest;
  }

  /**
   * Whether as many floors in a row as make the newest level came up to it before, but for so much.
   */
  private static boolean wasHeld(double[] floors, int width, double butFor) {
    int before = floors.length - width;
    double level = RobustStatistics.min(floors, before, floors.length);
    int held = 0;
    for (int i = 0; i < before && held < width; i++) {
      held = level - floors[i] < butFor ? held + 1 : 0;
    }
    return held >= width;
  }

  /**
   * Whether most of the last cycles' rise happened at once: between two floors as this process
   * never has it, or in one move of the lower envelope, or nearly all of it in a few. The cycles
   * are those that the excess does not count to the past, so that a step in them is not overlooked.
   */
  private boolean jumped(double[] floors, int width) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    int from = now - (int) (RECENT_CYCLES * cycle);
    double[] low = Envelope.trailingMin(floors, Math.max(3, width / 2));
    if (Envelope.stepShare(low, from, now, 1) > ENVELOPE_SHARE
        || Envelope.stepShare(floors, from, now, SEVERAL) > SEVERAL_SHARE) {
      return true;
    }
    boolean doubled = floors[now - 1] > 2 * RobustStatistics.min(floors, from, from + cycle);
    if (doubled && Envelope.stepShare(floors, from, now, cycle / 6) > SWITCHED_SHARE) {
      return true;
    }
    double[] residual = residual(floors);
    double rise =
        RobustStatistics.median(residual, now - 3, now)
            - RobustStatistics.median(residual, from - 3, from);
    double usual = widestGap(residual, cycle + 4, from);
    return widestGap(residual, from, now) > Math.max(JUMP_SHARE * rise, USUAL_GAPS * usual);
  }

  private double[] residual(double[] floors) {
    int cycle = settings.floorsPerCycle();
    double[] residual = new double[floors.length];
    double[] same = new double[REFERENCE_CYCLES];
    for (int j = cycle; j < floors.length; j++) {
      int n = 0;
      for (int k = 1; k <= REFERENCE_CYCLES && j - k * cycle >= 0; k++) {
        same[n++] = floors[j - k * cycle];
      }
      residual[j] = floors[j] - RobustStatistics.median(same, 0, n);
    }
    return residual;
  }

  /** The widest clean gap between two neighbouring triples, or move that one floor makes alone. */
  private static double widestGap(double[] z, int from, int to) {
    double widest = 0;
    for (int j = from + 1; j + 3 <= to; j++) {
      double gap = RobustStatistics.min(z, j, j + 3) - RobustStatistics.max(z, j - 3, j);
      double moved =
          RobustStatistics.median(z, j, Math.min(to, j + 5)) - RobustStatistics.median(z, j - 4, j);
      double once = Math.max(z[j] - z[j - 1], .8 * (z[j + 1] - z[j - 1]));
      widest = Math.max(widest, Math.max(gap, Math.min(once, .8 * moved)));
    }
    return widest;
  }
}
