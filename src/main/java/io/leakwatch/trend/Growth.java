package io.leakwatch.trend;

import io.leakwatch.sample.Signal;
import org.jspecify.annotations.Nullable;

/**
 * How one signal moves.
 *
 * @param pattern what it does where it does not grow without bound
 * @param leaks whether it grows without bound, more rarely seen than the budget of false alarms
 * @param danger whether it is on its way into the limit, whatever the cause
 * @param sinceSeconds when the growth began, in the samples' time, {@code NaN} without growth
 * @param bytesPerSecond of the growth that was found, else of the last day's floor
 * @param errorBytesPerSecond standard error of it, corrected for serial correlation
 * @param level the floor now
 * @param rise how much it rose since the growth began
 * @param risingFloors in how many hours since then the floor rose
 * @param floors how many hours those are
 * @param probability that the limit is reached if nothing is done, {@code NaN} without danger
 * @param evidence such growth is told once in so many days where nothing leaks; 0 without a leak
 */
public record Growth(
    Signal signal,
    Pattern pattern,
    boolean leaks,
    boolean danger,
    double sinceSeconds,
    double bytesPerSecond,
    double errorBytesPerSecond,
    double level,
    double rise,
    int risingFloors,
    int floors,
    double probability,
    double evidence) {

  /** The growth that is told of two: of the working set, unless only what is in use grows. */
  public static @Nullable Growth leading(@Nullable Growth anonymous, @Nullable Growth inUse) {
    boolean only = inUse != null && inUse.found() && (anonymous == null || !anonymous.found());
    return only ? inUse : anonymous;
  }

  /** Whether it grows in either way. */
  public boolean found() {
    return leaks || danger;
  }

  /** Whether it is too quick for the floors of hours to show it. */
  public boolean isQuick() {
    return danger && floors < QUICK_FLOORS;
  }

  private static final int QUICK_FLOORS = 4;

  Growth since(double seconds) {
    return new Growth(
        signal,
        pattern,
        leaks,
        danger,
        seconds,
        bytesPerSecond,
        errorBytesPerSecond,
        level,
        rise,
        risingFloors,
        floors,
        probability,
        evidence);
  }
}
