package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CycleFilterTest {
  private static final int PER_FLOOR = 4;
  private static final int CYCLE = 24 * PER_FLOOR;
  private static final double HEIGHT = 20;
  private static final double NOISE = 0.5;
  private static final int ONSET = 6 * CYCLE + CYCLE / 4;
  private static final int AFTER = 20 * PER_FLOOR;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void takesADayOfHigherLoadForNothing(long seed) {
    CycleFilter filter = after(seed, 0, t -> 0);
    assertTrue(highestRamp(filter) < 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void takesALoadThatComesAnHourEarlierForNothing(long seed) {
    CycleFilter filter = after(seed, 1, t -> 0);
    assertTrue(highestRamp(filter) < 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void tellsARampBesideTheLoadAndHowMuchItRose(long seed) {
    double perStretch = 0.1;
    CycleFilter filter = after(seed, 0, t -> Math.max(0, t) * perStretch);
    assertTrue(highestRamp(filter) > 6);
    double rose = AFTER * perStretch;
    assertEquals(rose, filter.risen(ONSET + AFTER, AFTER / PER_FLOOR), .3 * rose);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void takesAStepForAStep(long seed) {
    CycleFilter filter = after(seed, 0, t -> t >= PER_FLOOR + 1 ? 4 : 0);
    assertTrue(filter.highestStep(ONSET + AFTER) > highestRamp(filter));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void takesALargeStepForANewLevel(long seed) {
    CycleFilter filter = after(seed, 0, t -> t >= PER_FLOOR + 1 ? 12 : 0);
    assertTrue(highestRamp(filter) < 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void tellsARampThatGoesOnAfterALargeStep(long seed) {
    CycleFilter filter = after(seed, 0, t -> Math.max(0, t) * .1 + (t >= PER_FLOOR + 1 ? 12 : 0));
    assertTrue(highestRamp(filter) > 6);
  }

  /** Days of different heights with correlated noise, and what is added from the onset on. */
  private static CycleFilter after(long seed, double earlier, DoubleUnaryOperator added) {
    Random random = new Random(seed);
    CycleFilter filter = new CycleFilter(CYCLE, PER_FLOOR);
    double[] heights = new double[9];
    for (int day = 0; day < heights.length; day++) {
      heights[day] = 1 + .15 * random.nextGaussian();
    }
    double noise = 0;
    for (int bin = 0; bin <= ONSET + AFTER; bin++) {
      double kept = Math.exp(-1.0 / PER_FLOOR);
      noise = kept * noise + NOISE * Math.sqrt(1 - kept * kept) * random.nextGaussian();
      double shift = bin >= ONSET ? earlier * PER_FLOOR : 0;
      double share = bin % (double) CYCLE / CYCLE;
      int day = bin / CYCLE;
      double height = heights[day] + share * (heights[day + 1] - heights[day]);
      double deviation = height * usual(bin + shift) - usual(bin) + noise;
      filter.accept(
          bin,
          deviation + added.applyAsDouble(bin - ONSET),
          usual(bin),
          (usual(bin + 2) - usual(bin - 2)) * PER_FLOOR / 4,
          1,
          NOISE);
    }
    return filter;
  }

  private static double usual(double bin) {
    return HEIGHT * (.5 - .5 * Math.cos(2 * Math.PI * bin / CYCLE));
  }

  private static double highestRamp(CycleFilter filter) {
    double highest = 0;
    for (int floors = 2; floors < CycleFilter.ONSETS; floors++) {
      highest = Math.max(highest, filter.ramp(ONSET + AFTER, floors));
    }
    return highest;
  }
}
