package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** A process that is busy around the clock: each hour is as high as it happens to be. */
class MeanRiseTestTest {
  private static final double MB = 1e6;
  private static final int DAYS = 21;
  private static final int ONSET = 12;

  private final MeanRiseTest test = new MeanRiseTest(TrendSettings.defaults());

  @Test
  void leakWithinTheSwingOfADayShouldBeToldWithinAWeek() {
    OptionalDouble told = told(noise(60), day -> 20 * Math.max(0, day - ONSET));
    assertTrue(told.isPresent() && told.getAsDouble() <= ONSET + 7, told.toString());
    ChronicTest chronic = new ChronicTest(TrendSettings.defaults());
    double[] floors = floors(noise(60), day -> 20 * Math.max(0, day - ONSET));
    for (int now = 24 * ONSET; now <= 24 * (ONSET + 7); now++) {
      assertEquals(null, chronic.find(Arrays.copyOf(floors, now), 8 * MB), "at " + now / 24.0);
    }
  }

  @Test
  void noiseShouldNotBeTold() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      assertFalse(told(i -> 60 * random.nextGaussian(), day -> 0).isPresent(), "seed " + seed);
    }
  }

  @Test
  void wanderingShouldNotBeTold() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      double[] level = new double[1];
      DoubleUnaryOperator walk = i -> level[0] += 10 * random.nextGaussian();
      assertFalse(told(walk, day -> 0).isPresent(), "seed " + seed);
    }
  }

  @Test
  void threeStepsShouldNotBeTold() {
    DoubleUnaryOperator steps =
        day -> 60 * ((day > 13 ? 1 : 0) + (day > 14.5 ? 1 : 0) + (day > 16 ? 1 : 0));
    assertFalse(told(noise(5), steps).isPresent());
  }

  @Test
  void busierHoursAloneShouldNotBeTold() {
    DoubleUnaryOperator busy =
        i -> i % 24 < 12 ? 0 : 40 * Math.max(0, i / 24 - ONSET) + 5 * Math.sin(i);
    assertFalse(told(busy, day -> 0).isPresent());
  }

  private static DoubleUnaryOperator noise(double megabytes) {
    Random random = new Random(5);
    return i -> megabytes * random.nextGaussian();
  }

  /** The age in days at which it is told first. */
  private OptionalDouble told(DoubleUnaryOperator noise, DoubleUnaryOperator growth) {
    double[] floors = floors(noise, growth);
    for (int now = 1; now <= floors.length; now++) {
      if (test.find(Arrays.copyOf(floors, now), 8 * MB) != null) {
        return OptionalDouble.of(now / 24.0);
      }
    }
    return OptionalDouble.empty();
  }

  private static double[] floors(DoubleUnaryOperator noise, DoubleUnaryOperator growth) {
    double[] floors = new double[24 * DAYS];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = MB * (500 + noise.applyAsDouble(i) + growth.applyAsDouble(i / 24.0));
    }
    return floors;
  }
}
