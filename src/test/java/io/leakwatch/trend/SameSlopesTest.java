package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** A process that is restarted again and again, looked at each hour of its lives. */
class SameSlopesTest {
  private static final double GB = 1e9;
  private static final double NO_LIMIT = Double.NaN;
  private static final int SAMPLE_SECONDS = 300;
  private static final double SMALLEST_RISE = 8 << 20;
  private static final double NOISE = 0.01 * GB;

  private final SameSlopes slopes = new SameSlopes(TrendSettings.defaults());
  private final Random random = new Random(3);
  private double hour;

  /**
   * Lives through so many hours and says after how many of them something was found, NaN if never.
   *
   * @param gigabytes at an age in hours
   */
  private double live(double hours, double limit, DoubleUnaryOperator gigabytes) {
    Floors floors = Floors.ofCycles(TrendSettings.defaults());
    double told = Double.NaN;
    int known = 0;
    for (int second = 0; second < hours * 3600; second += SAMPLE_SECONDS) {
      double age = second / 3600.0;
      double value = gigabytes.applyAsDouble(age) * GB + NOISE * random.nextGaussian();
      slopes.accept(second, value, limit);
      floors.accept(second / 3600, value);
      if (floors.size() > known) {
        known = floors.size();
        Finding finding = slopes.find(floors.toArray(), SMALLEST_RISE);
        told = finding != null && Double.isNaN(told) ? age : told;
      }
    }
    hour += hours;
    return told;
  }

  private void restart() {
    slopes.ended(60);
  }

  /** The same life again and again; the number of the life in which something was found, or 0. */
  private int toldInLife(int lives, double hours, double limit, DoubleUnaryOperator gigabytes) {
    for (int life = 1; life <= lives; life++) {
      if (!Double.isNaN(live(hours, limit, gigabytes))) {
        return life;
      }
      restart();
    }
    return 0;
  }

  private static double warmUp(double hours, double tau) {
    return 1 - Math.exp(-hours / tau);
  }

  private double day(double age) {
    return Math.pow(Math.sin(Math.PI * (hour + age) / 24), 2);
  }

  @Test
  void leakRestartedEveryNightShouldBeToldInTheThirdLife() {
    assertEquals(3, toldInLife(5, 24, NO_LIMIT, age -> 4 + 2 * warmUp(age, 1) + 0.05 * age));
    assertEquals(3, slopes.slopes().size());
    for (double slope : slopes.slopes()) {
      assertEquals(0.05 * GB, slope * 3600, 0.012 * GB);
    }
  }

  @Test
  void leakRestartedAtOtherHoursShouldBeTold() {
    for (double hours : new double[] {13, 20, 9, 26, 11, 16}) {
      if (!Double.isNaN(live(hours, NO_LIMIT, age -> 4 + warmUp(age, 0.5) + 0.06 * age))) {
        return;
      }
      restart();
    }
    throw new AssertionError("not told in six lives");
  }

  @Test
  void processThatRunsOutOfMemoryEveryThreeHoursShouldBeTold() {
    assertEquals(3, toldInLife(4, 4, 8 * GB, age -> 2 + 1.5 * age));
  }

  @Test
  void shortLivesFarFromTheLimitShouldNotBeTold() {
    assertEquals(0, toldInLife(12, 4, 80 * GB, age -> 2 + 1.5 * age));
  }

  @Test
  void warmingUpInEachLifeShouldNotBeTold() {
    for (double tau : new double[] {0.5, 3, 7, 12, 24}) {
      assertEquals(0, toldInLife(9, 20, NO_LIMIT, age -> 4 + 3 * warmUp(age, tau)), "τ " + tau);
    }
  }

  @Test
  void loadOfTheDayShouldNotBeTold() {
    assertEquals(0, toldInLife(10, 24, NO_LIMIT, age -> 4 + warmUp(age, 1) + 0.8 * day(age)));
    assertEquals(0, toldInLife(10, 17, NO_LIMIT, age -> 4 + warmUp(age, 1) + 0.8 * day(age)));
  }

  @Test
  void hoursOfWorkShouldNotBeTold() {
    for (int life = 0; life < 8; life++) {
      double told = live(8, NO_LIMIT, age -> 4 + 0.1 * age);
      assertTrue(Double.isNaN(told), life + ": " + told);
      slopes.ended(16 * 3600);
    }
  }

  @Test
  void leakThatIsMendedShouldNotBeToldAnyMore() {
    assertEquals(3, toldInLife(3, 24, NO_LIMIT, age -> 4 + 0.05 * age));
    restart();
    assertTrue(slopes.slopes().isEmpty());
    assertEquals(0, toldInLife(4, 24, NO_LIMIT, age -> 4 + warmUp(age, 1)));
  }

  @Test
  void cacheThatWasSeenFullShouldNotBeTold() {
    live(72, NO_LIMIT, age -> 4 + 0.1 * Math.min(age, 30));
    restart();
    assertEquals(0, toldInLife(4, 24, NO_LIMIT, age -> 4 + 0.1 * Math.min(age, 30)));
  }

  @Test
  void lifeTooShortToFitShouldNotCount() {
    live(0.1, NO_LIMIT, age -> 4);
    restart();
    assertNull(slopes.find(new double[] {4 * GB, 4 * GB, 4 * GB}, SMALLEST_RISE));
    assertNull(Life.of(new LifeProfile(120), 0, NO_LIMIT));
  }

  @Test
  void profileShouldKeepTheLowsOfAnyLength() {
    LifeProfile profile = new LifeProfile(120);
    for (int second = 0; second < 86400; second += 60) {
      profile.accept(second, second % 3600 == 0 ? 1 + second / 3600 : 100);
    }
    double[] lows = profile.toArray();
    assertTrue(lows.length >= 31 && lows.length <= 63, lows.length + "");
    assertEquals(1, lows[0]);
    assertEquals(86400, lows.length * profile.width(), 2 * profile.width());
    Life life = Life.of(profile, 0, NO_LIMIT);
    assertNotNull(life);
    assertTrue(life.size() <= Life.MOST_POINTS);
  }

  @Test
  void stretchesWithoutASampleShouldTakeTheValueBefore() {
    LifeProfile profile = new LifeProfile(120);
    profile.accept(0, 5);
    profile.accept(500, 7);
    profile.accept(610, 9);
    assertEquals("[5.0, 5.0, 5.0, 5.0, 7.0]", java.util.Arrays.toString(profile.toArray()));
  }
}
