package io.leakwatch.trend;

import java.util.Arrays;

/**
 * The lows of one life of a process, however long it is, in a few dozen figures.
 *
 * <p>The life is cut into equal stretches and the lowest value of each is kept. When there is no
 * room for another one, neighbours are merged and the stretches are twice as long from then on.
 */
final class LifeProfile {
  private static final int CAPACITY = 64;

  private final double narrowest;
  private final float[] lows = new float[CAPACITY];
  private double width;
  private int count;

  /**
   * @param narrowest length of the first stretches in seconds
   */
  LifeProfile(double narrowest) {
    this.narrowest = narrowest;
    clear();
  }

  void clear() {
    width = narrowest;
    count = 0;
    Arrays.fill(lows, Float.NaN);
  }

  /** Takes the value at an age, which never goes back; says whether it begins a new stretch. */
  boolean accept(double elapsed, double value) {
    while (elapsed >= width * CAPACITY) {
      merge();
    }
    int at = (int) (elapsed / width);
    lows[at] = least(lows[at], (float) value);
    boolean begins = at >= count;
    count = at + 1;
    return begins;
  }

  private void merge() {
    for (int i = 0; i < CAPACITY / 2; i++) {
      lows[i] = least(lows[2 * i], lows[2 * i + 1]);
    }
    Arrays.fill(lows, CAPACITY / 2, CAPACITY, Float.NaN);
    width *= 2;
    count = (count + 1) / 2;
  }

  private static float least(float first, float second) {
    return Float.isNaN(first) || second < first ? second : first;
  }

  /** Seconds of one stretch. */
  double width() {
    return width;
  }

  /** The complete stretches; one without a sample takes the value of the one before. */
  double[] toArray() {
    double[] complete = new double[Math.max(0, count - 1)];
    double last = lows[0];
    for (int i = 0; i < complete.length; i++) {
      last = Float.isNaN(lows[i]) ? last : lows[i];
      complete[i] = last;
    }
    return complete;
  }

  long retainedBytes() {
    return 4L * CAPACITY + 32;
  }
}
