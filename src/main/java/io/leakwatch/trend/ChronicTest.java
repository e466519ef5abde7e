package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds a leak that has no visible begin, within days.
 *
 * <p>The floor of each of several cycles in a row must lie above the one before and above all that
 * was remembered, no single cycle may carry most of the rise, and it may neither slow down nor be
 * much slower than the same number of cycles before: that is creep. It must rise by a multiple of
 * the deepest fall between levels that were held for two cycles; what came for a day and went back
 * is none.
 */
final class ChronicTest {
  private static final double MINIMUM_CYCLE_RISE = 0.003;
  private static final double MINIMUM_CYCLE_SHARE = 0.15;
  private static final double MAXIMUM_CYCLE_SHARE = 0.6;
  private static final double MAXIMUM_STEP_SHARE = 0.7;
  private static final double MINIMUM_LATE_SHARE = 0.75;
  private static final double NEW_HIGH_SHARE = 0.1;
  private static final double DECLINE_FACTOR = 3;
  private static final int HELD_CYCLES = 2;
  private static final double MINIMUM_T = 7;
  private static final double STILL_RISING = 0.7;
  private static final double CREEP_SHARE = 0.8;

  private final TrendSettings settings;

  ChronicTest(TrendSettings settings) {
    this.settings = settings;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    int cycle = settings.floorsPerCycle();
    int cycles = settings.chronicCycles();
    int now = floors.length;
    if (now < cycle * (cycles + 1)) {
      return null;
    }
    double[] rises = new double[cycles];
    double first = RobustStatistics.min(floors, now - (cycles + 1) * cycle, now - cycles * cycle);
    double last = first;
    for (int k = 0; k < cycles; k++) {
      int end = now - (cycles - k - 1) * cycle;
      double next = RobustStatistics.min(floors, end - cycle, end);
      rises[k] = next - last;
      if (rises[k] <= MINIMUM_CYCLE_RISE * Math.abs(last)) {
        return null;
      }
      last = next;
    }
    double[] daily = Envelope.trailingMin(floors, cycle);
    double total = last - first;
    double highest = RobustStatistics.max(daily, cycle - 1, now - cycle);
    if (last <= highest + NEW_HIGH_SHARE * total
        || total < settings.minimumRelativeRate() * first * cycles
        || total < smallestRise
        || RobustStatistics.max(rises, 0, cycles) > MAXIMUM_CYCLE_SHARE * total
        || RobustStatistics.min(rises, 0, cycles) < MINIMUM_CYCLE_SHARE * total / cycles) {
      return null;
    }
    if (Envelope.riseOver(floors, cycle, Math.max(2, cycle / 4)) < STILL_RISING * total / cycles) {
      return null;
    }
    double[] held = Envelope.trailingMin(floors, HELD_CYCLES * cycle);
    if (total < DECLINE_FACTOR * Envelope.deepestDecline(held, HELD_CYCLES * cycle - 1)) {
      return null;
    }
    int half = cycles / 2;
    if (mean(rises, cycles - half, cycles) < MINIMUM_LATE_SHARE * mean(rises, 0, half)) {
      return null;
    }
    int before = now - 1 - 2 * cycles * cycle;
    if (before >= cycle - 1 && total < CREEP_SHARE * (first - daily[before])) {
      return null;
    }
    int from = now - cycles * cycle;
    RobustStatistics.Line line = RobustStatistics.line(daily, from, now);
    if (line.slope() < MINIMUM_T * line.slopeError()) {
      return null;
    }
    if (Envelope.stepShare(floors, from, now, 2) > MAXIMUM_STEP_SHARE) {
      return null;
    }
    Saturation.Bend bend = Saturation.bend(floors, from, now);
    if (bend.endsWithin(cycles * cycle)) {
      return null;
    }
    return new Finding(Channel.CHRONIC, from, now, bend.evidence());
  }

  private static double mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum / (to - from);
  }
}
