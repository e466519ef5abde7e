package io.leakwatch.trend;

/**
 * Cuts windows of eight blocks out of a course: the floors of the blocks, less what is expected.
 */
final class Windows {
  private static final int N = Templates.BLOCKS;

  private Windows() {}

  /** How much longer a window is than its eight steps, where its blocks overlap. */
  static double overlap(double hours, double block) {
    return block - hours / N;
  }

  /**
   * A window of eight steps, each with the floor of the block that ends with it.
   *
   * @param end the hour after its last one
   * @param hours length of the eight steps
   * @param block length of each block in hours; longer than a step, blocks overlap. It need not be
   *     whole hours, its floor is that of all hours it touches
   * @return whether all of it is kept
   */
  static boolean cut(
      Course course, Expected expected, long end, double hours, double block, double[] floors) {
    double begin = end - hours;
    if (begin - overlap(hours, block) < course.firstHour() - 1e-9) {
      return false;
    }
    for (int j = 0; j < N; j++) {
      double blockEnd = begin + (j + 1) * hours / N;
      long to = (long) Math.ceil(blockEnd - 1e-9);
      long from = (long) Math.floor(blockEnd - block + 1e-9);
      float least = Float.POSITIVE_INFINITY;
      for (long i = from; i < to; i++) {
        least = Math.min(least, course.hour(i) - expected.at(i));
      }
      floors[j] = least;
    }
    return true;
  }

  /** The same with blocks side by side. */
  static boolean cut(Course course, Expected expected, long end, double hours, double[] floors) {
    return cut(course, expected, end, hours, hours / N, floors);
  }
}
