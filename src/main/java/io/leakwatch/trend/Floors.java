package io.leakwatch.trend;

import java.util.Arrays;

/**
 * The lowest value of each stretch of time, the newest ones remembered.
 *
 * <p>Garbage collection, batches and request bursts put spikes on top of a level and never below
 * it, so the minimum of a stretch is the level with nearly all of that noise gone, and a leak lifts
 * minima as it lifts everything. A stretch without a sample takes the value between its neighbours
 * when it is short, and the value before it when it is long: an unseen rise then looks like a step,
 * which never counts as growth.
 *
 * <p>Seven digits of each floor are kept; of 60 GB that is a page.
 */
final class Floors {
  private static final int INTERPOLATED_GAP = 2;

  private final int interpolatedGap;
  private final float[] ring;
  private long first = -1;
  private long open = -1;
  private double openFloor = Double.NaN;
  private double lastFloor = Double.NaN;

  Floors(int capacity) {
    this(capacity, INTERPOLATED_GAP);
  }

  /**
   * @param interpolatedGap so many stretches without a sample are bridged by a straight line; more
   *     for a figure that is looked at rarely on purpose, as heap walks are
   */
  Floors(int capacity, int interpolatedGap) {
    this.interpolatedGap = interpolatedGap;
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
    if (missing >= ring.length) {
      first = bin - ring.length;
      Arrays.fill(ring, (float) before);
    } else {
      for (long gap = open + 1; gap < bin; gap++) {
        double share = missing <= interpolatedGap ? (double) (gap - open) / (missing + 1) : 0;
        put(gap, before + share * (value - before));
      }
    }
    open = bin;
    openFloor = Double.NaN;
    lastFloor = before;
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

  /** The closed floors, the oldest first. */
  double[] toArray() {
    double[] floors = new double[size()];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = ring[(int) ((first + i) % ring.length)];
    }
    return floors;
  }

  long retainedBytes() {
    return 4L * ring.length + 64;
  }
}
