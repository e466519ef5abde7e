package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * Finds the begin of a leak as soon as the process' own noise permits, within hours.
 *
 * <p>It looks at stretches shorter than a floor and compares each with its own time of the cycles
 * before, on several {@link MatchedScale scales} at once. The newest fifth of a window must stand
 * out from what is usual and be twice what ever lasted as long. The window must hold the begin of
 * the rise, so that its most is seen to happen: steadily, not in one or two moves, and still going
 * on. Windows of all lengths from an hour to two days are tried, for a fast leak is seen in a short
 * one and a slow one needs a long one.
 *
 * <p>The lowest of the newest fifth and the likelihood of a ramp in all values are two looks at the
 * same noise. Where the {@link RampTest} knows it, a ramp must nearly stand out there as well; what
 * does in both is asked for less here, and may come in larger pieces, as a leak does that waits for
 * something. What only one of them sees was noise in most cases.
 */
final class MatchedTest {
  private static final int[] WINDOWS = {4, 6, 8, 12, 16, 24, 36, 48, 72, 96, 144, 216};
  private static final int[] WIDTHS = {2, 8, 24};
  private static final int SHORT_WINDOW = 8;
  private static final double SHORT_FACTOR = 1.3;
  private static final double RECORD_FACTOR = 2;
  private static final double MINIMUM_TAU = 0.6;
  private static final double MINIMUM_RISE_SHARE = 0.5;
  private static final double MINIMUM_LATE_SHARE = 0.4;
  private static final double MAXIMUM_STEP_SHARE = 0.6;
  private static final double SUPPORT = 0.8;
  private static final double SUPPORTED_STANDING = 0.8;
  private static final double SUPPORTED_STEP_SHARE = 0.8;
  private static final double MOVE_SHARE = 0.8;
  private static final double DOUBTFUL = 0.3;
  private static final int BRIDGED_FLOORS = 2;
  private static final int REFERENCE_CYCLES = 7;
  private static final int WIDEST_FLOORS = 7;

  private final TrendSettings settings;
  private final int perFloor;
  private final Floors stretches;
  private final MatchedScale[] scales;
  private final SawtoothTest sawtoothTest;
  private final CyclicTest cyclicTest;
  private final @Nullable RampTest rampTest;
  private long newest = -1;

