package io.leakwatch.evaluation.frontier;

import io.leakwatch.evaluation.Score;
import java.util.Arrays;
import java.util.List;

/**
 * The lowest thresholds by which the alarms on benign series keep to a budget for each band of age.
 *
 * <p>They are sought from the youngest band on, while the older ones stay silent: whether an alarm
 * is on depends on no older band, and an alarm there can only make a later one no new one. So what
 * was kept to stays kept to.
 */
final class Thresholds {
  private static final int HALVINGS = 30;

  private final List<ScoredSeries> benign;
  private final double[] days = new double[Score.BANDS.size()];
  private double lowest = Double.POSITIVE_INFINITY;
  private double highest = Double.NEGATIVE_INFINITY;

  Thresholds(List<ScoredSeries> series) {
    benign = series.stream().filter(ScoredSeries::benign).toList();
    for (ScoredSeries s : benign) {
      s.hours().forEach(hour -> days[hour.age()] += 1 / 24.0);
      for (double score : s.scores()) {
        lowest = Math.min(lowest, score);
        highest = Math.max(highest, score);
      }
    }
  }

  /**
   * The thresholds for a budget.
   *
   * @param budget false alarms in 1000 days, for each band
   */
  double[] within(double[] budget) {
    double[] thresholds = new double[budget.length];
    Arrays.fill(thresholds, Double.POSITIVE_INFINITY);
    for (int band = 0; band < budget.length; band++) {
      double tooLow = lowest;
      double kept = highest + 1;
      for (int i = 0; i < HALVINGS; i++) {
        thresholds[band] = (tooLow + kept) / 2;
        if (rates(thresholds)[band] <= budget[band]) {
          kept = thresholds[band];
        } else {
          tooLow = thresholds[band];
        }
      }
      thresholds[band] = kept;
    }
    return thresholds;
  }

  /** False alarms in 1000 days by band of age. */
  double[] rates(double[] thresholds) {
    int[] alarms = new int[days.length];
    benign.forEach(s -> s.countAlarms(thresholds, alarms));
    double[] rates = new double[days.length];
    for (int band = 0; band < rates.length; band++) {
      rates[band] = days[band] == 0 ? 0 : 1000 * alarms[band] / days[band];
    }
    return rates;
  }

  double days(int band) {
    return days[band];
  }
}
