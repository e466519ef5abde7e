package io.leakwatch.trend;

import java.util.Arrays;

/**
 * How much speaks for a ramp in the lows between collections, which come when they come.
 *
 * <p>Just after a collection a process shows what it needs, with as little noise as one that keeps
 * level; the later values say nothing. So a {@link RampFilter} takes each low once, at its own
 * time, and knows how much of the noise is forgotten until the next. Ramps are measured in times
 * between lows, an hour at least: what they usually come to, over four such times, is then learnt
 * from as many lows in any process.
 */
final class LowRamps {
  private static final int LOWS = 96;
  private static final int FEWEST_LOWS = 8;
  private static final int ONSETS = 48;
  private static final int RAREST = ONSETS / 4 - 1;
  private static final double LEAST_UNIT = 0.7;
  private static final double RECORD_FACTOR = 1.7;
  private static final double READY_CYCLES = 1.2;

  private final int perFloor;
  private final RampFilter filter;
  private final UsualRamps usualRamps;
  private final float[] changes = new float[LOWS];
  private long seen;
  private long newest;
  private double held;
  private double deviation;
  private double meanGap;
  private double noise;

  LowRamps(TrendSettings settings) {
    perFloor = Math.max(1, settings.stretchesPerFloor());
    filter = new RampFilter(perFloor, ONSETS);
    usualRamps = new UsualRamps(settings.floorsPerCycle(), RampFilter.ONSETS);
  }

  void clear() {
    filter.clear();
    usualRamps.clear();
    seen = 0;
  }

  /** Takes the low that holds in a stretch, and what it lies above its usual. */
  void accept(long bin, double low, double above) {
    if (seen == 0 || low != held) {
      held = low;
      take(bin, above);
    }
    if (seen > FEWEST_LOWS && (bin + 1) % perFloor == 0) {
      usualRamps.learn(this::ratio, noise);
    }
  }

  private void take(long bin, double above) {
    if (seen > 0) {
      long gap = bin - newest;
      float change = (float) (Math.abs(above - deviation) / filter.usualChange(gap));
      changes[(int) ((seen - 1) % LOWS)] = change;
      meanGap += (gap - meanGap) / Math.min(seen, LOWS);
    }
    seen++;
    newest = bin;
    deviation = above;
    if (seen > FEWEST_LOWS) {
      float[] known = seen > LOWS ? changes : Arrays.copyOf(changes, (int) seen - 1);
      noise = RobustStatistics.NORMAL_CONSISTENCY * RobustStatistics.quantile(known, 0.5) + 1;
      filter.accept(bin, above / noise);
    }
  }

  /** Floors that a time between lows takes. */
  private int apart() {
    return (int) Math.max(1, Math.ceil(meanGap / perFloor));
  }

  private double ratio(int times) {
    return filter.ramp(newest, times * apart());
  }

  /**
   * A ramp.
   *
   * @param floors since its begin
   * @param ratio of likelihoods, in standard deviations
   * @param risen bytes
   */
  record Ramp(int floors, double ratio, double risen) {
    static final Ramp NONE = new Ramp(0, 0, 0);

    boolean found() {
      return floors > 0;
    }
  }

  /** The ramp that stands out at a low in stretch {@code bin}. */
  Ramp at(long bin) {
    if (bin != newest
        || !usualRamps.isReady(READY_CYCLES)
        || !usualRamps.areAsModelled()
        || apart() > RAREST) {
      return Ramp.NONE;
    }
    int times = usualRamps.highest(this::ratio);
    double ratio = ratio(times);
    if (ratio < usualRamps.asked(LEAST_UNIT) || ratio < RECORD_FACTOR * usualRamps.record()) {
      return Ramp.NONE;
    }
    int floors = times * apart();
    return new Ramp(floors, ratio, filter.risen(bin, floors) * noise);
  }

  /** Whether a step explains the deviations of lows in these stretches better. */
  boolean isStep(long[] bins, double[] deviations, Ramp ramp) {
    return filter.highestStep(bins, deviations) > ramp.ratio() * noise;
  }

  long retainedBytes() {
    return filter.retainedBytes() + 4L * LOWS + usualRamps.retainedBytes() + 64;
  }
}
