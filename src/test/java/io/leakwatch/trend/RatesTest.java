package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory that leaks 30 MB in each stretch, looked at with the heap walked in every third only. */
class RatesTest {
  private static final double LEAKED = 3e7;
  private static final int PAUSE_BEGIN = 30;

  private final TrendSettings settings = Defaults.TREND;
  private final Rates rates = new Rates(settings);

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 10", "3, 29", "60, 29", "60, 58", "60, 70", "400, 400"})
  void shouldFindTheSameShareWhileTheFirstWalkAfterAPauseIsAwaited(int pause, int firstBin) {
    for (int bin = 0; bin < 120; bin++) {
      int later = bin < PAUSE_BEGIN ? bin : bin + pause;
      Sample.Builder sample =
          Sample.at(later, "1").set(Signal.RSS_ANON_BYTES, 1e9 + LEAKED * later);
      if (bin % 3 == 0) {
        sample.set(Signal.IN_USE_BYTES, 8e8 + LEAKED * later);
      }
      rates.accept(later, sample.build());
      rates.measure(Math.min(firstBin, later - 2));
      if (bin > 6) {
        int at = bin;
        assertEquals(1, rates.measured().inUseShare(), 1e-3, () -> "in stretch " + at);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "60", "400"})
  void shouldMeasureOverAPauseAsBesideIt(int pause) {
    for (int bin = 0; bin < 60; bin++) {
      int later = bin < PAUSE_BEGIN ? bin : bin + pause;
      rates.accept(
          later, Sample.at(later, "1").set(Signal.RSS_ANON_BYTES, 1e9 + LEAKED * later).build());
      rates.measure(PAUSE_BEGIN - 5);
      if (bin > 1) {
        double each =
            rates.measured().perSecond().get(Signal.RSS_ANON_BYTES) * settings.hourSeconds();
        assertEquals(LEAKED, each, LEAKED / 100);
      }
    }
    assertTrue(rates.measured().before().get(Signal.RSS_ANON_BYTES) > 1e9);
  }
}
