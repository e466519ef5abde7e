package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadShareTest {
  private static final int CYCLE = 96;
  private static final double BYTES_PER_CORE = 3e8;
  private static final double NOISE = 1e7;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void learnsWhatACoreCosts(long seed) {
    LoadShare share = after(seed, 5, true);
    assertTrue(share.unexplained(NOISE) < .3);
    assertEquals(BYTES_PER_CORE, share.of(1), .1 * BYTES_PER_CORE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void doesNotTrustASingleDay(long seed) {
    assertEquals(1, after(seed, 1.5, true).unexplained(NOISE));
  }

  @Test
  void seldomTrustsALoadThatHasItsOwnDays() {
    int trusted = 0;
    for (long seed = 0; seed < 100; seed++) {
      trusted += after(seed, 6, false).unexplained(NOISE) < 1 ? 1 : 0;
    }
    assertTrue(trusted <= 5, trusted + " of 100");
  }

  @Test
  void takesWhatHasJustBegunForNoLoad() {
    LoadShare share = after(1, 5, true);
    double before = share.of(1);
    for (int bin = 0; bin < CYCLE / 2; bin++) {
      share.accept(bin * 1e8, bin);
    }
    assertEquals(before, share.of(1), .1 * BYTES_PER_CORE);
  }

  /** Days of different load, and of memory that follows it or has its own heights. */
  private static LoadShare after(long seed, double days, boolean follows) {
    Random random = new Random(seed);
    LoadShare share = new LoadShare(CYCLE);
    double height = 0;
    double own = 0;
    for (int bin = 0; bin < days * CYCLE; bin++) {
      if (bin % CYCLE == 0) {
        height = random.nextGaussian();
        own = random.nextGaussian();
      }
      double shape = .5 - .5 * Math.cos(2 * Math.PI * bin / CYCLE);
      double memory = BYTES_PER_CORE * shape * (follows ? height : own);
      share.accept(memory + NOISE * random.nextGaussian(), height * shape);
    }
    return share;
  }
}
