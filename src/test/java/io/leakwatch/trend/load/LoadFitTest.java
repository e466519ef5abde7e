package io.leakwatch.trend.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadFitTest {
  private static double[] walk(Random random, int n, double drift) {
    double[] z = new double[n];
    for (int i = 1; i < n; i++) {
      z[i] = z[i - 1] + drift + random.nextGaussian();
    }
    return z;
  }

  /** Share of pairs of independent walks of which one seems to explain half of the other. */
  private static double deceived(int n, double drift) {
    Random random = new Random(n);
    int deceived = 0;
    int pairs = 2000;
    for (int i = 0; i < pairs; i++) {
      LoadFit fit = LoadFit.shape(walk(random, n, drift), walk(random, n + 4, drift));
      deceived += fit != null && fit.explained() >= 0.5 ? 1 : 0;
    }
    return deceived / (double) pairs;
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 24, 48, 96, 240})
  void independentWalksShouldNotExplainEachOther(int n) {
    double wandering = deceived(n, 0);
    double trending = deceived(n, 0.5);
    assertTrue(wandering < 0.005, () -> n + ": " + wandering);
    assertTrue(trending < 0.005, () -> n + ": " + trending);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void memoryThatFollowsAStateShouldBeExplainedByIt(int lag) {
    Random random = new Random(lag);
    int n = 48;
    double[] sessions = new double[n + 4];
    double[] memory = new double[n];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = 100 + 10 * i + 60 * Math.sin(i / 3.0) + 5 * random.nextGaussian();
    }
    for (int i = 0; i < n; i++) {
      memory[i] = 1e8 + 4096 * sessions[i + 4 - lag] + 2e4 * random.nextGaussian();
    }
    LoadFit fit = LoadFit.shape(memory, sessions);
    assertNotNull(fit);
    assertEquals(lag, fit.lag());
    assertEquals(4096, fit.slope(), 300);
    assertTrue(fit.explained() > 0.9, fit::toString);
  }

  @Test
  void aLeakUnderALoadShouldStayOutside() {
    Random random = new Random(5);
    int n = 60;
    double[] sessions = new double[n + 4];
    double[] memory = new double[n];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = 100 + 10 * i + 60 * Math.sin(i / 4.0) + 5 * random.nextGaussian();
    }
    for (int i = 0; i < n; i++) {
      memory[i] = 1e8 + 4096 * sessions[i + 4] + 3 * 40_960.0 * i + 2e4 * random.nextGaussian();
    }
    LoadFit fit = LoadFit.shape(memory, sessions);
    assertNotNull(fit);
    assertEquals(0.25, fit.explained(), 0.05);
  }

  @Test
  void aCommonRampAloneShouldBeNoShape() {
    Random random = new Random(7);
    double[] a = new double[64];
    double[] b = new double[60];
    for (int i = 0; i < a.length; i++) {
      a[i] = i + 0.1 * random.nextGaussian();
    }
    for (int i = 0; i < b.length; i++) {
      b[i] = 3 * i + 0.1 * random.nextGaussian();
    }
    assertNull(LoadFit.shape(b, a));
    LoadFit level = LoadFit.level(b, a);
    assertNotNull(level);
    assertEquals(3, level.slope(), 0.1);
  }

  @Test
  void shouldBearConstantsAndShortSeries() {
    assertNull(LoadFit.shape(new double[48], new double[52]));
    assertNull(LoadFit.shape(new double[3], new double[3]));
    assertNull(LoadFit.level(new double[48], new double[48]));
    double[] huge = new double[48];
    java.util.Arrays.fill(huge, 1e300);
    assertNull(LoadFit.shape(huge, huge));
  }
}
