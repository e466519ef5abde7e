package io.leakwatch.config;

import java.time.Duration;
import java.util.Set;

/**
 * The keys whose 0 means something, which their comment in {@code reference.conf} says. Any other
 * number that is 0 would turn off what it bounds, or the bound.
 */
final class ZeroKeys {
  private static final Set<String> MEANINGFUL =
      Set.of(
          "targets.limit-bytes",
          "history.max-pending-samples",
          "trend.minimum-rise-bytes",
          "trend.minimum-limit-share",
          "severity.critical-exhaustion",
          "severity.critical-evidence",
          "severity.warning-exhaustion",
          "severity.horizon",
          "severity.minimum-bytes-per-day",
          "severity.raise-after",
          "severity.clear-after",
          "severity.absence",
          "alert.resolved-retention",
          "diagnosis.pause",
          "diagnosis.content.pages-max",
          "diagnosis.content.samples-max",
          "diagnosis.holders.groups-max",
          "diagnosis.holders.pins-max");

  private ZeroKeys() {}

  /**
   * Whether a value is a 0 that means nothing.
   *
   * @param path of the key below {@link Configuration#ROOT}
   */
  static boolean refuses(String path, Object value) {
    boolean zero =
        value instanceof Number number
            ? number.doubleValue() == 0
            : value instanceof Duration duration && duration.isZero();
    return zero && !MEANINGFUL.contains(path);
  }
}
