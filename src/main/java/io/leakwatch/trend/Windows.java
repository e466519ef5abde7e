package io.leakwatch.trend;

/**
 * Cuts windows of eight blocks out of a course: the floors of the blocks, less what the hour of the
 * day adds where days repeat.
 */
final class Windows {
  private static final int N = Templates.BLOCKS;

  private Windows() {}

  /**
   * A window of blocks side by side.
   *
   * @param end the hour after its last one
   * @param hours its length; a block need not be whole hours, its floor is that of all hours it
   *     touches
   * @return whether all of it is kept
   */
  static boolean cut(Course course, DailyProfile profile, long end, double hours, double[] floors) {
    double begin = end - hours;
    if (begin < course.firstHour() - 1e-9) {
      return false;
    }
    for (int j = 0; j < N; j++) {
      long from = (long) Math.floor(begin + j * hours / N + 1e-9);
      long to = (long) Math.ceil(begin + (j + 1) * hours / N - 1e-9);
      float least = Float.POSITIVE_INFINITY;
      for (long i = from; i < to; i++) {
        least = Math.min(least, course.hour(i) - profile.at(i));
      }
      floors[j] = least;
    }
    return true;
  }

  /**
   * A window of blocks of any length, which may overlap, at times as they are.
   *
   * @param block length of each block in hours
   */
  static boolean cutRaw(Course course, long end, double hours, double block, double[] floors) {
    double begin = end - hours;
    if (begin - (block - hours / N) < course.firstHour() - 1e-9) {
      return false;
    }
    for (int j = 0; j < N; j++) {
      double blockEnd = begin + (j + 1) * hours / N;
      long to = (long) Math.ceil(blockEnd - 1e-9);
      long from = (long) Math.floor(blockEnd - block + 1e-9);
      float least = Float.POSITIVE_INFINITY;
      for (long i = from; i < to; i++) {
        least = Math.min(least, course.hour(i));
      }
      floors[j] = least;
    }
    return true;
  }
}
