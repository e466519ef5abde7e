package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import org.junit.jupiter.api.Test;

/** What counts as kept by the allocator. */
class HeldMemoryTest {
  private static final double HOUR = 3600;

  /** The last trend of two days, over which what is resident goes from one level to another. */
  private static Trend play(double from, double to, double inUse, double free, boolean backed) {
    Detector detector = new Detector(Defaults.TREND);
    Trend trend = null;
    for (double time = 0; time < 48 * HOUR; time += 300) {
      double share = Math.min(1, Math.max(0, time / HOUR - 18) / 12);
      double resident = from + (to - from) * share;
      trend =
          detector.accept(
              Sample.at(time, "1")
                  .set(Signal.RSS_ANON_BYTES, resident)
                  .set(Signal.IN_USE_BYTES, inUse)
                  .set(Signal.HEAP_FREE_BYTES, free)
                  .set(Signal.TRIMMABLE_BYTES, backed ? free : Math.max(0, resident - inUse))
                  .build());
    }
    return trend;
  }

  @Test
  void freeMemoryThatHugePagesFillAgainIsHeldThoughNothingWasFreed() {
    Trend trend = play(300e6, 2000e6, 10e6, 2000e6, false);
    assertEquals(1700e6, trend.held().bytes(), 200e6);
  }

  @Test
  void freeMemoryThatWasAlwaysThereIsNotHeldMore() {
    assertEquals(0, play(2100e6, 2100e6, 10e6, 2000e6, false).held().bytes());
  }

  @Test
  void freeMemoryCountsThoughWhatIsInUseWasNeverTouched() {
    // 3 GB are reserved and untouched: the resident rest is less than what is in use
    assertEquals(0, play(1000e6, 1000e6, 4000e6, 900e6, true).held().bytes());
  }
}
