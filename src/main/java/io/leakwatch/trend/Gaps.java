package io.leakwatch.trend;

import java.util.Arrays;

/** Tells where samples are missing for clearly longer than they usually are apart. */
final class Gaps {
  static final int INTERVALS = 9;

  /** What is shorter is no gap, in hours. */
  private static final double SHORTEST = 1 / 3.0;

  /** So many usual intervals and more are a gap. */
  private static final double USUAL = 4;

  private final float[] intervals = new float[INTERVALS];
  private int count;

  void clear() {
    count = 0;
  }

  /** Takes the hours from one sample to the next; whether they are a gap. */
  boolean isOne(float hours) {
    boolean gap = hours > SHORTEST && count > 0 && hours > USUAL * usual();
    intervals[count % INTERVALS] = hours;
    count++;
    return gap;
  }

  /** The median of the newest. */
  private double usual() {
    float[] sorted = Arrays.copyOf(intervals, Math.min(count, INTERVALS));
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
