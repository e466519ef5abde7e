package io.leakwatch.verdict;

import io.leakwatch.trend.TrendSettings;

/**
 * What counts as an hour and as a day where changes are put beside growth: the width of the
 * detector's floors, and the time after which a load repeats. Tests run at a pace at which both
 * last seconds.
 */
record Days(double hourSeconds, int hoursPerDay) {
  private static final int HOURS_PER_DAY = 24;

  static Days of(TrendSettings settings) {
    return new Days(settings.hour().toNanos() / 1e9, HOURS_PER_DAY);
  }

  double daySeconds() {
    return hourSeconds * hoursPerDay;
  }
}
