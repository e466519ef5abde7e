package io.leakwatch.trend;

/**
 * The newest samples of a figure themselves, as many as a window has blocks: what is too quick for
 * floors shows in them alone.
 */
final class NewestSamples {
  private static final int COUNT = Templates.BLOCKS;

  private final float[] values = new float[COUNT];
  private final double[] hours = new double[COUNT];
  private long count;

  void clear() {
    count = 0;
  }

  void add(double atHours, float value) {
    values[(int) (count % COUNT)] = value;
    hours[(int) (count++ % COUNT)] = atHours;
  }

  /**
   * All of them, where they are about equally far apart.
   *
   * @param into the values, the newest last
   * @param lastHours the time of the newest that counts
   * @return the hours that they span, 0 where they are too few or not even
   */
  double even(double[] into, double lastHours) {
    if (count < COUNT) {
      return 0;
    }
    double first = hours[(int) (count % COUNT)];
    double span = span(COUNT, lastHours) * COUNT / (COUNT - 1);
    for (int j = 0; j < COUNT; j++) {
      int at = (int) ((count + j) % COUNT);
      into[j] = values[at];
      if (Math.abs(hours[at] - first - j * span / COUNT) > 0.75 * span / COUNT) {
        return 0;
      }
    }
    return span;
  }

  /** How fast some of them rise, per hour; 0 where one of them falls or there are fewer. */
  double pace(int samples, double lastHours, double lastValue) {
    if (count < samples) {
      return 0;
    }
    for (long i = count - samples + 1; i < count; i++) {
      if (values[(int) (i % COUNT)] <= values[(int) ((i - 1) % COUNT)]) {
        return 0;
      }
    }
    double span = span(samples, lastHours);
    double rise = lastValue - values[(int) ((count - samples) % COUNT)];
    return span > 0 ? rise / span : 0;
  }

  /** Hours from the first of some of them to the last, 0 where there are fewer. */
  double span(int samples, double lastHours) {
    return count < samples ? 0 : lastHours - hours[(int) ((count - samples) % COUNT)];
  }
}
