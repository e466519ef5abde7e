package io.leakwatch.evaluation.frontier;

import io.leakwatch.evaluation.Score;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Scenario;
import io.leakwatch.trend.HourFigures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The closed hours of a drawn series, with what a learner is given of each.
 *
 * @param limitHours from the onset to the limit; infinite where it is not reached
 * @param figures a row of {@link HourFigures} for each hour
 */
record HourlySeries(
    Plan.Group group, int band, double limitHours, List<Hour> hours, float[] figures) {
  private static final double HOUR = 3600;

  /** Bytes from this share of the limit on are at the limit, as in {@link Score}. */
  private static final double AT_THE_LIMIT = .97;

  /**
   * One hour.
   *
   * @param watched hours since the first sample
   * @param sinceOnset hours; {@code NaN} in a benign series
   * @param age band of the age, {@link Score#BANDS}
   * @param leaks whether something leaks in this life by now
   */
  record Hour(double watched, double sinceOnset, int age, int life, boolean leaks) {}

  /**
   * Draws a series.
   *
   * @param every only one of so many hours is kept
   * @param offset the first that is kept
   */
  static HourlySeries of(Scenario s, int every, int offset) {
    int[] onsets = new int[s.life()[s.length() - 1] + 1];
    Arrays.fill(onsets, Integer.MAX_VALUE);
    for (int onset : s.lifeOnsets()) {
      onsets[s.life()[onset]] = onset;
    }
    int width = HourFigures.names().size();
    float[] rows = new float[((int) (24 * s.days()) / every + 2) * width];
    List<Hour> hours = new ArrayList<>();
    HourFigures figures = new HourFigures();
    int born = 0;
    int closed = 0;
    for (int i = 0; i < s.length(); i++) {
      if (s.life()[i] != s.life()[born]) {
        figures.restart();
        born = i;
      }
      double lived = (s.seconds()[i] - s.seconds()[born]) / HOUR;
      if (figures.accept(lived, s.bytes()[i], s.ageSeconds()[i] / HOUR)
          && closed++ % every == offset) {
        figures.write(rows, hours.size() * width);
        hours.add(
            new Hour(
                (s.seconds()[i] - s.seconds()[0]) / HOUR,
                sinceOnset(s, i),
                Score.band(s.ageSeconds()[i]),
                s.life()[i],
                i >= onsets[s.life()[i]]));
      }
    }
    return new HourlySeries(
        s.group(),
        s.band(),
        limitHours(s),
        List.copyOf(hours),
        Arrays.copyOf(rows, hours.size() * width));
  }

  private static double sinceOnset(Scenario s, int i) {
    return s.benign() ? Double.NaN : (s.seconds()[i] - s.seconds()[s.onset()]) / HOUR;
  }

  private static double limitHours(Scenario s) {
    for (int i = s.benign() ? s.length() : s.onset(); i < s.length(); i++) {
      if (s.bytes()[i] >= AT_THE_LIMIT * s.limit()[i]) {
        return sinceOnset(s, i);
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
