package io.leakwatch.trend.statistics;

/**
 * The lowest value of each stretch of time, the newest ones remembered. Stretches without a sample
 * lie on a straight line between their neighbours.
 */
public final class Floors {
  private final float[] ring;
  private long first = -1;
  private long open = -1;
  private double openFloor = Double.NaN;

  public Floors(int capacity) {
    ring = new float[capacity];
  }

  public void clear() {
    first = -1;
    open = -1;
    openFloor = Double.NaN;
  }

  /** Adds a value to stretch {@code bin}; bins never go back. */
  public void accept(long bin, double value) {
    if (first < 0) {
      first = bin;
      open = bin;
    }
    if (bin > open) {
      put(open, openFloor);
      for (long gap = Math.max(open + 1, bin - ring.length); gap < bin; gap++) {
        put(gap, openFloor + (gap - open) / (double) (bin - open) * (value - openFloor));
      }
      first = Math.max(first, bin - ring.length);
      open = bin;
      openFloor = Double.NaN;
    }
    openFloor = Double.isNaN(openFloor) ? value : Math.min(openFloor, value);
  }

  private void put(long bin, double floor) {
    ring[(int) (bin % ring.length)] = (float) floor;
    first = Math.max(first, bin - ring.length + 1);
  }

  /** Number of closed stretches that are remembered. */
  public int size() {
    return first < 0 ? 0 : (int) (open - first);
  }

  /** The stretch of the oldest remembered floor. */
  public long firstBin() {
    return first;
  }

  /** The stretch that is not closed yet, the one after the newest floor; -1 before any value. */
  public long openBin() {
    return open;
  }

  /** The closed floor of a remembered stretch. */
  public double at(long bin) {
    return ring[(int) (bin % ring.length)];
  }

  /** The closed floors, the oldest first. */
  public double[] toArray() {
    double[] floors = new double[size()];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = at(first + i);
    }
    return floors;
  }

  public long retainedBytes() {
    return 4L * ring.length + 64;
  }
}
