package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes whose days go up and down by more than a leak of a day. */
class WanderingTest {
  private static final int DAY = 24;
  private static final double LEVEL = 1e9;
  private static final double SMALLEST = 8e6;

  private final ClimbTest test = new ClimbTest(TrendSettings.defaults());

  /** Hourly floors whose days differ by about three per cent and know nothing of each other. */
  private static double[] floors(int days, long seed) {
    Random random = new Random(seed);
    double[] floors = new double[days * DAY];
    for (int day = 0; day < days; day++) {
      double ofDay = 0.03 * random.nextGaussian();
      for (int hour = 0; hour < DAY; hour++) {
        floors[day * DAY + hour] = LEVEL * (1 + ofDay + 0.01 * random.nextGaussian());
      }
    }
    return floors;
  }

  private static void leak(double[] floors, int fromDay, double perDay) {
    for (int i = fromDay * DAY; i < floors.length; i++) {
      floors[i] += LEVEL * perDay * (i - fromDay * DAY) / DAY;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldTellALeakThatADaysNoiseHides(long seed) {
    double[] floors = floors(21, seed);
    leak(floors, 12, 0.05);
    assertTrue(found(floors));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldTellItAfterADayThatWasTwiceAsHigh(long seed) {
    double[] floors = floors(21, seed);
    for (int i = 6 * DAY; i < 7 * DAY + 5; i++) {
      floors[i] += LEVEL;
    }
    leak(floors, 12, 0.05);
    assertTrue(found(floors));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldTellNeitherNoiseNorAJump(long seed) {
    double[] floors = floors(21, seed);
    assertFalse(found(floors));
    for (int i = 16 * DAY; i < floors.length; i++) {
      floors[i] += 0.5 * LEVEL;
    }
    assertFalse(found(floors));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldNotTellGrowthAsItAlwaysWas(long seed) {
    double[] floors = floors(21, seed);
    leak(floors, 0, 0.05);
    assertFalse(found(floors));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldNotTellARiseOfTwiceWhatItFell(long seed) {
    double[] floors = floors(21, seed);
    for (int i = 4 * DAY; i < 8 * DAY; i++) {
      floors[i] -= 0.2 * LEVEL;
    }
    leak(floors, 13, 0.05);
    assertFalse(found(floors));
  }

  /** Hourly floors that come back to their level within so many days. */
  private static double[] wandering(double days, int length, long seed) {
    Random random = new Random(seed);
    double kept = Math.exp(-1 / days / DAY);
    double value = random.nextGaussian();
    double[] floors = new double[length * DAY];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = LEVEL * (1 + 0.05 * value);
      value = kept * value + Math.sqrt(1 - kept * kept) * random.nextGaussian();
    }
    return floors;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldAskMoreOfAProcessThatComesBackWithinDaysThanOfOneThatDoesWithinHours(long seed) {
    assertTrue(Wandering.factor(wandering(2, 12, seed), 0, 12 * DAY, DAY) > 1.2);
    assertEquals(1, Wandering.factor(wandering(0.1, 12, seed), 0, 12 * DAY, DAY));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldAskNoMoreOfADailyLoad(long seed) {
    double[] floors = floors(12, seed);
    for (int i = 0; i < floors.length; i++) {
      floors[i] += 0.2 * LEVEL * Math.pow(Math.sin(Math.PI * i / DAY), 2);
    }
    assertEquals(1, Wandering.factor(floors, 0, floors.length, DAY));
  }

  /** At the end of any hour of the second half. */
  private boolean found(double[] floors) {
    for (int now = 11 * DAY; now <= floors.length; now++) {
      if (test.find(Arrays.copyOf(floors, now), SMALLEST) != null) {
        return true;
      }
    }
    return false;
  }
}
