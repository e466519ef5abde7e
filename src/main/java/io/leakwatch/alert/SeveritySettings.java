package io.leakwatch.alert;

import java.time.Duration;

/**
 * When growth is worth telling.
 *
 * @param criticalExhaustion a limit that is reached within this time is critical
 * @param warningExhaustion growth that the load explains is told only when a limit is this near
 * @param minimumBytesPerDay growth below it is not told unless a limit is near
 * @param raiseAfter a higher severity is told after it has held this long
 * @param clearAfter a lower severity is told after it has held this long
 */
public record SeveritySettings(
    Duration criticalExhaustion,
    Duration warningExhaustion,
    double minimumBytesPerDay,
    Duration raiseAfter,
    Duration clearAfter) {

  public static SeveritySettings defaults() {
    return new SeveritySettings(
        Duration.ofHours(24), Duration.ofDays(3), 0, Duration.ZERO, Duration.ofHours(2));
  }

  /** For tests and demonstrations: seconds instead of days. */
  public static SeveritySettings fast() {
    return new SeveritySettings(
        Duration.ofSeconds(12), Duration.ofSeconds(36), 0, Duration.ZERO, Duration.ofSeconds(2));
  }
}
