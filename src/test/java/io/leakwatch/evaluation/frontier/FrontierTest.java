package io.leakwatch.evaluation.frontier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.evaluation.population.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrontierTest {
  private static final double[] LIFE = {0, 6, 24, 72, 168};
  private static final double NEVER = Double.POSITIVE_INFINITY;
  private final Random random = new Random(7);

  private static int age(int hour) {
    int band = 0;
    while (band + 1 < LIFE.length && hour >= LIFE[band + 1]) {
      band++;
    }
    return band;
  }

  /** Two lives of ten days, with scores that stay alike for some hours. */
  private ScoredSeries benign() {
    List<HourlySeries.Hour> hours = new ArrayList<>();
    double[] scores = new double[480];
    double score = 0;
    for (int i = 0; i < scores.length; i++) {
      int life = i / 240;
      hours.add(new HourlySeries.Hour(i, Double.NaN, age(i % 240), life, false));
      score = .8 * score + random.nextGaussian();
      scores[i] = score;
    }
    return new ScoredSeries(Plan.Group.BENIGN, -1, NEVER, hours, scores);
  }

  private static ScoredSeries leak(double... scores) {
    List<HourlySeries.Hour> hours = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      hours.add(new HourlySeries.Hour(i, i - 2, 0, i < 5 ? 0 : 1, i >= 2));
    }
    return new ScoredSeries(Plan.Group.GRID, 0, NEVER, hours, scores);
  }

  @Test
  void shouldKeepToABudgetAndUseIt() {
    List<ScoredSeries> series = new ArrayList<>();
    for (int k = 0; k < 200; k++) {
      series.add(benign());
    }
    Thresholds thresholds = new Thresholds(series);
    double[] budget = {40, 30, 20, 10, 10};
    double[] chosen = thresholds.within(budget);
    double[] rates = thresholds.rates(chosen);
    for (int band = 0; band < budget.length; band++) {
      assertTrue(rates[band] <= budget[band], "band " + band);
      assertTrue(rates[band] >= .5 * budget[band], "band " + band);
    }
    double[] tighter = thresholds.within(new double[] {20, 15, 10, 5, 5});
    for (int band = 0; band < budget.length; band++) {
      assertTrue(tighter[band] >= chosen[band], "band " + band);
    }
    assertArrayEquals(new double[5], thresholds.rates(thresholds.within(new double[5])));
  }

  @Test
  void shouldAskForTwoHoursOfOneLife() {
    double[] thresholds = {1, 1, 1, 1, 1};
    assertEquals(2, leak(0, 0, 0, 2, 2, 0).delay(thresholds));
    assertEquals(NEVER, leak(0, 0, 2, 0, 2, 2, 0).delay(thresholds));
    assertEquals(0, leak(0, 2, 2, 0, 0, 0).delay(thresholds));
    assertEquals(NEVER, leak(2, 2, 0, 0, 0, 0).delay(thresholds));
  }

  @Test
  void shouldCountAnAlarmAgainAfterADay() {
    List<HourlySeries.Hour> hours = new ArrayList<>();
    double[] scores = new double[100];
    for (int i = 0; i < scores.length; i++) {
      hours.add(new HourlySeries.Hour(i, Double.NaN, age(i), 0, false));
      scores[i] = i == 1 || i == 2 || i == 10 || i == 11 || i == 90 || i == 91 ? 2 : 0;
    }
    int[] alarms = new int[5];
    new ScoredSeries(Plan.Group.BENIGN, -1, NEVER, hours, scores)
        .countAlarms(new double[] {1, 1, 1, 1, 1}, alarms);
    assertArrayEquals(new int[] {1, 0, 0, 1, 0}, alarms);
  }

  @Test
  void shouldNotRunWithArgumentsItDoesNotKnow() {
    assertThrows(IllegalArgumentException.class, () -> Frontier.Settings.of("seeds=1:2"));
    assertThrows(IllegalArgumentException.class, () -> Frontier.Settings.of("rates=1,2"));
    assertEquals(60, Frontier.Settings.of().judged().count());
  }
}
