package io.leakwatch.trend;

/**
 * The hours of a course less what is expected of them, as they are at one time, and the windows of
 * eight blocks that are cut out of them: the floors of the blocks.
 */
final class Windows {
  private static final int N = Templates.BLOCKS;

  static final Windows NONE = new Windows(new float[0], 0, Long.MIN_VALUE);

  private final float[] hours;
  private final long first;
  private final long unseen;

  private Windows(float[] hours, long first, long unseen) {
    this.hours = hours;
    this.first = first;
    this.unseen = unseen;
  }

  /** What an hour is expected to add to the floor, bytes. */
  interface Expected {
    Expected NOTHING = hour -> 0;

    float at(long hour);
  }

  static Windows of(Course course, Expected expected) {
    long first = course.firstHour();
    float[] hours = new float[(int) (course.hourCount() - first)];
    for (int i = 0; i < hours.length; i++) {
      hours[i] = course.hour(first + i) - expected.at(first + i);
    }
    return new Windows(hours, first, course.unseenHour());
  }

  /** The oldest hour that is kept. */
  long first() {
    return first;
  }

  /** The hour after the newest. */
  long end() {
    return first + hours.length;
  }

  /** Whether there were samples in each of the newest hours. */
  boolean seenFor(double newest) {
    return unseen <= end() - newest;
  }

  /** How much longer a window is than its eight steps, where its blocks overlap. */
  static double overlap(double hours, double block) {
    return block - hours / N;
  }

  /**
   * A window of eight steps, each with the floor of the block that ends with it.
   *
   * @param end the hour after its last one
   * @param length of the eight steps, hours
   * @param block length of each block in hours; longer than a step, blocks overlap. It need not be
   *     whole hours, its floor is that of all hours it touches
   * @return whether all of it is kept
   */
  boolean cut(long end, double length, double block, double[] floors) {
    if (!isKept(end, length, block)) {
      return false;
    }
    for (int j = 0; j < N; j++) {
      floors[j] = floor(end - first - length + (j + 1) * length / N, block);
    }
    return true;
  }

  private boolean isKept(long end, double length, double block) {
    return end - length - overlap(length, block) >= first - 1e-9;
  }

  private float floor(double blockEnd, double block) {
    int to = (int) Math.ceil(blockEnd - 1e-9);
    float least = Float.POSITIVE_INFINITY;
    for (int i = (int) Math.floor(blockEnd - block + 1e-9); i < to; i++) {
      least = hours[i] < least ? hours[i] : least;
    }
    return least;
  }

  /** Whether the last block of the newest window is higher than its first, if all of it is kept. */
  boolean rises(double length, double block) {
    double begin = hours.length - length;
    return isKept(end(), length, block)
        && floor(hours.length, block) > floor(begin + length / N, block);
  }

  /** The same with blocks side by side. */
  boolean cut(long end, double length, double[] floors) {
    return cut(end, length, length / N, floors);
  }
}
