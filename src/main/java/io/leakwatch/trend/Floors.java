package io.leakwatch.trend;

import java.util.Arrays;

/**
 * The lowest value of each stretch of time, the newest ones remembered.
 *
 * <p>Garbage collection, batches and request bursts put spikes on top of a level and never below
 * it, so the minimum of a stretch is the level with nearly all of that noise gone, and a leak lifts
 * minima as it lifts everything. Stretches without a sample take the value between their neighbours
 * when they are few. When they are more, but not most of a cycle, the process is thought to have
 * gone on as in the cycle before, within what was seen in that; else to have stood still. An unseen
 * rise then looks like a step, which never counts as growth, and so does not an unseen night.
 *
 * <p>Seven digits of each floor are kept; of 60 GB that is a page.
 */
final class Floors {
  private static final int INTERPOLATED_GAP = 2;
  private static final int COMPARED_PER_CYCLE = 6;
  private static final double REPEATED_SHARE = 0.75;

  private final int interpolatedGap;
  private final int cycle;
  private final float[] ring;
  private long first = -1;
  private long open = -1;
  private double openFloor = Double.NaN;
  private double lastFloor = Double.NaN;

  /** Of so many cycles as are remembered. */
  static Floors ofCycles(TrendSettings settings) {
    return new Floors(settings.capacity(), INTERPOLATED_GAP, settings.floorsPerCycle());
  }

  /** Bridges no more than two stretches, and thinks of no cycle. */
  Floors(int capacity) {
    this(capacity, INTERPOLATED_GAP, 0);
  }

  /**
   * @param interpolatedGap so many stretches without a sample are bridged by a straight line; more
   *     for a figure that is looked at rarely on purpose, as heap walks are, and any number where
   *     only rates are asked for
   * @param cycle so many stretches later it does the same again; 0 where that is not to be thought
   */
  Floors(int capacity, int interpolatedGap, int cycle) {
    this.interpolatedGap = interpolatedGap;
    this.cycle = cycle;
    ring = new float[capacity];
  }

  void clear() {
    first = -1;
    open = -1;
    openFloor = Double.NaN;
    lastFloor = Double.NaN;
  }

  /** Adds a value to stretch {@code bin}; bins never go back. */
  void accept(long bin, double value) {
    if (first < 0) {
      first = bin;
      open = bin;
      openFloor = value;
      return;
    }
    closeBefore(bin, value);
    openFloor = Double.isNaN(openFloor) ? value : Math.min(openFloor, value);
  }

  private void closeBefore(long bin, double value) {
    if (bin <= open) {
      return;
    }
    double before = Double.isNaN(openFloor) ? lastFloor : openFloor;
    put(open, before);
    long missing = bin - open - 1;
    if (missing <= interpolatedGap) {
      for (long gap = Math.max(open + 1, bin - ring.length); gap < bin; gap++) {
        put(gap, before + (double) (gap - open) / (missing + 1) * (value - before));
      }
    } else if (missing >= ring.length) {
      first = bin - ring.length;
      Arrays.fill(ring, (float) before);
    } else {
      bridge(bin, before);
    }
    open = bin;
    openFloor = Double.NaN;
    lastFloor = before;
  }

  /** Fills the stretches from the open one to before {@code bin}. */
  private void bridge(long bin, double before) {
    double[] z = toArray(open + 1);
    int n = z.length;
    int compared = Math.max(2, cycle / COMPARED_PER_CYCLE);
    boolean repeats = bin - open <= REPEATED_SHARE * cycle && n >= cycle + compared;
    double lowest = repeats ? RobustStatistics.min(z, n - cycle, n) : before;
    double highest = repeats ? RobustStatistics.max(z, n - cycle, n) : before;
    double higher = repeats ? higherThanBefore(z, compared) : 0;
    for (long gap = open + 1; gap < bin; gap++) {
      double then = repeats ? z[n - cycle + (int) (gap - open - 1)] + higher : before;
      put(gap, Math.max(lowest, Math.min(highest, then)));
    }
  }

  /** How much the newest stretches lie above those of the cycle before. */
  private double higherThanBefore(double[] z, int compared) {
    double[] difference = new double[compared];
    for (int i = 0; i < compared; i++) {
      int at = z.length - compared + i;
      difference[i] = z[at] - z[at - cycle];
    }
    return RobustStatistics.median(difference, 0, compared);
  }

  private void put(long bin, double floor) {
    ring[(int) (bin % ring.length)] = (float) floor;
    lastFloor = floor;
    first = Math.max(first, bin - ring.length + 1);
  }

  /** Number of closed stretches that are remembered. */
  int size() {
    return first < 0 ? 0 : (int) (open - first);
  }

  /** The stretch of the oldest remembered floor. */
  long firstBin() {
    return first;
  }

  /** The stretch that is not closed yet, the one after the newest floor; -1 before any value. */
  long openBin() {
    return open;
  }

  /** The closed floor with so many remembered before it. */
  double get(int index) {
    return at(first + index);
  }

  /** The closed floor of a remembered stretch. */
  double at(long bin) {
    return ring[(int) (bin % ring.length)];
  }

  /** The closed floors, the oldest first. */
  double[] toArray() {
    return toArray(open);
  }

  private double[] toArray(long end) {
    double[] floors = new double[first < 0 ? 0 : (int) (end - first)];
    int oldest = first < 0 ? 0 : (int) (first % ring.length);
    int older = Math.min(floors.length, ring.length - oldest);
    for (int i = 0; i < older; i++) {
      floors[i] = ring[oldest + i];
    }
    for (int i = older; i < floors.length; i++) {
      floors[i] = ring[i - older];
    }
    return floors;
  }

  long retainedBytes() {
    return 4L * ring.length + 64;
  }
}
