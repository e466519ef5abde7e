package io.leakwatch.trend;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.statistics.Floors;
import io.leakwatch.trend.statistics.RobustStatistics;
import java.util.Arrays;

/** What the allocator of one process keeps of what the application has freed. */
final class HeldMemory {
  private static final double HELD_SHARE = 0.25;
  private static final int HELD_WINDOWS = 4;
  private static final int HELD_WALKS = 4;
  private static final double SETTLED_SHARE = 0.8;

  private final double minimumRiseBytes;
  private final Floors unused = new Floors(TrendSettings.HOURS_KEPT);
  private final double[] walked = new double[HELD_WALKS];
  private double pinnedBytes = Double.NaN;
  private double since = Double.NaN;
  private Trend.Held held = Trend.Held.NONE;

  HeldMemory(double minimumRiseBytes) {
    this.minimumRiseBytes = minimumRiseBytes;
  }

  void clear() {
    unused.clear();
    Arrays.fill(walked, 0);
    pinnedBytes = Double.NaN;
    since = Double.NaN;
    held = Trend.Held.NONE;
  }

  Trend.Held now() {
    return held;
  }

  long retainedBytes() {
    return unused.retainedBytes();
  }

  /**
   * What the allocator keeps without its being in use: the bytes free in the heaps where a walk saw
   * them, else what the working set is above the bytes in use. Of free bytes only those count that
   * are backed by memory: huge pages may fill what had been given back, and then the allocator
   * keeps more although nothing was freed. All figures come from one sample, for a walk is rarer
   * than a sample and an old figure would make any growth since look held.
   */
  void accept(long bin, Sample sample, double resident) {
    if (Detector.isFigure(sample.get(Signal.PINNED_BYTES))) {
      pinnedBytes = sample.get(Signal.PINNED_BYTES);
    }
    double free = sample.get(Signal.HEAP_FREE_BYTES);
    double unusedMemory = Math.max(0, resident - sample.get(Signal.IN_USE_BYTES));
    double trimmable = sample.get(Signal.TRIMMABLE_BYTES);
    if (!Detector.isFigure(free)) {
      free = unusedMemory;
    } else if (Detector.isFigure(trimmable) && Detector.isFigure(unusedMemory)) {
      free = Math.min(free, Math.max(trimmable, unusedMemory));
    }
    if (Detector.isFigure(free)) {
      unused.accept(bin, free);
      System.arraycopy(walked, 1, walked, 0, walked.length - 1);
      walked[walked.length - 1] = free;
    }
  }

  /** Whether it neither shrinks nor grows: what is reused again, as by a sawtooth, is not held. */
  private static boolean isSettled(double[] values, int from, int to) {
    double high = 0;
    for (int i = from; i < to; i++) {
      high = Math.max(high, values[i]);
    }
    return RobustStatistics.min(values, from, to) >= SETTLED_SHARE * high;
  }

  /**
   * Weighs what is held now against the least that was held before.
   *
   * @param elapsed seconds since the first sample
   */
  void judge(Course course, double elapsed) {
    if (unused.size() < TrendSettings.HOURS_PER_DAY / 2) {
      return;
    }
    if (course.hourCount() == 0) {
      return;
    }
    double excess = settledExcess(unused.toArray(), course.hour(course.hourCount() - 1));
    if (excess > minimumRiseBytes) {
      since = Double.isNaN(since) ? elapsed : since;
      held = new Trend.Held(excess, elapsed - since, pinnedBytes);
    } else {
      since = Double.NaN;
      held = Trend.Held.NONE;
    }
  }

  /** What lately was held beyond the least, 0 where it moves or is little beside the level. */
  private double settledExcess(double[] gap, double level) {
    int n = gap.length;
    int from = Math.max(0, n - Math.max(3, TrendSettings.HOURS_PER_DAY / HELD_WINDOWS));
    if (!isSettled(gap, from, n) || !isSettled(walked, 0, walked.length)) {
      return 0;
    }
    double lately = RobustStatistics.min(gap, from, n);
    double least = RobustStatistics.min(gap, 0, n);
    if (lately - least <= HELD_SHARE * level) {
      return 0;
    }
    double usual = RobustStatistics.median(gap, 0, Math.max(1, n / 4));
    double excess = lately - Math.min(usual, least + HELD_SHARE / 2 * level);
    return excess > HELD_SHARE * level ? excess : 0;
  }
}
