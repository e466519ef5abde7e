package io.leakwatch.trend;

import java.time.Duration;

/**
 * The settings of the {@link Detector}. All its times hang on one, so that a test of the whole
 * program sees a month within a minute.
 *
 * @param hour what the detector takes for an hour; a day has 24 of them
 * @param falseAlarms how many false alarms may be reported, in units of the calibrated number;
 *     twice as many make it quicker, half as many slower
 * @param minimumRiseBytes smallest rise that is reported
 * @param minimumLimitShare smallest rise that is reported, as a share of the limit
 */
public record TrendSettings(
    Duration hour, double falseAlarms, double minimumRiseBytes, double minimumLimitShare) {
  static final int HOURS_PER_DAY = 24;

  /** Days of floors that are remembered. */
  static final int DAYS_KEPT = 35;

  static final int HOURS_KEPT = DAYS_KEPT * HOURS_PER_DAY;

  public TrendSettings {
    if (hour.isNegative() || hour.isZero() || !(falseAlarms > 0)) {
      throw new IllegalArgumentException("hour and false-alarms must be above 0");
    }
  }

  double hourSeconds() {
    return hour.toNanos() / 1e9;
  }

  double daySeconds() {
    return hourSeconds() * HOURS_PER_DAY;
  }
}
