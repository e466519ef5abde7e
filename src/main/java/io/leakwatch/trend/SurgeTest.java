package io.leakwatch.trend;

import java.util.Arrays;

/**
 * Finds a steep rise within minutes.
 *
 * <p>A window is cut in three; three times the smallest rise of the thirds is a rise that a step, a
 * spike or noise cannot show, for they put all of it into one third; it must be half of what was
 * gained over the whole window. It must beat the process' own record of that figure by far, lead to
 * a new high, and end at the limit soon; without a limit nothing is urgent. The record is kept for
 * each window length and forgets slowly. How far a new high must lie above all that was seen is a
 * share of the range that was seen, and a larger one in the first week, and the shortest window
 * waits for the history that an onset asks for: jobs come that a young process has not met yet.
 *
 * <p>Values and times keep seven digits: of 60 GB a page, of half a year a second.
 */
final class SurgeTest {
  private static final int[] WINDOWS = {3, 6, 12, 24, 48, 72};
  private static final double RECORD_FACTOR = 2;
  private static final double MINIMUM_LIMIT_SHARE = 0.02;
  private static final double LONGEST_GAPS = 2;
  private static final double RANGE_SHARE = 0.5;
  private static final double SETTLED_CYCLES = 7;
  private static final double MINIMUM_EVENNESS = 0.5;
  private static final double FORGOTTEN_PER_CYCLE = 0.03;

  private final TrendSettings settings;
  private final float[] values = new float[2 * WINDOWS[WINDOWS.length - 1] + 1];
  private final float[] times = new float[values.length];
  private final double[] records = new double[WINDOWS.length];
  private int count;
  private int newest;
  private double highest = Double.NEGATIVE_INFINITY;
  private double lowest = Double.POSITIVE_INFINITY;

  SurgeTest(TrendSettings settings) {
    this.settings = settings;
  }

  void clear() {
    count = 0;
    highest = Double.NEGATIVE_INFINITY;
    lowest = Double.POSITIVE_INFINITY;
    Arrays.fill(records, 0);
  }

  /**
   * A surge in progress.
   *
   * @param sinceElapsed when it began
   */
  record Surge(double sinceElapsed, double bytesPerSecond, double rise, int points) {
    static final Surge NONE = new Surge(Double.NaN, 0, 0, 0);

    boolean found() {
      return points > 0;
    }
  }

  /** Takes the next point; {@code ready} when enough history was seen. */
  Surge accept(double elapsed, double value, double limit, boolean ready) {
    int size = values.length;
    newest = count % size;
    times[newest] = (float) elapsed;
    values[newest] = (float) value;
    count++;
    boolean mayBe = ready && value > highest;
    Surge found = Surge.NONE;
    for (int w = 0; w < WINDOWS.length; w++) {
      int window = WINDOWS[w];
      if (count > window) {
        boolean known = w > 0 || elapsed >= settings.onsetHistory() * settings.floorSeconds();
        if (mayBe && known && !found.found()) {
          double steady = steadyRise(window, 0);
          double span = elapsed - times[(count - 1 - window) % size];
          if (matters(steady, records[w], span, value, limit, window)) {
            found = new Surge(elapsed - span, steady / span, value - back(window), window);
          }
        }
      }
      if (count > 2 * window) {
        double forget =
            FORGOTTEN_PER_CYCLE * settings.pointWidth().toNanos() / 1e9 / settings.cycleSeconds();
        records[w] = Math.max(records[w] * (1 - forget), steadyRise(window, window));
      }
    }
    if (count > size / 2) {
      highest = Math.max(highest, back(size / 2));
      lowest = Math.min(lowest, back(size / 2));
    }
    return found;
  }

  private boolean matters(
      double steady, double record, double span, double value, double limit, int window) {
    double age = times[newest];
    double spacing = Math.max(settings.pointWidth().toNanos() / 1e9, age / (count - 1));
    if (Double.isNaN(limit)
        || steady <= RECORD_FACTOR * record
        || steady < MINIMUM_LIMIT_SHARE * limit
        || steady < settings.minimumRiseBytes()
        || steady < MINIMUM_EVENNESS * (value - back(window))
        || span > LONGEST_GAPS * window * spacing) {
      return false;
    }
    for (int i = window / 3; i < window; i++) {
      if (back(i) > value) {
        return false;
      }
    }
    double before = highest;
    for (int i = window; i < Math.min(count, values.length / 2 + 1); i++) {
      before = Math.max(before, back(i));
    }
    double seconds = settings.surgeExhaustion().toNanos() / 1e9;
    return (limit - value) / (steady / span) < seconds
        && value
            > before
                + Math.max(MINIMUM_LIMIT_SHARE / 2 * limit, rangeShare(age) * (before - lowest));
  }

  /** The range is itself a record, and one of few days is soon broken. */
  private double rangeShare(double age) {
    return RANGE_SHARE * Math.sqrt(Math.max(1, SETTLED_CYCLES * settings.cycleSeconds() / age));
  }

  private double back(int points) {
    int at = newest - points;
    return values[at < 0 ? at + values.length : at];
  }

  /** What noise leaves of a point: the lowest of the quarter of a third that ends there. */
  private double floor(int points, int third) {
    double lowest = back(points);
    for (int i = 1; i < third / 4 && points + i < Math.min(count, values.length); i++) {
      lowest = Math.min(lowest, back(points + i));
    }
    return lowest;
  }

  private double steadyRise(int window, int endBack) {
    int third = window / 3;
    double a = floor(endBack + window, third);
    double b = floor(endBack + 2 * third, third);
    double c = floor(endBack + third, third);
    double d = floor(endBack, third);
    return 3 * Math.min(b - a, Math.min(c - b, d - c));
  }

  long retainedBytes() {
    return 8L * values.length + 8L * records.length + 64;
  }
}
