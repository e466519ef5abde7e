package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds the begin of a leak in a process that collects its garbage, by the lows it falls back to.
 *
 * <p>The lowest level of so many hours is blind for as long, and rises in stairs where collections
 * come rarely; a test that looks at times of its own takes a stair for a step. Here the value of a
 * stretch is the low of the last collection, what is usual of it is learnt by a {@link
 * MatchedScale}, and whether it grows is asked of the lows alone, one for each collection. It
 * judges only where lows are known well: several were seen, and they differ by little of what a
 * collection frees. Either the lows of the newest fifth of a window stand out, or {@link LowRamps}
 * sees a ramp in all of them. There it also says of what others have found that it is garbage,
 * where the newest low is as usual: a collection that comes an hour late leaves as much as a leak
 * of days.
 */
final class SawtoothTest {
  private static final int LEAST_LOWS = 8;
  private static final double SCATTER = 0.1;
  private static final double DOUBTFUL = 0.3;
  private static final int RISING_LOWS = 2;
  private static final double RECORD_FACTOR = 2;
  private static final double MINIMUM_TAU = 0.6;
  private static final double MINIMUM_RISE_SHARE = 0.5;
  private static final double MINIMUM_LATE_SHARE = 0.4;
  private static final double MAXIMUM_STEP_SHARE = 0.7;

  private final TrendSettings settings;
  private final int[] windows;
  private final MatchedScale scale;
  private final LowRamps ramps;

  SawtoothTest(TrendSettings settings, int[] windows, int[] spans) {
    this.settings = settings;
    this.windows = windows;
    scale = new MatchedScale(settings, 1, spans);
    ramps = new LowRamps(settings);
  }

  void clear() {
    scale.clear();
    ramps.clear();
  }

  /** Takes stretch {@code bin}, the one before {@code end} in {@code lows}. */
  void accept(double[] lows, int end, long bin) {
    scale.accept(lows, end, bin);
    if (!Double.isNaN(scale.reference())) {
      ramps.accept(bin, lows[end - 1], scale.deviation(bin));
    }
  }

  private boolean knows(Sawtooth sawtooth, long newest) {
    return sawtooth.ends().length >= LEAST_LOWS
        && scale.usualAt(newest) <= SCATTER * sawtooth.meanFall();
  }

  /** Whether the lows are known well and the newest is as usual, so that garbage is what rose. */
  boolean denies(Floors stretches, long newest) {
    return scale.isReady()
        && scale.standing(newest) < DOUBTFUL
        && knows(Sawtooth.of(stretches.toArray()), newest);
  }

  /** Floors in which garbage gathers until it is collected, 0 where that is not known. */
  int gathering(Floors stretches, long newest) {
    Sawtooth sawtooth = Sawtooth.of(stretches.toArray());
    int longest = sawtooth.longestOf(LEAST_LOWS) / settings.stretchesPerFloor() + 1;
    return scale.isReady() && knows(sawtooth, newest)
        ? Math.min(settings.floorsPerCycle() / 2, longest)
        : 0;
  }

  /** The finding counts in floors, of which {@code floors} are closed. */
  @Nullable Finding find(
      Floors stretches, long newest, int floors, double level, double smallestRise) {
    if (settings.stretchesPerFloor() == 0 || !scale.isReady()) {
      return null;
    }
    LowRamps.Ramp ramp = ramps.at(newest);
    boolean standsOut = scale.standing(newest) >= 1;
    Sawtooth sawtooth =
        standsOut || ramp.found() ? Sawtooth.of(stretches.toArray()) : Sawtooth.NONE;
    if (!knows(sawtooth, newest)) {
      return null;
    }
    int[] ends = sawtooth.ends();
    Finding finding = null;
    if (ramp.found() && ramp.risen() >= smallestRise) {
      finding = ofRamp(ramp, newest, stretches.firstBin(), ends, floors, level);
    }
    if (finding == null && standsOut) {
      finding = ofWindows(newest, stretches.firstBin(), ends, floors, level, smallestRise);
    }
    return finding;
  }

  private @Nullable Finding ofRamp(
      LowRamps.Ramp ramp, long newest, long firstBin, int[] ends, int floors, double level) {
    int window = (ramp.floors() + 1) * settings.stretchesPerFloor();
    if (window >= scale.available()) {
      return null;
    }
    int first = firstSince(newest - window, firstBin, ends);
    double[] rise = lowsSince(newest - window, first, firstBin, ends);
    long[] bins = new long[rise.length];
    bins[0] = newest - window;
    for (int i = 1; i < bins.length; i++) {
      bins[i] = firstBin + ends[first + i - 1];
    }
    if (rise.length <= RISING_LOWS
        || !isGrowth(rise, scale.deviation(newest), level, window)
        || ramps.isStep(bins, rise, ramp)) {
      return null;
    }
    return finding(floors, ramp.floors(), ramp.risen());
  }

  private @Nullable Finding ofWindows(
      long newest, long firstBin, int[] ends, int floors, double level, double smallestRise) {
    MatchedScale.Reached reached = scale.upTo(newest);
    for (int i = 0; i < windows.length && windows[i] < scale.available(); i++) {
      double bytes = reached.over(MatchedTest.newestFifth(windows[i])).bytes();
      if (bytes < smallestRise || reached.standing() < 1) {
        return null;
      }
      long from = newest - windows[i];
      double[] rise = lowsSince(from, firstSince(from, firstBin, ends), firstBin, ends);
      if (rise.length > RISING_LOWS
          && reached.units() >= RECORD_FACTOR * scale.record(i)
          && isGrowth(rise, bytes, level, windows[i])) {
        int back = Math.max(1, windows[i] / settings.stretchesPerFloor());
        return finding(floors, back, bytes);
      }
    }
    return null;
  }

  private static Finding finding(int floors, int back, double risen) {
    int from = Math.max(0, floors - back);
    return new Finding(Channel.ONSET, from, floors, Double.NEGATIVE_INFINITY, risen, false);
  }

  /** Which of the lows is the first that ended since. */
  private static int firstSince(long from, long firstBin, int[] ends) {
    int first = ends.length;
    while (first > 0 && firstBin + ends[first - 1] > from) {
      first--;
    }
    return first;
  }

  /** The deviations of the low that held then and of those that ended since. */
  private double[] lowsSince(long from, int first, long firstBin, int[] ends) {
    double[] lows = new double[ends.length - first + 1];
    lows[0] = scale.deviation(from);
    for (int k = first; k < ends.length; k++) {
      lows[k - first + 1] = scale.deviation(firstBin + ends[k]);
    }
    return lows;
  }

  private boolean isGrowth(double[] z, double bytes, double level, int window) {
    int n = z.length;
    double perWindow = RobustStatistics.line(z, 0, n).slope() * (n - 1);
    double cycles = (double) window / settings.stretchesPerFloor() / settings.floorsPerCycle();
    int half = n / 2;
    if (bytes - z[0] < MINIMUM_RISE_SHARE * bytes
        || perWindow < settings.minimumRelativeRate() * level * cycles
        || z[n - 1] - z[half] < MINIMUM_LATE_SHARE * (z[half] - z[0])
        || Envelope.stepShare(z, 0, n, 1) > MAXIMUM_STEP_SHARE
        || RobustStatistics.kendall(z, 0, n) < MINIMUM_TAU) {
      return false;
    }
    return !Saturation.bends(z, 0, n);
  }

  long retainedBytes() {
    return scale.retainedBytes() + ramps.retainedBytes();
  }
}
