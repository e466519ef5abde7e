package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In-use bytes of a process that keeps level until something happens on the eighth day. */
class LevelProcessTest {
  private static final int DAY = 96;
  private static final int BEGIN = 7 * DAY + 30;
  private static final double NOISE = 6e6;

  /**
   * Hours after the begin at which the ramp test alone tells of growth, NaN where it does not.
   *
   * @param more bytes at so many hours after the begin
   */
  private static double toldAfter(DoubleUnaryOperator more) {
    TrendSettings settings = TrendSettings.defaults();
    MatchedScale scale = new MatchedScale(settings, 2, new int[] {2});
    RampTest test = new RampTest(settings);
    double[] floors = new double[11 * DAY];
    Random random = new Random(4);
    double wander = 0;
    for (int i = 0; i < floors.length; i++) {
      wander = 0.8 * wander + 0.6 * NOISE * random.nextGaussian();
      floors[i] = 6e9 + wander + (i < BEGIN ? 0 : more.applyAsDouble((i - BEGIN) / 4.0));
      scale.accept(floors, i + 1, i);
      if (i >= 2 * DAY) {
        test.accept(i, scale);
        if (test.find(scale, i, i / 4, floors[i], 1e7) != null) {
          return (i - BEGIN) / 4.0;
        }
      }
    }
    return Double.NaN;
  }

  @Test
  void shouldFindALeakWithinHours() {
    double told = toldAfter(hours -> 1e7 * hours);
    assertTrue(told > 0 && told <= 6, told + " h");
  }

  @Test
  void shouldFindALeakInBursts() {
    double[] ends = {1, 2.5, 3, 5, 6.5, 7};
    double told =
        toldAfter(
            hours -> {
              double bytes = 0;
              for (double end : ends) {
                bytes += hours >= end ? 2e7 : 0;
              }
              return bytes;
            });
    assertTrue(told > 0 && told <= 7, told + " h");
  }

  @Test
  void shouldNotTakeOneStepOrTwoForALeak() {
    assertEquals(Double.NaN, toldAfter(hours -> 3e7), "small");
    assertEquals(Double.NaN, toldAfter(hours -> 2e9), "large");
    assertEquals(Double.NaN, toldAfter(hours -> hours < 6 ? 1e8 : 2e8), "two");
  }

  /** Whether the whole detector tells of growth, where in-use bytes are exact. */
  private static boolean isTold(DoubleUnaryOperator more) {
    Detector detector = new Detector(TrendSettings.defaults());
    for (int i = 0; i < 9 * DAY; i++) {
      double bytes = 6e9 + (i < BEGIN ? 0 : more.applyAsDouble((i - BEGIN) / 4.0));
      Trend trend =
          detector.accept(
              Sample.at(i * 900.0, "1")
                  .set(Signal.RSS_ANON_BYTES, 12e9)
                  .set(Signal.IN_USE_BYTES, bytes)
                  .build());
      if (trend.inUse() != null && trend.inUse().found()) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e8, 1e9, 5e9})
  void shouldNotTakeAStepBetweenExactFiguresForALeak(double bytes) {
    assertFalse(isTold(hours -> bytes));
    assertTrue(isTold(hours -> bytes / 10 * hours), "a leak of the same size");
  }
}
