package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that collect their garbage, on a time of their own. */
class CollectionsTest {
  private static final double DAY = 86400;
  private static final double BEGIN = 7.3;
  private static final DoubleUnaryOperator LEAK = day -> 6e9 + 6e8 * Math.max(0, day - BEGIN);

  /** Ten days of in-use bytes each five minutes: what is needed, and the garbage on top of it. */
  private static double[] collecting(double periodHours, DoubleUnaryOperator neededOnDay) {
    return collecting(periodHours, 6e6, neededOnDay);
  }

  private static double[] collecting(
      double periodHours, double noise, DoubleUnaryOperator neededOnDay) {
    Random random = new Random(3);
    double[] bytes = new double[10 * 288];
    double garbage = 0;
    for (int i = 0; i < bytes.length; i++) {
      garbage += Math.exp(0.1 * random.nextGaussian()) / 12 / periodHours;
      garbage = garbage < 1 ? garbage : 0;
      double needed = neededOnDay.applyAsDouble(i / 288.0);
      bytes[i] = needed + 2e9 * garbage + noise * random.nextGaussian();
    }
    return bytes;
  }

  private static double hoursAfterBegin(double day) {
    return (day - BEGIN) * 24;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3, 5})
  void shouldFindALeakByTheThirdCollection(double periodHours) {
    double found = found(collecting(periodHours, LEAK));
    assertTrue(found > 0 && found < 3 * periodHours + 1, found + " h");
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3, 5})
  void shouldFindItNoLaterWhereFiguresAreExact(double periodHours) {
    double found = found(collecting(periodHours, 0, LEAK));
    assertTrue(found > 0 && found < 3 * periodHours + 1, found + " h");
  }

  /** Each collection gives back more than has leaked for hours. */
  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3, 5})
  void shouldTellALeakOnceAndNotAnewAfterEachCollection(double periodHours) {
    assertEquals(1, timesFound(collecting(periodHours, LEAK)).size());
  }

  private static double found(double[] bytes) {
    List<Double> times = timesFound(bytes);
    return times.isEmpty() ? Double.NaN : times.get(0);
  }

  /** Hours after the begin at which the whole detector tells of growth that it did not before. */
  private static List<Double> timesFound(double[] bytes) {
    List<Double> times = new ArrayList<>();
    Detector detector = new Detector(TrendSettings.defaults());
    boolean before = false;
    for (int i = 0; i < bytes.length; i++) {
      Trend trend =
          detector.accept(
              Sample.at(i / 288.0 * DAY, "1")
                  .set(Signal.RSS_ANON_BYTES, 12e9)
                  .set(Signal.IN_USE_BYTES, bytes[i])
                  .set(Signal.LIMIT_BYTES, 34e9)
                  .build());
      boolean found = trend.inUse() != null && trend.inUse().found();
      if (found && !before) {
        times.add(hoursAfterBegin(i / 288.0));
      }
      before = found;
    }
    return times;
  }

  private static SawtoothTest sawtoothTest() {
    return new SawtoothTest(TrendSettings.defaults(), new int[] {12, 24}, new int[] {2, 4});
  }

  /** The share of the last two days in which garbage is said to explain what rose. */
  private static double deniedShare(double[] bytes) {
    SawtoothTest test = sawtoothTest();
    int length = bytes.length / 3;
    Floors known = new Floors(length);
    double[] stretches = new double[length];
    Arrays.setAll(stretches, i -> RobustStatistics.min(bytes, 3 * i, 3 * i + 3));
    double[] lows = Sawtooth.of(stretches).lows();
    int denied = 0;
    for (int i = 0; i < length; i++) {
      known.accept(i, stretches[i]);
      test.accept(lows, i + 1, i);
      denied += i >= length - 2 * 96 && test.denies(known, i) ? 1 : 0;
    }
    return denied / (2.0 * 96);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3, 5, 8})
  void shouldTakeWhatRoseForGarbageOnlyWhileTheLowsStay(double periodHours) {
    assertTrue(deniedShare(collecting(periodHours, day -> 6e9)) > 0.7);
    double[] leaking = collecting(periodHours, LEAK);
    assertEquals(0, deniedShare(leaking));
  }

  /** Hours after the begin at which the lows alone tell of growth, NaN where they do not. */
  private static double toldByLows(double[] bytes) {
    SawtoothTest test = sawtoothTest();
    double[] stretches = new double[bytes.length / 3];
    Floors floors = new Floors(stretches.length);
    for (int i = 0; i < stretches.length; i++) {
      stretches[i] = RobustStatistics.min(bytes, 3 * i, 3 * i + 3);
      floors.accept(i, stretches[i]);
    }
    double[] lows = Sawtooth.of(stretches).lows();
    Floors known = new Floors(stretches.length);
    for (int i = 0; i < stretches.length; i++) {
      known.accept(i, stretches[i]);
      test.accept(lows, i + 1, i);
      if (test.find(known, i, i / 4, stretches[i], 1e7) != null) {
        return hoursAfterBegin(i / 96.0);
      }
    }
    return Double.NaN;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3})
  void shouldFindASlowLeakByAllOfTheLows(double periodHours) {
    double told =
        toldByLows(collecting(periodHours, 2e7, day -> 6e9 + 1.5e8 * Math.max(0, day - BEGIN)));
    assertTrue(told > 0 && told < 20, told + " h");
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 3, 5})
  void shouldNotTakeAStepOfTheLowsForGrowth(double periodHours) {
    assertEquals(Double.NaN, toldByLows(collecting(periodHours, d -> d < BEGIN ? 6e9 : 6.5e9)));
    double leak = toldByLows(collecting(periodHours, LEAK));
    assertTrue(leak > 0 && leak < 24, "the same with a leak: " + leak + " h");
  }

  @Test
  void shouldHoldALowUntilTheNext() {
    double[] floors = {10, 12, 14, 9, 11, 13, 10, 9.5, 9.6, 9.4, 12};
    double[] lows = {10, 10, 10, 9, 9, 9, 9, 9, 9.5, 9.4, 9.4};
    assertArrayEquals(lows, Sawtooth.of(floors).lows());
    assertArrayEquals(new int[] {4, 8}, Sawtooth.of(floors).ends());
    assertEquals((5 + 3.5) / 2, Sawtooth.of(floors).meanFall(), 1e-9);
  }

  @Test
  void shouldKnowOfEachTimeOnlyWhatCameBefore() {
    double[] floors = new Random(1).doubles(200, 5, 10).toArray();
    double[] all = Sawtooth.of(floors).lows();
    for (int n = 1; n < floors.length; n++) {
      double[] then = Sawtooth.of(Arrays.copyOf(floors, n)).lows();
      assertArrayEquals(Arrays.copyOf(all, n), then, "after " + n);
    }
  }
}
