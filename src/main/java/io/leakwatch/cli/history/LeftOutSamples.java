package io.leakwatch.cli.history;

import io.leakwatch.text.Quantity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The samples that an import does not take, and why. */
final class LeftOutSamples {
  private final Duration retention;
  private final double beforeSeconds;
  private final double nowSeconds;
  private long overlapping;
  private long unordered;
  private long old;
  private long future;
  private long unusable;

  /**
   * None yet.
   *
   * @param beforeSeconds what is taken ends before it, infinite where nothing is recorded
   */
  LeftOutSamples(Duration retention, double beforeSeconds, double nowSeconds) {
    this.retention = retention;
    this.beforeSeconds = beforeSeconds;
    this.nowSeconds = nowSeconds;
  }

  /** What is older would be forgotten at once. */
  double oldestSeconds() {
    return nowSeconds - retention.toSeconds();
  }

  /** Whether a time is one that can be taken; counts it where not. */
  boolean fits(double timeSeconds) {
    if (timeSeconds >= beforeSeconds) {
      overlapping++;
    } else if (timeSeconds > nowSeconds) {
      future++;
    } else if (timeSeconds < oldestSeconds()) {
      old++;
    } else {
      return true;
    }
    return false;
  }

  /** So many were not later than the one before. */
  void unordered(long count) {
    unordered += count;
  }

  /** One was no figure. */
  void unusable() {
    unusable++;
  }

  /** Whether some are of a time that is recorded already. */
  boolean areThereAlready() {
    return overlapping > 0;
  }

  /** How many are left out for what, {@code ""} where none is. */
  String text() {
    List<String> parts = new ArrayList<>();
    add(
        parts,
        overlapping,
        "not earlier than the first recorded sample (" + TakenSamples.at(beforeSeconds) + ")");
    add(
        parts,
        old,
        "older than history.retention ("
            + Quantity.duration(retention)
            + "; times are seconds since 1970)");
    add(parts, future, "later than now");
    add(parts, unordered, "not later than the one before");
    add(parts, unusable, "not a number of bytes or a count");
    return String.join(", ", parts);
  }

  private static void add(List<String> parts, long count, String why) {
    if (count > 0) {
      parts.add(count + " " + why);
    }
  }
}
