package io.leakwatch.trend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds a leak under noise of hours that leaves no day's lowest level alone, within a week or two.
 *
 * <p>Where a process is busy around the clock, its lowest hour of a day is as uncertain as the
 * highest, but the mean of the day is known to a fifth of that. A leak lifts those means day by
 * day. So over four to nine cycles the mean of the newest must have risen by a multiple of the
 * largest change, up or down, that this process ever showed over as many cycles, and by the more
 * the wider it wanders, for then its past says less; each cycle must have its part in the rise, and
 * the quieter half of its floors must rise with the busier one, as they do not under more load. Up
 * to three steps are no leak: on means of quarters of a cycle they would be most of the rise.
 */
final class MeanRiseTest {
  private static final int SHORTEST_CYCLES = 4;
  private static final int LONGEST_CYCLES = 9;
  private static final int CYCLES_BEFORE = 10;
  private static final double RECORD_FACTOR = 2;
  private static final double LEAST_CYCLE_SHARE = 0.2;
  private static final double STILL_RISING = 0.5;
  private static final double QUIET_SHARE = 0.6;
  private static final int PARTS = 4;
  private static final int STEPS = 3;
  private static final double MAXIMUM_STEP_SHARE = 0.7;

  private final TrendSettings settings;

  MeanRiseTest(TrendSettings settings) {
    this.settings = settings;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    if (!settings.cycleRecords() || now <= (CYCLES_BEFORE + SHORTEST_CYCLES) * cycle) {
      return null;
    }
    double[] means = trailingMean(floors, cycle);
    for (int cycles = SHORTEST_CYCLES; cycles <= LONGEST_CYCLES; cycles++) {
      int from = now - 1 - cycles * cycle;
      if (from < Math.max(CYCLES_BEFORE, cycles + 1) * cycle) {
        return null;
      }
      double rise = means[now - 1] - means[from];
      double least = settings.minimumRelativeRate() * means[from] * cycles;
      if (rise >= Math.max(smallestRise, least)
          && isNews(floors, means, from, cycles * cycle)
          && isSteady(floors, means, from, rise / cycles)) {
        Saturation.Bend bend = Saturation.bend(means, from, now);
        if (!bend.endsWithin(cycles * cycle)) {
          return new Finding(Channel.CHRONIC, from, now, bend.evidence());
        }
      }
    }
    return null;
  }

  private boolean isNews(double[] floors, double[] means, int from, int window) {
    double level = means[means.length - 1];
    int first = settings.floorsPerCycle() - 1;
    double record = 0;
    for (int i = first + window; i <= from; i++) {
      record = Math.max(record, Math.abs(means[i] - means[i - window]));
    }
    double wandering = Wandering.factor(floors, 0, from, settings.floorsPerCycle());
    return level - means[from] >= RECORD_FACTOR * wandering * record
        && level > RobustStatistics.max(means, first, from + 1);
  }

  private boolean isSteady(double[] floors, double[] means, int from, double perCycle) {
    int cycle = settings.floorsPerCycle();
    int newest = floors.length - 1;
    for (int i = newest; i > from; i -= cycle) {
      double share = i == newest ? STILL_RISING : LEAST_CYCLE_SHARE;
      if (means[i] - means[i - cycle] < share * perCycle) {
        return false;
      }
    }
    double quiet = quieterHalf(floors, newest, cycle) - quieterHalf(floors, from, cycle);
    int width = Math.max(1, cycle / PARTS);
    return quiet >= QUIET_SHARE * (means[newest] - means[from])
        && !isSteps(trailingMean(floors, width), from, width);
  }

  /** A step on the border of two parts is within one of those that lie half a part earlier. */
  private static boolean isSteps(double[] means, int from, int width) {
    for (int last : new int[] {means.length - 1, means.length - 1 - width / 2}) {
      double[] parts = new double[(last - from) / width];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = means[last - (parts.length - 1 - i) * width];
      }
      if (Envelope.stepShare(parts, 0, parts.length, STEPS) > MAXIMUM_STEP_SHARE) {
        return true;
      }
    }
    return false;
  }

  private static double quieterHalf(double[] floors, int last, int cycle) {
    double[] sorted = Arrays.copyOfRange(floors, last + 1 - cycle, last + 1);
    Arrays.sort(sorted);
    return Arrays.stream(sorted, 0, cycle / 2).average().orElseThrow();
  }

  /** Element i is the mean of the floors that end with i; the first ones are of fewer. */
  private static double[] trailingMean(double[] floors, int width) {
    double[] means = new double[floors.length];
    double sum = 0;
    for (int i = 0; i < floors.length; i++) {
      sum += floors[i] - (i < width ? 0 : floors[i - width]);
      means[i] = sum / Math.min(width, i + 1);
    }
    return means;
  }
}
