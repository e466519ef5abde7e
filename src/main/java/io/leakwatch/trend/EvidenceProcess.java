package io.leakwatch.trend;

import java.util.Arrays;

/**
 * An e-detector on the floors of whole cycles: evidence of growth with a guaranteed run length.
 *
 * <p>Null hypothesis: whatever was seen before, the lowest level of the next cycle is at least as
 * likely to lie at or below that of the last cycle as above it. Then each factor 1 + λ(±1) has a
 * conditional mean of at most 1, the Shiryaev-Roberts sum M ← (M + 1)·factor minus the number of
 * cycles is a supermartingale, and the mean number of cycles until M first reaches m is at least m,
 * for any distribution and any dependence (Shin, Ramdas, Rinaldo: E-detectors, 2022). Averaging
 * over several λ keeps that. A cycle as a whole is one step, because the hours of a day do not
 * forget each other; a cycle that equals the one before counts as none that rose, so that figures
 * that come in coarse steps, and gaps, only weaken the evidence.
 *
 * <p>A doubling per cycle is the most that a sign can tell: level 1000 takes twelve rising cycles.
 * So this is the slow and certain one beside the tests that are quick.
 */
final class EvidenceProcess {
  private static final double[] LAMBDAS = {0.2, 0.5, 0.8};
  private static final long NOT_BEGUN = -1;

  private final int floorsPerCycle;
  private final double[] sums = new double[LAMBDAS.length];
  private long nextBin = NOT_BEGUN;
  private double lastFloor = Double.NaN;

  EvidenceProcess(int floorsPerCycle) {
    this.floorsPerCycle = floorsPerCycle;
  }

  void restart() {
    Arrays.fill(sums, 0);
    nextBin = NOT_BEGUN;
    lastFloor = Double.NaN;
  }

  /** Takes a step for each cycle that has ended since. */
  void follow(Floors floors) {
    long first = floors.firstBin();
    if (first < 0) {
      return;
    }
    if (nextBin == NOT_BEGUN || nextBin - floorsPerCycle < first) {
      nextBin = first + floorsPerCycle;
      lastFloor = Double.NaN;
    }
    if (first + floors.size() < nextBin) {
      return;
    }
    double[] z = floors.toArray();
    for (; first + z.length >= nextBin; nextBin += floorsPerCycle) {
      int to = (int) (nextBin - first);
      double floor = RobustStatistics.min(z, to - floorsPerCycle, to);
      if (!Double.isNaN(lastFloor)) {
        accept(floor > lastFloor);
      }
      lastFloor = floor;
    }
  }

  void accept(boolean rose) {
    for (int i = 0; i < LAMBDAS.length; i++) {
      sums[i] = (sums[i] + 1) * (1 + (rose ? LAMBDAS[i] : -LAMBDAS[i]));
    }
  }

  /** Reaching m takes at least m cycles in the mean while the null hypothesis holds. */
  double value() {
    return Arrays.stream(sums).average().orElseThrow();
  }
}
