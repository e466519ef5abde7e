package io.leakwatch.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Scenario;
import io.leakwatch.sample.Sample;
import io.leakwatch.verdict.VerdictKind;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;

class ScoreTest {
  private static final double GB = 1e9;

  /** Hourly samples of six days, 1 GB of 10 unless {@code bytes} says otherwise. */
  private static Scenario series(int onset, DoubleFunction<Double> bytes) {
    int n = 144;
    double[] seconds = new double[n];
    double[] level = new double[n];
    double[] age = new double[n];
    double[] limit = new double[n];
    Arrays.fill(limit, 10 * GB);
    for (int i = 0; i < n; i++) {
      seconds[i] = 1000 + 3600.0 * i;
      level[i] = bytes.apply(i) * GB;
      age[i] = 3600.0 * i;
    }
    return new Scenario(
        "test",
        onset < 0 ? Plan.Group.BENIGN : Plan.Group.GRID,
        0,
        0,
        "",
        List.of(),
        "",
        seconds,
        level,
        new double[0],
        new double[0],
        age,
        new int[n],
        limit,
        onset,
        new double[n],
        onset < 0 ? new int[0] : new int[] {onset},
        List.of());
  }

  /** Tells a kind from one sample up to another. */
  private record Span(VerdictKind kind, int from, int to, double probability) {
    Span(VerdictKind kind, int from, int to) {
      this(kind, from, to, Double.NaN);
    }
  }

  private static Score score(Scenario series, Span... spans) {
    return Score.of(
        series,
        new Contestant() {
          private int i;

          @Override
          public void restart() {
            i = 0;
          }

          @Override
          public Told accept(Sample sample) {
            int now = i++;
            for (Span span : spans) {
              if (now >= span.from() && now < span.to()) {
                return new Told(
                    span.kind(), Severity.WARNING, span.probability(), 12 * 3600, "because");
              }
            }
            return new Told(VerdictKind.STEADY, Severity.NONE, Double.NaN, Double.NaN, "");
          }
        },
        Scenario.Given.NOTHING);
  }

  @Test
  void shouldCountAnAlarmOfAKindAfterADayWithoutIt() {
    Score score =
        score(
            series(-1, i -> 1.0),
            new Span(VerdictKind.GROWING, 10, 20),
            new Span(VerdictKind.GROWING, 30, 32),
            new Span(VerdictKind.LEAK, 33, 40),
            new Span(VerdictKind.GROWING, 100, 101));
    assertEquals(
        List.of(Score.Message.DANGER, Score.Message.LEAK, Score.Message.DANGER),
        score.alarms().stream().map(Score.Alarm::message).toList());
    assertEquals(
        List.of(true, false, true), score.alarms().stream().map(Score.Alarm::first).toList());
    assertEquals(1, Score.band(score.alarms().get(0).ageSeconds()));
    assertEquals(8, score.changes());
  }

  @Test
  void shouldExcuseARecordThatCoversHalfOfTheWayWithinTwelveHours() {
    Span alarm = new Span(VerdictKind.GROWING, 50, 52);
    assertTrue(score(series(-1, i -> i < 60 ? 1 : 5.6), alarm).alarms().get(0).excused());
    assertFalse(score(series(-1, i -> i < 60 ? 1 : 5.4), alarm).alarms().get(0).excused());
    assertFalse(score(series(-1, i -> i < 63 ? 1 : 5.6), alarm).alarms().get(0).excused());
    assertFalse(
        score(series(-1, i -> i == 20 ? 6 : i < 60 ? 1 : 5.6), alarm).alarms().get(0).excused());
  }

  @Test
  void shouldCountWhatIsToldBeforeTheOnsetAsFalse() {
    Score score =
        score(
            series(48, i -> 1 + Math.max(0, i - 48) * .09),
            new Span(VerdictKind.GROWING, 10, 12),
            new Span(VerdictKind.GROWING, 58, 70),
            new Span(VerdictKind.LEAK, 70, 144));
    assertEquals(1, score.alarms().size());
    assertEquals(10, score.firstHours());
    assertEquals(10, score.dangerHours());
    assertEquals(22, score.leakHours());
    assertEquals(2, score.daysByAge()[0] + score.daysByAge()[1] + score.daysByAge()[2], .1);
    assertFalse(score.ranIntoLimit());
  }

  @Test
  void shouldTellWhetherTheLimitCameUnannounced() {
    DoubleFunction<Double> leak = i -> Math.min(10, 1 + Math.max(0, i - 48) * .2);
    assertTrue(score(series(48, leak)).unannounced());
    assertTrue(score(series(48, leak), new Span(VerdictKind.LEAK, 95, 96)).unannounced());
    Score told = score(series(48, leak), new Span(VerdictKind.LEAK, 60, 96));
    assertFalse(told.unannounced());
    assertEquals(44, told.limitHours());
    assertEquals(32, told.leadHours());
  }

  @Test
  void shouldAskOfAProbabilityWhetherItCameTrueWithinItsHorizon() {
    DoubleFunction<Double> leak = i -> Math.min(10, 1 + Math.max(0, i - 48) * .2);
    Score score =
        score(
            series(48, leak),
            new Span(VerdictKind.GROWING, 60, 70, .3),
            new Span(VerdictKind.GROWING, 85, 90, .8),
            new Span(VerdictKind.GROWING, 140, 141, .5));
    assertEquals(3, score.forecasts().size());
    assertEquals(0, score.forecasts().get(0)[1]);
    assertEquals(1, score.forecasts().get(1)[1]);
  }
}
