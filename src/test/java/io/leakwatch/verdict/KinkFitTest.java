package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a level series begins to rise, and how well that is known. */
class KinkFitTest {
  private static final int DAY = 24;
  private static final int LEVEL = 5 * DAY;

  /** A level of 100 that rises by {@code slope} an hour from a place on, and wanders. */
  private static double[] series(Random random, double kink, int n, double slope, double noise) {
    double[] series = new double[n];
    double error = 0;
    for (int i = 0; i < n; i++) {
      error = 0.6 * error + 0.8 * noise * random.nextGaussian();
      series[i] = 100 + slope * Math.max(0, i - kink) + error;
    }
    return series;
  }

  private static KinkFit.Place find(double[] series, int about, int cycle) {
    return KinkFit.find(series, new double[series.length], about, cycle);
  }

  /** As where an hour has one sample, which comes when it comes. */
  @Test
  void aValueShouldCountWhereItWasSeen() {
    double[] seen = new Random(9).doubles(LEVEL + 36, 0.4, 1).toArray();
    for (double kink = LEVEL - 2; kink < LEVEL + 2; kink += 0.25) {
      double[] series = new double[seen.length];
      for (int i = 0; i < series.length; i++) {
        series[i] = 100 + Math.max(0, i + seen[i] - kink);
      }
      assertEquals(kink, KinkFit.find(series, seen, LEVEL, DAY).best(), 1e-9);
    }
  }

  @Test
  void aCleanKinkShouldBeFoundToAQuarterOfAnHour() {
    for (double kink = LEVEL - 2; kink < LEVEL + 2; kink += 0.25) {
      KinkFit.Place place = find(series(new Random(1), kink, LEVEL + 36, 1, 1e-6), LEVEL, DAY);
      assertEquals(kink, place.best(), 1e-9);
      assertTrue(place.earliest() <= kink && kink <= place.latest());
      assertTrue(place.latest() - place.earliest() <= 1.5, place::toString);
    }
  }

  /** The interval is one of 90 %, and not wider than the noise asks for. */
  @ParameterizedTest
  @ValueSource(doubles = {0.2, 1, 3})
  void theIntervalShouldHoldTheTruthAsOftenAsItSays(double noise) {
    Random random = new Random(7);
    int held = 0;
    int rounds = 400;
    double[] widths = new double[rounds];
    double[] errors = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      double kink = LEVEL + random.nextDouble() * 4 - 2;
      KinkFit.Place place = find(series(random, kink, LEVEL + 30, 0.5, noise), LEVEL, DAY);
      held += place.earliest() <= kink && kink <= place.latest() ? 1 : 0;
      widths[round] = place.latest() - place.earliest();
      errors[round] = Math.abs(place.best() - kink);
    }
    Arrays.sort(widths);
    Arrays.sort(errors);
    double share = held / (double) rounds;
    assertTrue(share >= 0.87, () -> "held in " + share);
    assertTrue(errors[rounds / 2] <= 0.3 + noise, () -> "off by " + errors[rounds / 2]);
    assertTrue(widths[rounds / 2] <= 2 + 6 * noise, () -> "wide " + widths[rounds / 2]);
  }

  @Test
  void theCourseOfTheDayShouldNotBeTakenForARise() {
    double[] series = series(new Random(3), LEVEL + 0.5, LEVEL + 30, 1, 0.1);
    for (int i = 0; i < series.length; i++) {
      series[i] += 30 * Math.sin(2 * Math.PI * i / DAY);
    }
    KinkFit.Place place = find(series, LEVEL, DAY);
    assertEquals(LEVEL + 0.5, place.best(), 0.5);
  }

  @Test
  void hoursThatWereNotSeenShouldBeDoneWithout() {
    Random random = new Random(5);
    double[] series = series(random, LEVEL, LEVEL + 30, 1, 0.1);
    IntStream.range(0, series.length)
        .filter(i -> random.nextInt(3) == 0)
        .forEach(i -> series[i] = Double.NaN);
    assertEquals(LEVEL, find(series, LEVEL, DAY).best(), 1);
  }

  @Test
  void noiseShouldHaveNoKink() {
    Random random = new Random(8);
    int found = 0;
    for (int round = 0; round < 500; round++) {
      found += find(series(random, 0, LEVEL + 30, 0, 1), LEVEL, DAY).isKnown() ? 1 : 0;
    }
    assertTrue(found <= 10, found + " of 500");
  }

  @Test
  void whatDoesNotRiseShouldHaveNoKink() {
    double[] falls = series(new Random(2), LEVEL, LEVEL + 30, -1, 0.01);
    assertFalse(find(falls, LEVEL, DAY).isKnown());
    double[] level = new double[100];
    assertFalse(find(level, 50, DAY).isKnown());
    double[] unseen = new double[100];
    Arrays.fill(unseen, Double.NaN);
    assertFalse(find(unseen, 50, DAY).isKnown());
    assertFalse(find(new double[0], 0, DAY).isKnown());
  }

  /** Warming up and leaking at once looks like a rise from the start on. */
  @Test
  void aRiseFromTheStartShouldReachBackToIt() {
    double[] series = new double[100];
    for (int i = 0; i < series.length; i++) {
      series[i] = 100 + 50 * (1 - Math.exp(-i / 12.0)) + i;
    }
    KinkFit.Place place = find(series, 40, DAY);
    assertEquals(0, place.earliest());
    assertTrue(place.best() <= 1, place::toString);
  }
}
