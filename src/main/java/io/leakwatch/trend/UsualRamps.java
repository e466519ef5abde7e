package io.leakwatch.trend;

import java.util.function.IntToDoubleFunction;

/**
 * What the likelihood ratios of ramps usually come to in a process, and the greatest that was seen.
 *
 * <p>A model gives them in standard deviations; how the memory of a process departs from the model
 * is learnt here, from ratios that are old enough not to belong to a growth that is about to be
 * found. The fewer were seen, the more must be asked.
 */
final class UsualRamps {
  private static final double SIGNIFICANCE = 5;
  private static final double LARGEST_UNIT = 2.5;
  private static final double FORGOTTEN_PER_CYCLE = 0.02;
  private static final double MEMORY_CYCLES = 14;
  private static final double LAG_CYCLES = 2.5;
  private static final double DOUBT_CYCLES = 2;
  private static final int SHORTEST_FLOORS = 2;
  private static final int UNIT_FLOORS = 4;

  private final int cycle;
  private final int onsets;
  private final float[][] lagging;
  private long judged;
  private long folded;
  private double noiseSquare;
  private double unitSquare;
  private double record;

  /**
   * @param cycle floors of a cycle
   * @param onsets a ramp may have begun less than so many floors ago
   */
  UsualRamps(int cycle, int onsets) {
    this.cycle = cycle;
    this.onsets = onsets;
    lagging = new float[3][(int) (LAG_CYCLES * cycle)];
  }

  void clear() {
    judged = 0;
    folded = 0;
    noiseSquare = 0;
    unitSquare = 0;
    record = 0;
  }

  /**
   * Takes the ratios at the end of a floor.
   *
   * @param ramp the ratio of a ramp since so many floors
   * @param noise what was taken for noise then
   */
  void learn(IntToDoubleFunction ramp, double noise) {
    int slot = (int) (judged % lagging[0].length);
    lagging[0][slot] = (float) noise;
    lagging[1][slot] = (float) ramp.applyAsDouble(UNIT_FLOORS);
    lagging[2][slot] = (float) ramp.applyAsDouble(highest(ramp));
    judged++;
    long lag = Math.min(lagging[0].length, Math.max(cycle / 2, judged / 3));
    while (judged - folded > lag) {
      fold((int) (folded % lagging[0].length));
      folded++;
    }
  }

  private void fold(int slot) {
    double noise = lagging[0][slot];
    double unit = lagging[1][slot];
    double newest = 1 / Math.min(folded + 1.0, MEMORY_CYCLES * cycle);
    noiseSquare += newest * (noise * noise - noiseSquare);
    unitSquare += newest * (unit * unit - unitSquare);
    record = Math.max(record * (1 - FORGOTTEN_PER_CYCLE / cycle), lagging[2][slot]);
  }

  /** The number of floors since which a ramp is most likely. */
  int highest(IntToDoubleFunction ramp) {
    int highest = SHORTEST_FLOORS;
    double most = ramp.applyAsDouble(highest);
    for (int floors = SHORTEST_FLOORS + 1; floors < onsets; floors++) {
      double ratio = ramp.applyAsDouble(floors);
      if (ratio > most) {
        highest = floors;
        most = ratio;
      }
    }
    return highest;
  }

  /** Whether so many cycles were learnt from. */
  boolean isReady(double cycles) {
    return folded >= cycles * cycle;
  }

  /**
   * The ratio that is asked of a ramp: what the model asks, in units of what ratios usually come
   * to, and the more, the fewer were seen.
   */
  double asked(double leastUnit) {
    double doubt = Math.sqrt(1 + DOUBT_CYCLES * cycle / folded);
    return SIGNIFICANCE * doubt * Math.max(leastUnit, unit());
  }

  /** Whether ratios come to what the model says: noise that forgets slowly makes ramps common. */
  boolean areAsModelled() {
    return unit() <= LARGEST_UNIT;
  }

  /** Root of the mean square of the noise. */
  double noise() {
    return Math.sqrt(noiseSquare);
  }

  /** Root of the mean square of ratios over a few floors. */
  private double unit() {
    return Math.sqrt(unitSquare);
  }

  /** The greatest ratio that was seen; it is forgotten slowly. */
  double record() {
    return record;
  }

  long retainedBytes() {
    return 12L * lagging[0].length + 64;
  }
}
