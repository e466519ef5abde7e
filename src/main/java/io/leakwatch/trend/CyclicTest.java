package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds the begin of a leak under a cycle that repeats in shape but not in height, without waiting
 * for the next trough.
 *
 * <p>It judges only where the {@link CycleFilter} knows the process: what the filter takes for
 * noise must be small against the cycle, and there must be one: exact figures of what keeps level
 * hold no noise either, and there a step is as much as a leak. Memory of real machines that merely
 * tends to be higher by day leaves a quarter of its cycle or more and is left to the other tests.
 * So is one that jumps within a floor: that is a job or a collection, and a minute's delay of it
 * outweighs any leak. A ramp must stand out by what the model asks, in units of what ramps over a
 * few hours usually come to here, and by far from the greatest that was ever seen in this process.
 * What a step explains better is not growth, and what rose by half a cycle can be the cycle itself,
 * at another time: it must stand out in proportion, twice at the most.
 *
 * <p>Where it knows the process, it also says of what others have found within hours that it is no
 * more than the height or the shift of a day: they compare with the same time of other days, of
 * which they have seen a few.
 *
 * <p>Where the load is known and {@link LoadShare explains} most of what a day differs from others,
 * only the rest can be the height of the day, and a leak stands out the sooner; the model is then
 * as narrow as the process, so no unit may be smaller than it says.
 */
final class CyclicTest {
  private static final double LEAST_UNIT = 0.7;
  private static final double LEAST_EXPLAINED_UNIT = 1;
  private static final double RECORD_FACTOR = 2;
  private static final double DOUBTFUL = 0.7;
  private static final double NOISE_SHARE = 0.1;
  private static final double JUMP_SHARE = 0.5;
  private static final double LARGE_RISE = 0.5;
  private static final double LARGE_FACTOR = 2;
  private static final double READY_CYCLES = 1.6;
  private static final double LEAST_UNEXPLAINED = 0.1;

  private final TrendSettings settings;
  private final int perFloor;
  private final int cycle;
  private final CycleFilter filter;
  private final float[] usual;
  private final float[] changes;
  private final UsualRamps usualRamps;
  private final LoadShare loadShare;
  private boolean explained;
  private double before = Double.NaN;
  private long seen;
  private double peak;
  private double range;
  private double steepest;
  private double noise;

  CyclicTest(TrendSettings settings) {
    this.settings = settings;
    perFloor = settings.stretchesPerFloor();
    cycle = settings.floorsPerCycle() * perFloor;
    loadShare = new LoadShare(cycle);
    filter = new CycleFilter(cycle, Math.max(1, perFloor));
    usual = new float[cycle];
    changes = new float[cycle];
    usualRamps = new UsualRamps(settings.floorsPerCycle(), CycleFilter.ONSETS);
  }

  void clear() {
    filter.clear();
    loadShare.clear();
    before = Double.NaN;
    seen = 0;
    noise = 0;
    usualRamps.clear();
  }

  /**
   * Takes a stretch.
   *
   * @param level what is usual at that time of the cycle
   * @param all that lies above it
   * @param load what the load lies above its own usual, {@code NaN} where that is not known
   */
  void accept(long bin, double level, double all, double load) {
    loadShare.accept(all, load);
    double unexplained = loadShare.unexplained(noise);
    double deviation = unexplained < 1 ? all - loadShare.of(load) : all;
    if (explained != unexplained < 1) {
      explained = unexplained < 1;
      before = Double.NaN;
      filter.clear();
    }
    int time = (int) (bin % cycle);
    usual[time] = (float) level;
    changes[time] = Double.isNaN(before) ? 0 : (float) Math.abs(deviation - before);
    before = deviation;
    if (++seen <= cycle) {
      return;
    }
    double trough = Double.POSITIVE_INFINITY;
    peak = Double.NEGATIVE_INFINITY;
    steepest = 0;
    for (int i = 0; i < cycle; i++) {
      trough = Math.min(trough, usual[i]);
      peak = Math.max(peak, usual[i]);
      steepest = Math.max(steepest, Math.abs(usual[i] - usual[(i + perFloor) % cycle]));
    }
    range = peak - trough;
    noise = RobustStatistics.deviationBySteps(changes) + 1;
    int half = perFloor / 2;
    double slope = usual[(time + half) % cycle] - usual[Math.floorMod(time - half, cycle)];
    filter.accept(
        bin,
        deviation,
        level - trough,
        slope * perFloor / Math.max(1, 2 * half),
        Math.max(LEAST_UNEXPLAINED, unexplained),
        noise);
    if ((bin + 1) % perFloor == 0) {
      usualRamps.learn(floors -> filter.ramp(bin, floors), filter.noise());
    }
  }

  private boolean knows() {
    return usualRamps.isReady(READY_CYCLES)
        && range > settings.minimumRelativeRise() * peak
        && steepest <= JUMP_SHARE * range
        && usualRamps.noise() <= NOISE_SHARE * range;
  }

  /** The likelihood ratio that is asked of a ramp, before what else is asked of it. */
  private double asked() {
    return usualRamps.asked(explained ? LEAST_EXPLAINED_UNIT : LEAST_UNIT);
  }

  private int likeliest(long bin) {
    return usualRamps.highest(floors -> filter.ramp(bin, floors));
  }

  /** Whether the cycle is known well and a busier or an earlier day explains most of a rise. */
  boolean denies(long bin) {
    return knows() && filter.ramp(bin, likeliest(bin)) < DOUBTFUL * asked();
  }

  /** The finding counts in floors, of which {@code floors} are closed. */
  @Nullable Finding find(long bin, int floors, double level, double smallestRise) {
    if (!knows()) {
      return null;
    }
    int since = likeliest(bin);
    double ramp = filter.ramp(bin, since);
    double risen = filter.risen(bin, since);
    double large = Math.max(1, Math.min(LARGE_FACTOR, risen / (LARGE_RISE * range)));
    if (ramp < asked() * large || ramp < RECORD_FACTOR * usualRamps.record()) {
      return null;
    }
    double perCycle = risen / since * settings.floorsPerCycle();
    if (risen < smallestRise || perCycle < settings.minimumRelativeRate() * level) {
      return null;
    }
    if (filter.highestStep(bin) > ramp) {
      return null;
    }
    return new Finding(
        Channel.ONSET,
        Math.max(0, floors - since),
        floors,
        Double.NEGATIVE_INFINITY,
        risen,
        explained);
  }

  long retainedBytes() {
    return filter.retainedBytes()
        + loadShare.retainedBytes()
        + 4L * (usual.length + changes.length)
        + usualRamps.retainedBytes()
        + 64;
  }
}
