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
 * filter the time after a step is a long rise, for its noise would have come back.
 */
final class RampTest {
  private static final double SIGNIFICANCE = 5;
  private static final double LEAST_UNIT = 1;
  private static final double LARGEST_UNIT = 2.5;
  private static final double NOISE_SHARE = 0.15;
  private static final double RECORD_FACTOR = 1.7;
  private static final double FORGOTTEN_PER_CYCLE = 0.02;
  private static final double MEMORY_CYCLES = 14;
  private static final double LAG_CYCLES = 2.5;
  private static final double READY_CYCLES = 1.2;
  private static final double DOUBT_CYCLES = 2;
  private static final int SHORTEST_FLOORS = 2;
  private static final int UNIT_FLOORS = 4;
  private static final double MAXIMUM_STEP_SHARE = 0.5;
  private static final double MAXIMUM_TWO_STEP_SHARE = 0.8;
  private static final double MINIMUM_RISE_SHARE = 0.5;
  private static final double MINIMUM_LATE_SHARE = 0.4;
  private static final int SHORTEST_BEND = 12;
  private static final double BENDS = 2;
  private static final double OU_STEP_TO_DEVIATION = 1.2 * RobustStatistics.NORMAL_CONSISTENCY;

  private final TrendSettings settings;
  private final int perFloor;
  private final int cycle;
  private final RampFilter filter;
  private final float[] usual;
  private final float[] changes;
  private final float[][] lagging;
  private double before = Double.NaN;
  private double noise;
  private long seen;
  private long judged;
  private long folded;
  private double unitSquare;
  private double record;

  RampTest(TrendSettings settings) {
    this.settings = settings;
    perFloor = settings.stretchesPerFloor();
    cycle = settings.floorsPerCycle() * perFloor;
    filter = new RampFilter(Math.max(1, perFloor));
    usual = new float[cycle];
    changes = new float[cycle];
    lagging = new float[2][(int) (LAG_CYCLES * settings.floorsPerCycle())];
  }

  void clear() {
    filter.clear();
    before = Double.NaN;
    seen = 0;
    judged = 0;
    folded = 0;
    unitSquare = 0;
    record = 0;
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
    noise = OU_STEP_TO_DEVIATION * RobustStatistics.quantile(known, 0.5) + 1;
    filter.accept(bin, deviation / noise);
    if ((bin + 1) % perFloor == 0) {
      learn(bin);
    }
  }

  private void learn(long bin) {
    int slot = (int) (judged % lagging[0].length);
    lagging[0][slot] = (float) filter.ramp(bin, UNIT_FLOORS);
    lagging[1][slot] = (float) filter.ramp(bin, highestRamp(bin));
    judged++;
    long lag = Math.min(lagging[0].length, Math.max(settings.floorsPerCycle() / 2, judged / 3));
    while (judged - folded > lag) {
      fold((int) (folded % lagging[0].length));
      folded++;
    }
  }

  private void fold(int slot) {
    double unit = lagging[0][slot];
    double newest = 1 / Math.min(folded + 1.0, MEMORY_CYCLES * settings.floorsPerCycle());
    unitSquare += newest * (unit * unit - unitSquare);
    double kept = 1 - FORGOTTEN_PER_CYCLE / settings.floorsPerCycle();
    record = Math.max(record * kept, lagging[1][slot]);
  }

  private int highestRamp(long bin) {
    int highest = SHORTEST_FLOORS;
    for (int floors = SHORTEST_FLOORS + 1; floors < RampFilter.ONSETS; floors++) {
      highest = filter.ramp(bin, floors) > filter.ramp(bin, highest) ? floors : highest;
    }
    return highest;
  }

  /** The finding counts in floors, of which {@code floors} are closed. */
  @Nullable Finding find(
      MatchedScale scale, long bin, int floors, double level, double smallestRise) {
    double unit = Math.max(LEAST_UNIT, Math.sqrt(unitSquare));
    if (folded < READY_CYCLES * settings.floorsPerCycle()
        || unit > LARGEST_UNIT
        || noise < NOISE_SHARE * range()) {
      return null;
    }
    int since = highestRamp(bin);
    double ramp = filter.ramp(bin, since);
    double doubt = Math.sqrt(1 + DOUBT_CYCLES * settings.floorsPerCycle() / folded);
    double risen = filter.risen(bin, since) * noise;
    double perCycle = risen / since * settings.floorsPerCycle();
    if (ramp < SIGNIFICANCE * doubt * unit
        || ramp < RECORD_FACTOR * record
        || risen < smallestRise
        || perCycle < settings.minimumRelativeRate() * level
        || !isGrowth(scale, bin, (since + 1) * perFloor, ramp)) {
      return null;
    }
    return new Finding(
        Channel.ONSET, Math.max(0, floors - since), floors, Double.NEGATIVE_INFINITY);
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
    if (filter.highestStep(z) > ramp * noise
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
    Saturation.Bend bend =
        window < SHORTEST_BEND ? Saturation.Bend.NONE : Saturation.bend(z, 0, window);
    return bend.evidence() <= BENDS || bend.tauFloors() >= window;
  }

  long retainedBytes() {
    return filter.retainedBytes()
        + 4L * (usual.length + changes.length)
        + 8L * lagging[0].length
        + 64;
  }
}
