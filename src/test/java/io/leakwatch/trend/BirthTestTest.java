package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** What is told of a process in its first week, hour by hour, and when. */
class BirthTestTest {
  private static final double GB = 1e9;
  private static final int DAYS = 8;
  private static final double NO_LIMIT = Double.NaN;

  private final BirthTest test = new BirthTest(TrendSettings.defaults());

  @Test
  void leakBehindWarmUpShouldBeToldWithinFourDays() {
    OptionalDouble told = told(day -> 10 + 8 * warmUp(day, 0.4) + 0.6 * day, NO_LIMIT);
    assertTrue(told.isPresent() && told.getAsDouble() <= 4, told.toString());
  }

  @Test
  void warmUpShouldNotBeTold() {
    for (double tau : new double[] {0.1, 0.5, 1, 3}) {
      assertFalse(told(day -> 10 + 20 * warmUp(day, tau), NO_LIMIT).isPresent(), "τ " + tau);
    }
  }

  @Test
  void leakBehindSteepWarmUpShouldBeToldWithinThreeDays() {
    OptionalDouble told = told(day -> 10 + 8 * warmUp(day, 0.05) + 0.6 * day, NO_LIMIT);
    assertTrue(told.isPresent() && told.getAsDouble() <= 3, told.toString());
  }

  @Test
  void leakThatReachesItsLimitOnTheSecondDayShouldBeToldBefore() {
    DoubleUnaryOperator leak = day -> 10 + 8 * warmUp(day, 0.1) + 9 * day;
    OptionalDouble told = told(leak, 34.5 * GB);
    assertTrue(told.isPresent() && told.getAsDouble() < 1.8, told.toString());
    OptionalDouble toldWithTime = told(leak, 60 * GB);
    assertTrue(toldWithTime.orElse(0) >= 2, toldWithTime.toString());
  }

  @Test
  void warmUpInTwoStagesShouldNotBeTold() {
    for (double tau : new double[] {1.5, 3}) {
      OptionalDouble told =
          told(day -> 10 + 10 * warmUp(day, 0.2) + 10 * warmUp(day, tau), NO_LIMIT);
      assertFalse(told.isPresent(), "τ " + tau + ": " + told);
    }
  }

  @Test
  void warmUpThatLeavesAFifthOfRoomShouldNotBeTold() {
    for (double tau : new double[] {0.1, 0.5, 1, 3}) {
      assertFalse(told(day -> 10 + 20 * warmUp(day, tau), 36 * GB).isPresent(), "τ " + tau);
    }
  }

  @Test
  void cacheThatFillsForFiveDaysShouldNotBeTold() {
    assertFalse(told(day -> 10 + 4 * Math.min(day, 5), NO_LIMIT).isPresent());
  }

  @Test
  void cacheThatFillsTowardsTheLimitShouldBeTold() {
    OptionalDouble told = told(day -> 10 + 4 * Math.min(day, 5), 24.5 * GB);
    assertTrue(told.isPresent() && told.getAsDouble() < 4, told.toString());
  }

  @Test
  void newerHalfOfALifeShouldCount() {
    double[] floors = floors(day -> 10 + 8 * warmUp(day, 0.4) + 0.6 * day);
    Finding finding = test.find(Arrays.copyOf(floors, 96), NO_LIMIT);
    assertTrue(finding != null);
    assertEquals(Channel.BIRTH, finding.channel());
    assertEquals(48, finding.from());
  }

  private static double warmUp(double day, double tau) {
    return 1 - Math.exp(-day / tau);
  }

  /** The age in days at which it is told first. */
  private OptionalDouble told(DoubleUnaryOperator gigabytes, double limit) {
    double[] floors = floors(gigabytes);
    for (int now = 1; now <= floors.length; now++) {
      if (test.find(Arrays.copyOf(floors, now), limit) != null) {
        return OptionalDouble.of(now / 24.0);
      }
    }
    return OptionalDouble.empty();
  }

  private static double[] floors(DoubleUnaryOperator gigabytes) {
    Random random = new Random(11);
    double[] floors = new double[24 * DAYS];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = GB * (gigabytes.applyAsDouble(i / 24.0) + 0.03 * random.nextGaussian());
    }
    return floors;
  }
}
