package io.leakwatch.evaluation.families;

/** Which shapes were taken for which, a number of series each. */
final class Confusion {
  private static final int SHAPES = Shape.values().length;
  private final int[][] counts = new int[SHAPES][SHAPES];

  synchronized void add(Shape truth, Shape told) {
    counts[truth.ordinal()][told.ordinal()]++;
  }

  int count(Shape truth, Shape told) {
    return counts[truth.ordinal()][told.ordinal()];
  }

  /** The mean over the shapes of the harmonic mean of precision and recall. */
  double macroF1() {
    double sum = 0;
    for (int k = 0; k < SHAPES; k++) {
      int truth = 0;
      int told = 0;
      for (int j = 0; j < SHAPES; j++) {
        truth += counts[k][j];
        told += counts[j][k];
      }
      sum += truth + told > 0 ? 2.0 * counts[k][k] / (truth + told) : 0;
    }
    return sum / SHAPES;
  }
}
