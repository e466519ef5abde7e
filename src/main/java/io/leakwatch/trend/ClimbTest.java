package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds a leak whose begin is remembered in a process that wanders, within a week or two.
 *
 * <p>Where the days go up and down by more than a day's leak, four rising days in a row never come,
 * and what stands out from the same hour of other days does not stand out either. But what wanders
 * turns back, and a leak does not: over five to ten cycles it lifts the lowest level of the cycle
 * in each third of the time, higher than what was held before for two cycles, by a multiple of the
 * deepest fall that was ever seen between such levels, and by a multiple of what this process ever
 * rose in as many cycles. A process that has grown like that before is not news; one that came up
 * for a day and went back, as a machine does that is moved, is not hidden by that day.
 */
final class ClimbTest {
  private static final int SHORTEST_CYCLES = 5;
  private static final int LONGEST_CYCLES = 10;
  private static final int FEWEST_CYCLES = 15;
  private static final int HELD_CYCLES = 2;
  private static final double DECLINE_FACTOR = 3;
  private static final double RECORD_FACTOR = 2;
  private static final double NEW_HIGH_SHARE = 0.25;
  private static final double MINIMUM_THIRD_SHARE = 0.25;
  private static final double RISING_SHARE = 0.7;
  private static final double STILL_RISING = 0.6;
  private static final double MAXIMUM_STEP_SHARE = 0.45;

  private final TrendSettings settings;

  ClimbTest(TrendSettings settings) {
    this.settings = settings;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    int cycle = settings.floorsPerCycle();
    int now = floors.length;
    if (!settings.cycleRecords() || now < fewestCycles(SHORTEST_CYCLES) * cycle) {
      return null;
    }
    double[] daily = Envelope.trailingMin(floors, cycle);
    double[] held = Envelope.trailingMin(floors, HELD_CYCLES * cycle);
    double decline = Envelope.deepestDecline(held, HELD_CYCLES * cycle - 1);
    for (int cycles = SHORTEST_CYCLES;
        cycles <= LONGEST_CYCLES && now >= fewestCycles(cycles) * cycle;
        cycles++) {
      int from = now - 1 - cycles * cycle;
      double rise = daily[now - 1] - daily[from];
      double least = settings.minimumRelativeRate() * daily[from] * cycles;
      if (rise >= Math.max(smallestRise, Math.max(least, DECLINE_FACTOR * decline))
          && isNews(daily, held, from, cycles * cycle)
          && isSteady(floors, daily, from, rise / cycles)) {
        Saturation.Bend bend = Saturation.bend(floors, from, now);
        if (!bend.endsWithin(cycles * cycle)) {
          return new Finding(Channel.CHRONIC, from, now, bend.evidence());
        }
      }
    }
    return null;
  }

  /** Twice the window at least, so that there is something to compare with. */
  private static int fewestCycles(int window) {
    return Math.max(FEWEST_CYCLES, 2 * window + 1);
  }

  /** Whether the process never held such a level, nor rose like this in as long a time. */
  private boolean isNews(double[] daily, double[] held, int from, int window) {
    double level = daily[daily.length - 1];
    double rise = level - daily[from];
    int first = HELD_CYCLES * settings.floorsPerCycle() - 1;
    if (level < RobustStatistics.max(held, first, from + 1) + NEW_HIGH_SHARE * rise) {
      return false;
    }
    double record = daily[from] - daily[from - window];
    for (int i = first + window; i <= from; i++) {
      record = Math.max(record, held[i] - held[i - window]);
    }
    return rise >= RECORD_FACTOR * record;
  }

  private boolean isSteady(double[] floors, double[] daily, int from, double perCycle) {
    int cycle = settings.floorsPerCycle();
    int newest = floors.length - 1;
    double rise = daily[newest] - daily[from];
    for (int k = 0; k < 3; k++) {
      int begin = from + k * (newest - from) / 3;
      int end = from + (k + 1) * (newest - from) / 3;
      if (daily[end] - daily[begin] < MINIMUM_THIRD_SHARE * rise) {
        return false;
      }
    }
    int rising = 0;
    for (int i = newest; i > from; i -= cycle) {
      rising += daily[i] > daily[i - cycle] ? cycle : 0;
    }
    return rising >= RISING_SHARE * (newest - from)
        && Envelope.riseOver(floors, cycle, Math.max(2, cycle / 4)) >= STILL_RISING * perCycle
        && Envelope.stepShare(floors, from, floors.length, 2) <= MAXIMUM_STEP_SHARE;
  }
}
