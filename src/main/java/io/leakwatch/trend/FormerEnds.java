package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * How the former incarnations of a process ended. What rose steeply into its limit once may do so
 * again at the same pace: then three samples say what else takes a window of eight blocks. What was
 * reached and held is refilled after each restart, and no danger.
 */
final class FormerEnds {
  /**
   * An incarnation ended at its limit that was so near to it, or would have been at the next
   * sample.
   */
  private static final double AT_LIMIT = 0.9;

  /** A rise over the newest samples is steep from this share of the level on. */
  private static final double STEEP = 0.02;

  /** The same pace is at least this part of the former one. */
  private static final double SAME_PACE = 0.5;

  /** A level was common to who lived on for half a day, or for as long as it took. */
  private static final int COMMON_FINES = 12 * Course.FINE_PER_HOUR;

  /** A level was held by who lived on for so long. */
  private static final int HELD_FINES = 8 * Course.FINE_PER_HOUR;

  /** What is above a common level by so much of the way to the limit is news. */
  private static final double NEWS = 0.1;

  /** Samples that show a pace. */
  private static final int SAMPLES_MIN = 3;

  /** A lower probability is not reported. */
  private static final double ASK = 0.5;

  private double fatalPace = Double.NaN;
  private int fatal;
  private int harmless;
  private double steepest;
  private double common;
  private double held;

  /**
   * An incarnation has ended.
   *
   * @param limit the last that was known of it
   */
  void ended(Course course, double limit) {
    double pace = course.newestPace(SAMPLES_MIN);
    double span = course.newestSpan(SAMPLES_MIN);
    double next = course.newest() + pace * span / (SAMPLES_MIN - 1);
    if (next >= AT_LIMIT * limit && pace * span >= STEEP * course.newest()) {
      fatalPace = fatal == 0 ? pace : Math.min(fatalPace, pace);
      fatal++;
    } else if (fatal > 0 && steepest >= SAME_PACE * fatalPace) {
      harmless++;
    }
    steepest = 0;
    long half = course.fineCount() / 2;
    common = Math.max(common, course.highBefore(Math.min(COMMON_FINES, half)));
    held = Math.max(held, course.highBefore(HELD_FINES));
  }

  /** The highest level that a former incarnation held. */
  double held() {
    return held;
  }

  /**
   * Judges the newest samples by the incarnations that ended at the limit.
   *
   * @return null where they do not rise like those
   */
  DangerTest.@Nullable Danger judge(Course course, double limit) {
    if (fatal == 0 || !(limit > 0)) {
      return null;
    }
    if (course.newest() < common + NEWS * (limit - common)) {
      return null; // Former incarnations have been there, and ran on.
    }
    double pace = course.newestPace(SAMPLES_MIN);
    steepest = Math.max(steepest, pace);
    double probability = (fatal + 1.0) / (fatal + harmless + 2.0);
    if (!(pace >= SAME_PACE * fatalPace) || probability < ASK) {
      return null;
    }
    double left = Math.max(0, limit - course.newest()) / pace;
    double span = course.newestSpan(SAMPLES_MIN);
    return new DangerTest.Danger(probability, left, span, pace);
  }
}
