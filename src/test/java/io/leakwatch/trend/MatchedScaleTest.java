package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchedScaleTest {
  private static final int CYCLE = 96;
  private final MatchedScale scale =
      new MatchedScale(TrendSettings.defaults(), 2, new int[] {2, 4});

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 8, 12, 20, 50})
  void shouldAskForStudentsQuantile(int freedom) {
    double tail = new NormalDistribution().cumulativeProbability(-4);
    double quantile = -new TDistribution(freedom).inverseCumulativeProbability(tail);
    assertEquals(quantile, MatchedScale.studentQuantile(freedom, 4), 0.1 * quantile);
  }

  @Test
  void shouldAskForMoreThanAnythingOfWhatNeverSwung() {
    assertEquals(Double.POSITIVE_INFINITY, MatchedScale.studentQuantile(0, 4));
  }

  private void watch(double[] values) {
    for (int end = 1; end <= values.length; end++) {
      scale.accept(values, end, end - 1);
    }
  }

  @Test
  void shouldNotLetARestlessTimeOfTheDayHideAQuietOne() {
    Random random = new Random(1);
    double[] values = new double[6 * CYCLE + 3 * CYCLE / 4];
    for (int i = 0; i < values.length; i++) {
      double restless = i % CYCLE < CYCLE / 2 ? 3e8 : 1e7;
      values[i] = 1e9 + restless * random.nextDouble();
    }
    int newest = values.length - 1;
    values[newest] = values[newest - 1] = 1.15e9;
    watch(values);
    assertTrue(scale.isReady());
    assertTrue(scale.standing(newest) > 1, () -> "stands " + scale.standing(newest));
  }

  @Test
  void shouldLetWhatKeptLevelExactlyStandOutButNotWhatHadNothing() {
    double[] values = new double[7 * CYCLE];
    Arrays.fill(values, 1e9);
    int newest = values.length - 1;
    values[newest] = values[newest - 1] = 1.1e9;
    watch(values);
    assertTrue(scale.standing(newest) > 1, () -> "stands " + scale.standing(newest));

    for (int i = 0; i < values.length; i++) {
      values[i] -= 1e9;
    }
    scale.clear();
    watch(values);
    assertEquals(0, scale.standing(newest));
  }

  @Test
  void shouldNotLetAWandererStandOut() {
    double[] values = new double[7 * CYCLE];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1e9 + 1e8 * Math.sin(2 * Math.PI * i / (5.0 * CYCLE));
    }
    int newest = values.length - 1;
    values[newest] = values[newest - 1] = 1.3e9;
    watch(values);
    assertFalse(scale.standing(newest) > 1, () -> "stands " + scale.standing(newest));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 2e5})
  void shouldLetARiseStandOutFromWhatNeverMoved(double movement) {
    double[] values = new double[7 * CYCLE];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1e9 + movement * i / values.length;
    }
    int newest = values.length - 1;
    values[newest] = values[newest - 1] = 1.005e9;
    watch(values);
    assertTrue(scale.standing(newest) > 1, () -> "stands " + scale.standing(newest));
  }
}
