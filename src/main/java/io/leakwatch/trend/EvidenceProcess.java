package io.leakwatch.trend;

import java.util.Arrays;

/**
 * An e-detector on the floors of whole cycles.
 *
 * <p>Null hypothesis: whatever was seen before, the next cycle's floor is as likely to lie at or
 * below the last one as above it. Then each factor 1 + λ(±1) has a conditional mean of at most 1,
 * the Shiryaev-Roberts sum M ← (M + 1)·factor minus the number of cycles is a supermartingale, and
 * the mean number of cycles until M first reaches m is at least m, for any distribution and any
 * dependence (Shin, Ramdas, Rinaldo: E-detectors, 2022). Averaging over several λ keeps that.
 */
final class EvidenceProcess {
  private static final double[] LAMBDAS = {0.2, 0.5, 0.8};

  private final double[] sums = new double[LAMBDAS.length];

  void restart() {
    Arrays.fill(sums, 0);
  }

  void accept(boolean rose) {
    for (int i = 0; i < LAMBDAS.length; i++) {
      sums[i] = (sums[i] + 1) * (1 + (rose ? LAMBDAS[i] : -LAMBDAS[i]));
    }
  }

  double value() {
    double sum = 0;
    for (double value : sums) {
      sum += value;
    }
    return sum / LAMBDAS.length;
  }
}
