package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of a process beside its figures: its siblings, and the size that it states. */
class CircumstancesTest {
  private static final double DAY = 86400;
  private static final double NONE = Double.NaN;

  /** Straight growth from the start by 20 % of its begin a day. */
  private static final DoubleUnaryOperator STRAIGHT = day -> 2e9 * (1 + 0.2 * day);

  /** A leak of 8 % a day from the end of the second day on. */
  private static final DoubleUnaryOperator FROM_DAY_TWO =
      day -> 8e9 * (1 + 0.08 * Math.max(0, day - 2));

  /** 14 GB within six hours, after five quiet days. */
  private static final DoubleUnaryOperator SURGE = day -> 2e9 + 14e9 * Math.max(0, day - 5) * 4;

  /** All that is said of a series, sampled every five minutes. */
  private static List<Trend> watch(
      double days, DoubleUnaryOperator level, double limit, double siblingDays, double stated) {
    Detector detector = new Detector(Defaults.TREND);
    Random random = new Random(7);
    List<Trend> said = new ArrayList<>();
    for (double time = 0; time < days * DAY; time += 300) {
      double bytes = level.applyAsDouble(time / DAY) * (1 + 0.002 * random.nextGaussian());
      said.add(
          detector.accept(
              Sample.at(time, "1")
                  .set(Signal.RSS_ANON_BYTES, bytes)
                  .set(Signal.LIMIT_BYTES, limit)
                  .set(Signal.PROCESS_AGE_SECONDS, time)
                  .set(Signal.SIBLING_DAYS, siblingDays)
                  .set(Signal.STATED_BYTES, stated)
                  .build()));
    }
    return said;
  }

  /** The day on which growth is told first; infinite where it is not. */
  private static double told(List<Trend> said) {
    return said.stream()
        .filter(trend -> trend.anonymous() != null && trend.anonymous().found())
        .mapToDouble(trend -> trend.observed().seconds() / DAY)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  @Test
  void growthBelowAStatedSizeShouldBeToldAfterTwiceTheTime() {
    double without = told(watch(10, STRAIGHT, NONE, NONE, NONE));
    double with = told(watch(10, STRAIGHT, NONE, NONE, 4e9));
    double passed = (4e9 * 1.1 / 2e9 - 1) / 0.2;
    assertTrue(
        with > 1.6 * without && with < passed,
        () -> "after " + with + " days, without after " + without);
  }

  @Test
  void aDangerBelowAStatedSizeShouldBeToldLaterOrLessProbable() {
    List<Trend> without = watch(5.3, SURGE, 15e9, NONE, NONE);
    List<Trend> with = watch(5.3, SURGE, 15e9, NONE, 12e9);
    assertTrue(told(without) < 5.25, () -> "without: after " + told(without) + " days");
    assertTrue(told(with) > told(without), () -> "with: after " + told(with) + " days");
    assertTrue(told(with) < 5.25, "not at all before the limit");
  }

  /** What it says it will take, it cannot have. */
  @Test
  void aLimitBelowTheStatedSizeShouldBeADangerAsEver() {
    assertEquals(
        watch(5.3, SURGE, 15e9, NONE, NONE),
        watch(5.3, SURGE, 15e9, NONE, 14e9),
        "told " + told(watch(5.3, SURGE, 15e9, NONE, 14e9)));
  }

  @Test
  void daysOfSiblingsShouldMakeASlowLeakToldSooner() {
    double alone = told(watch(12, FROM_DAY_TWO, NONE, NONE, NONE));
    double before = alone;
    for (double days : new double[] {1, 4, 30}) {
      double with = told(watch(12, FROM_DAY_TWO, NONE, days, NONE));
      double last = before;
      assertTrue(with > 2 && with <= last, () -> with + " with " + days + ", before " + last);
      before = with;
    }
    double most = before;
    assertTrue(alone < 12 && most < alone - 4 / 24.0, () -> most + " days, alone " + alone);
  }

  @Test
  void siblingsShouldSayNothingOfTheFirstDay() {
    DoubleUnaryOperator filling = day -> 2e9 * (1 + day);
    List<Trend> alone = watch(0.99, filling, NONE, NONE, NONE);
    assertEquals(alone, watch(0.99, filling, NONE, 60, NONE));
  }

  /** A recorded figure may be anything. */
  @ParameterizedTest
  @ValueSource(doubles = {0, -1e12, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY})
  void figuresThatAreNoneShouldChangeNothing(double figure) {
    assertEquals(watch(4, STRAIGHT, 32e9, NONE, NONE), watch(4, STRAIGHT, 32e9, figure, figure));
  }

  @Test
  void aStatedSizeThatWasReachedLongAgoShouldChangeNothing() {
    assertEquals(watch(6, FROM_DAY_TWO, 32e9, NONE, NONE), watch(6, FROM_DAY_TWO, 32e9, NONE, 1e9));
  }
}
