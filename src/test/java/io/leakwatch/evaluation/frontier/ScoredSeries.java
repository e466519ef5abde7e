package io.leakwatch.evaluation.frontier;

import io.leakwatch.evaluation.population.Plan;
import java.util.List;

/**
 * A series with a score for each of its hours. An alarm is on where the score is above a threshold
 * in two successive hours of a life; each band of age has its own threshold.
 */
record ScoredSeries(
    Plan.Group group, int band, double limitHours, List<HourlySeries.Hour> hours, double[] scores) {
  /** An alarm is a new one after so many hours without. */
  private static final double QUIET = 24;

  static ScoredSeries of(HourlySeries series, double[] scores) {
    return new ScoredSeries(
        series.group(), series.band(), series.limitHours(), series.hours(), scores);
  }

  boolean benign() {
    return group == Plan.Group.BENIGN;
  }

  private boolean isAbove(int i, double[] thresholds) {
    return scores[i] >= thresholds[hours.get(i).age()];
  }

  private boolean isOn(int i, double[] thresholds) {
    return i > 0
        && isAbove(i, thresholds)
        && isAbove(i - 1, thresholds)
        && hours.get(i - 1).life() == hours.get(i).life();
  }

  /** Adds the alarms by the band of age in which each begins. */
  void countAlarms(double[] thresholds, int[] alarms) {
    double last = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < scores.length; i++) {
      if (isOn(i, thresholds)) {
        double now = hours.get(i).watched();
        alarms[hours.get(i).age()] += now - last > QUIET ? 1 : 0;
        last = now;
      }
    }
  }

  /** Hours from the onset to the first hour with an alarm; infinite where there is none. */
  double delay(double[] thresholds) {
    for (int i = 0; i < scores.length; i++) {
      if (hours.get(i).sinceOnset() >= 0 && isOn(i, thresholds)) {
        return hours.get(i).sinceOnset();
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
