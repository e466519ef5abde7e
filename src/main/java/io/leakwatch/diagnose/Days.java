package io.leakwatch.diagnose;

import io.leakwatch.trend.TrendSettings;

/**
 * What counts as an hour and as a day where changes are put beside growth: the width of the
 * detector's floors, and the time after which a load repeats. Tests run at a pace at which both
 * last seconds.
 */
record Days(double hourSeconds, int hoursPerDay) {
  static Days of(TrendSettings settings) {
    return new Days(settings.floorWidth().toNanos() / 1e9, settings.floorsPerCycle());
  }

  double daySeconds() {
    return hourSeconds * hoursPerDay;
  }
}
