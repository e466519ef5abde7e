package io.leakwatch.trend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the begin of a slow, an uneven or an accelerating leak in a process that keeps level.
 *
 * <p>It asks a {@link RampFilter} and judges only where the filter knows the process: its noise
 * must forget as the model says, else ramps of a few hours usually come to more than the model's
 * unit, and the noise must not be small against the cycle, which is for {@link CyclicTest}. A ramp
 * must stand out by what the model asks, the more the less was seen, in units of what ramps over a
 * few hours usually come to here, and from the greatest that was ever seen in this process. A step
 * or two are not growth, whereas several in a row are, and the window must hold the begin: to the
 * filter the time after a step is a long rise, for its noise would have come back. Of what speaks
 * for a clean step no ramp gets more than 0.83, while noise and bursts often make a step somewhere
 * look a little better than the ramp that is there; so the step must be better by more than that
 * little.
 */
final class RampTest {
  private static final double LEAST_UNIT = 1;
  private static final double NOISE_SHARE = 0.15;
  private static final double RECORD_FACTOR = 1.7;
  private static final double READY_CYCLES = 1.2;
  private static final double CLEARLY_STEP = 0.9;
  private static final double MAXIMUM_STEP_SHARE = 0.5;
  private static final double MAXIMUM_TWO_STEP_SHARE = 0.8;
  private static final double MINIMUM_RISE_SHARE = 0.5;
  private static final double MINIMUM_LATE_SHARE = 0.4;

  private final TrendSettings settings;
  private final int perFloor;
  private final int cycle;
  private final RampFilter filter;
  private final float[] usual;
  private final float[] changes;
  private final UsualRamps usualRamps;
  private double before = Double.NaN;
  private double noise;
  private long seen;

  RampTest(TrendSettings settings) {
    this.settings = settings;
    perFloor = settings.stretchesPerFloor();
    cycle = settings.floorsPerCycle() * perFloor;
    filter = new RampFilter(Math.max(1, perFloor), RampFilter.ONSETS);
    usual = new float[cycle];
    changes = new float[cycle];
    usualRamps = new UsualRamps(settings.floorsPerCycle(), RampFilter.ONSETS);
  }

  void clear() {
    filter.clear();
    before = Double.NaN;
    seen = 0;
    usualRamps.clear();
  }

  /** Takes stretch {@code bin}, the newest of {@code scale}. */
  void accept(long bin, MatchedScale scale) {
    double deviation = scale.deviation(bin);
    usual[(int) (bin % cycle)] = (float) scale.reference();
    if (!Double.isNaN(before)) {
      changes[(int) (seen++ % cycle)] = (float) Math.abs(deviation - before);
    }
    before = deviation;
    if (seen < cycle / 2) {
      return;
    }
    float[] known = seen < cycle ? Arrays.copyOf(changes, (int) seen) : changes;
    noise = RobustStatistics.deviationBySteps(known) + 1;
    filter.accept(bin, deviation / noise);
    if ((bin + 1) % perFloor == 0) {
      usualRamps.learn(floors -> filter.ramp(bin, floors), noise);
    }
  }

  /** The finding counts in floors, of which {@code floors} are closed. */
  @Nullable Finding find(
      MatchedScale scale, long bin, int floors, double level, double smallestRise) {
    if (!knows()) {
      return null;
    }
    int since = likeliest(bin);
    double ramp = filter.ramp(bin, since);
    double risen = filter.risen(bin, since) * noise;
    double perCycle = risen / since * settings.floorsPerCycle();
    if (ramp < usualRamps.asked(LEAST_UNIT)
        || ramp < RECORD_FACTOR * usualRamps.record()
        || risen < smallestRise
        || perCycle < settings.minimumRelativeRate() * level
        || !isGrowth(scale, bin, (since + 1) * perFloor, ramp)) {
      return null;
    }
    return new Finding(
        Channel.ONSET, Math.max(0, floors - since), floors, Double.NEGATIVE_INFINITY);
  }

  /** Whether noise is as the model says, and no cycle much greater than it. */
  boolean knows() {
    return usualRamps.isReady(READY_CYCLES)
        && usualRamps.areAsModelled()
        && noise >= NOISE_SHARE * range();
  }

  /** The ratio of the likeliest ramp as a multiple of the one that is asked for. */
  double standing(long bin) {
    return filter.ramp(bin, likeliest(bin)) / usualRamps.asked(LEAST_UNIT);
  }

  private int likeliest(long bin) {
    return usualRamps.highest(floors -> filter.ramp(bin, floors));
  }

  private double range() {
    float lowest = Float.POSITIVE_INFINITY;
    float highest = Float.NEGATIVE_INFINITY;
    for (float level : usual) {
      lowest = Math.min(lowest, level);
      highest = Math.max(highest, level);
    }
    return highest - lowest;
  }

  private static double[] deviations(MatchedScale scale, long bin, int window) {
    double[] deviations = new double[window];
    for (int i = 0; i < window; i++) {
      deviations[i] = scale.deviation(bin - window + 1 + i);
    }
    return deviations;
  }

  private boolean isGrowth(MatchedScale scale, long bin, int window, double ramp) {
    double[] z = deviations(scale, bin, window);
    double[] earlier = deviations(scale, bin - window, window);
    if (CLEARLY_STEP * filter.highestStep(z) > ramp * noise
        || Envelope.stepShare(z, 0, window, 1) > MAXIMUM_STEP_SHARE
        || Envelope.stepShare(z, 0, window, 2) > MAXIMUM_TWO_STEP_SHARE) {
      return false;
    }
    int width = Math.max(1, window / 8);
    int half = window / 2 - width / 2;
    double stood = RobustStatistics.median(earlier, 0, window);
    double start = Math.max(stood, RobustStatistics.median(z, 0, width));
    double middle = RobustStatistics.median(z, half, half + width);
    double end = RobustStatistics.median(z, window - width, window);
    if (end - start < MINIMUM_RISE_SHARE * end
        || end - middle < MINIMUM_LATE_SHARE * (middle - start)) {
      return false;
    }
    return !Saturation.bends(z, 0, window);
  }

  long retainedBytes() {
    return filter.retainedBytes()
        + 4L * (usual.length + changes.length)
        + usualRamps.retainedBytes()
        + 64;
  }
}
