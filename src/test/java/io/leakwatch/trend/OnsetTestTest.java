package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OnsetTestTest {
  private static final int EVENT = 9 * 24;
  private static final double LEVEL = 10e9;
  private static final double NOISE = 0.01 * LEVEL;
  private static final double KEPT = 0.8;
  private static final double SMALLEST_RISE = 0.01 * LEVEL;

  @Test
  void findsALeakWithinADay() {
    double perHour = 0.01 * LEVEL;
    for (int seed = 1; seed <= 20; seed++) {
      assertTrue(isFound(seed, hour -> Math.max(0, hour - EVENT) * perHour), "seed " + seed);
    }
  }

  /** The noise above a new level rises now and then over hours, but nearly all came at once. */
  @Test
  void findsNothingInTheNoiseAboveAStep() {
    for (int seed = 1; seed <= 200; seed++) {
      assertFalse(isFound(seed, hour -> hour >= EVENT ? LEVEL : 0), "seed " + seed);
    }
  }

  private static boolean isFound(int seed, IntToDoubleFunction added) {
    Random random = new Random(seed);
    double[] floors = new double[EVENT + 24];
    double noise = 0;
    for (int i = 0; i < floors.length; i++) {
      noise = KEPT * noise + Math.sqrt(1 - KEPT * KEPT) * NOISE * random.nextGaussian();
      floors[i] = LEVEL + noise + added.applyAsDouble(i);
    }
    OnsetTest test = new OnsetTest(TrendSettings.defaults(), 4);
    return IntStream.rangeClosed(EVENT, floors.length)
        .anyMatch(n -> test.find(Arrays.copyOf(floors, n), SMALLEST_RISE) != null);
  }
}
