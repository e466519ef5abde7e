package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Curves whose parts are known, with a noise of one. */
class WarmUpTest {
  private static final int POINTS = 20;
  private static final double CLEAR = 30;

  @Test
  void warmUpAndLineShouldBeTakenApart() {
    WarmUp fit = fit(t -> 500 * (1 - Math.exp(-t / 2.5)) + 10 * t);
    assertEquals(10, fit.slope(), 0.5);
    assertEquals(500, fit.curve(), 10);
    assertTrue(fit.lineShare() > 0.9, fit.toString());
    assertTrue(fit.lineF() > CLEAR && fit.stageF() > 1 && fit.curveF() > CLEAR, fit.toString());
  }

  @Test
  void warmUpAloneShouldNeedNoLine() {
    for (double tau : new double[] {1, 4, 12, 30}) {
      WarmUp fit = fit(t -> 500 * (1 - Math.exp(-t / tau)));
      assertTrue(fit.lineF() < CLEAR, tau + ": " + fit);
    }
  }

  @Test
  void logarithmShouldNeedNoLine() {
    WarmUp fit = fit(t -> 100 * Math.log1p(t / 0.7));
    assertTrue(fit.lineF() < CLEAR, fit.toString());
  }

  @Test
  void lineAloneShouldNeedNoCurve() {
    WarmUp fit = fit(t -> 10 * t);
    assertEquals(10, fit.slope(), 1);
    assertTrue(fit.curveF() < CLEAR, fit.toString());
  }

  @Test
  void secondStageShouldExplainWhatLooksLikeALine() {
    WarmUp fit = fit(t -> 500 * (1 - Math.exp(-t / 1.5)) + 300 * (1 - Math.exp(-t / 10)));
    assertTrue(fit.lineF() > CLEAR, fit.toString());
    assertTrue(fit.stageF() < 1, fit.toString());
    WarmUp ended = fit(t -> 500 * (1 - Math.exp(-t / 1.5)) + 900 * (1 - Math.exp(-t / 5)));
    assertTrue(ended.stageF() < -CLEAR, ended.toString());
  }

  private static WarmUp fit(DoubleUnaryOperator curve) {
    Random random = new Random(3);
    double[] z = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      z[i] = 1000 + curve.applyAsDouble(i) + random.nextGaussian();
    }
    return WarmUp.of(z, 3 * POINTS);
  }
}
