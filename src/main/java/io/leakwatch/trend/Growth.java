package io.leakwatch.trend;

import io.leakwatch.sample.Signal;
import org.jspecify.annotations.Nullable;

/**
 * How one signal moves.
 *
 * @param pattern what it does where it does not grow without bound
 * @param sinceSeconds when the growth began, in the samples' time, {@code NaN} without growth
 * @param rate of the growth that was found, else of the last day's floor
 * @param rise of the floors since the growth began
 * @param probability that the limit is reached if nothing is done, {@code NaN} without danger
 * @param evidence such growth is reported once in so many days where nothing leaks; 0 without a
 *     leak
 */
public record Growth(
    Signal signal,
    Pattern pattern,
    double sinceSeconds,
    Rate rate,
    Rise rise,
    double probability,
    double evidence) {
  private static final int QUICK_FLOORS = 4;

  /**
   * How fast it moves; a resource that is counted, by so many a second.
   *
   * @param errorBytesPerSecond standard error of it, corrected for serial correlation
   */
  public record Rate(double bytesPerSecond, double errorBytesPerSecond) {}

  /**
   * How the hours' floors rose since the growth began.
   *
   * @param level the floor now, bytes
   * @param bytes how much it rose
   * @param risingFloors in how many hours the floor rose
   * @param floors how many hours those are
   */
  public record Rise(double level, double bytes, int risingFloors, int floors) {}

  /** The growth that is reported of two: of the working set, unless only what is in use grows. */
  public static @Nullable Growth leading(@Nullable Growth anonymous, @Nullable Growth inUse) {
    boolean only = inUse != null && inUse.found() && (anonymous == null || !anonymous.found());
    return only ? inUse : anonymous;
  }

  /** Whether it grows without bound, more rarely seen than the budget of false alarms. */
  public boolean leaks() {
    return evidence > 0;
  }

  /** Whether it is on its way into the limit, whatever the cause. */
  public boolean danger() {
    return !Double.isNaN(probability);
  }

  /** Whether it grows in either way. */
  public boolean found() {
    return leaks() || danger();
  }

  /** Whether it is too quick for the floors of hours to show it. */
  public boolean isQuick() {
    return danger() && rise.floors() < QUICK_FLOORS;
  }

  Growth since(double seconds) {
    return new Growth(signal, pattern, seconds, rate, rise, probability, evidence);
  }
}
