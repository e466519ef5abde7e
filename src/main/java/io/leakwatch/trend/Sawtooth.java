package io.leakwatch.trend;

import java.util.Arrays;

/**
 * The lows between which a process swings that collects its garbage, on a time of its own.
 *
 * <p>What such a process needs is seen only just after a collection; until the next one the level
 * says how much garbage there is. A low begins with a fall by a share of the level and ends when
 * the level rises again. It holds until the next one ends, or the level falls below it. Each
 * element knows only what came before it, so that the lows of the past and the newest one are
 * comparable.
 */
final class Sawtooth {
  static final Sawtooth NONE = new Sawtooth(new double[0], new int[0], Double.NaN);

  private static final double LEAST_FALL = 0.1;

  private final double[] low;
  private final int[] ends;
  private final double meanFall;

  private Sawtooth(double[] low, int[] ends, double meanFall) {
    this.low = low;
    this.ends = ends;
    this.meanFall = meanFall;
  }

  static Sawtooth of(double[] floors) {
    double[] low = new double[floors.length];
    int[] ends = new int[floors.length];
    int falls = 0;
    double fallen = 0;
    double high = Double.NEGATIVE_INFINITY;
    boolean falling = false;
    double valley = Double.NaN;
    double held = Double.POSITIVE_INFINITY;
    for (int i = 0; i < floors.length; i++) {
      double floor = floors[i];
      if (!falling) {
        high = floor > high ? floor : high;
        falling = floor < (1 - LEAST_FALL) * high;
        valley = floor;
      } else if (floor <= valley) {
        valley = floor;
      } else {
        ends[falls++] = i;
        fallen += high - valley;
        held = valley;
        high = floor;
        falling = false;
      }
      held = floor < held ? floor : held;
      low[i] = held;
    }
    return new Sawtooth(low, Arrays.copyOf(ends, falls), fallen / falls);
  }

  /** For each floor the newest low that had ended by then, or what fell below it. */
  double[] lows() {
    return low;
  }

  /** Where a low ended, the oldest first. */
  int[] ends() {
    return ends;
  }

  /** The longest time between two of the newest lows. */
  int longestOf(int newestLows) {
    int longest = 0;
    for (int i = Math.max(1, ends.length - newestLows + 1); i < ends.length; i++) {
      longest = Math.max(longest, ends[i] - ends[i - 1]);
    }
    return longest;
  }

  /** By how much a collection lowers the level, {@code NaN} without one. */
  double meanFall() {
    return meanFall;
  }
}