  /**
   * @param quiet whether the values hold little noise, so that a ramp is looked for in all of it
   */
  MatchedTest(TrendSettings settings, boolean quiet) {
    this.settings = settings;
    perFloor = settings.stretchesPerFloor();
    int[] spans = new int[WINDOWS.length];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = newestFifth(WINDOWS[i]);
    }
    scales = new MatchedScale[perFloor == 0 ? 0 : WIDTHS.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = new MatchedScale(settings, WIDTHS[i], spans);
    }
    sawtoothTest = new SawtoothTest(settings, WINDOWS, spans);
    cyclicTest = new CyclicTest(settings);
    rampTest = quiet && perFloor > 0 ? new RampTest(settings) : null;
    stretches =
        new Floors(
            Math.max(1, perFloor * (REFERENCE_CYCLES * settings.floorsPerCycle() + WIDEST_FLOORS)),
            BRIDGED_FLOORS * perFloor,
            perFloor * settings.floorsPerCycle());
  }

  static int newestFifth(int window) {
    return Math.max(2, window / 5);
  }

  void clear() {
    stretches.clear();
    newest = -1;
    for (MatchedScale scale : scales) {
      scale.clear();
    }
    sawtoothTest.clear();
    cyclicTest.clear();
    if (rampTest != null) {
      rampTest.clear();
    }
  }

  /** Takes a value; says whether a stretch was closed by it. */
  boolean accept(double elapsed, double value, LoadCourse load) {
    if (perFloor == 0) {
      return false;
    }
    stretches.accept((long) (elapsed / settings.floorSeconds() * perFloor), value);
    long end = stretches.openBin();
    if (end - 1 <= newest) {
      return false;
    }
    double[] floors = stretches.toArray();
    double[] lows = Sawtooth.of(floors).lows();
    for (long bin = Math.max(newest + 1, stretches.firstBin()); bin < end; bin++) {
      int to = (int) (bin - stretches.firstBin()) + 1;
      for (MatchedScale scale : scales) {
        scale.accept(floors, to, bin);
      }
      sawtoothTest.accept(lows, to, bin);
      if (!Double.isNaN(scales[0].reference())) {
        if (rampTest != null) {
          rampTest.accept(bin, scales[0]);
        }
        cyclicTest.accept(
            bin, scales[0].reference(), scales[0].deviation(bin), load.deviation(bin));
      }
    }
    newest = end - 1;
    return true;
  }

  /**
   * Whether what another test found stands out here at least half as much as this one would ask;
   * true where too little is known to say.
   */
  boolean allows() {
    boolean known = false;
    for (MatchedScale scale : scales) {
      known |= scale.isReady();
      if (scale.isReady() && scale.upTo(newest).over(perFloor).standing() >= DOUBTFUL) {
        return true;
      }
    }
    return !known;
  }

  /** Whether garbage or the height of a day, where they are known well, explain a rise of hours. */
  boolean denies() {
    return sawtoothTest.denies(stretches, newest) || cyclicTest.denies(newest);
  }

  /** Floors for which what was given back may be garbage that gathers again. */
  int gathering() {
    return perFloor == 0 ? 0 : sawtoothTest.gathering(stretches, newest);
  }

  /** The finding counts in floors, of which {@code floors} are closed. */
  @Nullable Finding find(int floors, double level, double smallestRise) {
    Finding matched = ofScales(floors, level, smallestRise);
    if (matched != null && !denies()) {
      return matched;
    }
    Finding finding = sawtoothTest.find(stretches, newest, floors, level, smallestRise);
    if (finding == null && rampTest != null) {
      finding = rampTest.find(scales[0], newest, floors, level, smallestRise);
    }
    return finding != null ? finding : cyclicTest.find(newest, floors, level, smallestRise);
  }

  private @Nullable Finding ofScales(int floors, double level, double smallestRise) {
    boolean supported = false;
    if (rampTest != null && rampTest.knows()) {
      supported = rampTest.standing(newest) >= SUPPORT;
      if (!supported) {
        return null;
      }
    }
    for (MatchedScale scale : scales) {
      Finding finding =
          scale.isReady() ? find(scale, floors, level, smallestRise, supported) : null;
      if (finding != null) {
        return finding;
      }
    }
    return null;
  }

  private @Nullable Finding find(
      MatchedScale scale, int floors, double level, double smallestRise, boolean supported) {
    double asked = supported ? SUPPORTED_STANDING : 1;
    double stepShare = supported ? SUPPORTED_STEP_SHARE : MAXIMUM_STEP_SHARE;
    MatchedScale.Reached reached = scale.upTo(newest);
    double[] rise = new double[0];
    for (int i = 0; i < WINDOWS.length && WINDOWS[i] <= scale.available(); i++) {
      int window = WINDOWS[i];
      reached.over(newestFifth(window));
      if (reached.bytes() < smallestRise || reached.standing() < asked) {
        return null;
      }
      if (rise.length == 0) {
        rise = newestDeviations(scale);
      }
      boolean clear = window > SHORT_WINDOW || reached.standing() >= SHORT_FACTOR * asked;
      if (window >= scale.width()
          && clear
          && reached.units() >= RECORD_FACTOR * scale.record(i)
          && isGrowth(rise, rise.length - window, reached.bytes(), level, stepShare)
          && !isOneMove(window + scale.width())) {
        int back = Math.max(1, window / perFloor);
        return new Finding(
            Channel.ONSET, Math.max(0, floors - back), floors, Double.NEGATIVE_INFINITY);
      }
    }
    return null;
  }

  private double[] newestDeviations(MatchedScale scale) {
    double[] deviations = new double[Math.min(scale.available(), WINDOWS[WINDOWS.length - 1])];
    for (int k = 0; k < deviations.length; k++) {
      deviations[deviations.length - 1 - k] = scale.deviation(newest - k);
    }
    return deviations;
  }

  /**
   * Whether most came at once. On a flank that falls the low of the last hours stands still at what
   * was before a step while the usual one falls, so a wide scale sees a step as a rise.
   */
  private boolean isOneMove(int window) {
    double[] z = newestDeviations(scales[0]);
    return Envelope.stepShare(z, Math.max(0, z.length - window), z.length, 2) > MOVE_SHARE;
  }

  private boolean isGrowth(double[] z, int from, double bytes, double level, double stepShare) {
    int to = z.length;
    int window = to - from;
    int half = from + window / 2;
    if (z[to - 1] - z[half] < MINIMUM_LATE_SHARE * (z[half] - z[from])) {
      return false;
    }
    double start = RobustStatistics.median(z, from, from + Math.max(1, window / 8));
    if (bytes - start < MINIMUM_RISE_SHARE * bytes
        || Envelope.stepShare(z, from, to, 2) > stepShare) {
      return false;
    }
    double perCycle =
        RobustStatistics.line(z, from, to).slope() * settings.floorsPerCycle() * perFloor;
    if (perCycle < settings.minimumRelativeRate() * level
        || RobustStatistics.kendall(z, from, to) < MINIMUM_TAU) {
      return false;
    }
    return !Saturation.bends(z, from, to);
  }

  long retainedBytes() {
    long bytes =
        stretches.retainedBytes() + sawtoothTest.retainedBytes() + cyclicTest.retainedBytes();
    bytes += rampTest == null ? 0 : rampTest.retainedBytes();
    for (MatchedScale scale : scales) {
      bytes += scale.retainedBytes();
    }
    return bytes;
  }
}
