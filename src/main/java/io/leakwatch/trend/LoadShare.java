package io.leakwatch.trend;

/**
 * What of a deviation from the usual cycle a deviation of the load explains.
 *
 * <p>Both are nothing on a usual day, so the regression goes through the origin. It learns from
 * pairs that are half a cycle old at least, lest it take a leak that has just begun for load. A
 * cycle has about one height, so a fit to a few of them explains much by chance alone; what it
 * leaves counts the more, the fewer were seen, and what explains less than half is not used.
 */
final class LoadShare {
  private static final double MEMORY_CYCLES = 14;
  private static final double READY_CYCLES = 2;
  private static final double CHANCE_CYCLES = 4;
  private static final double LARGEST_UNEXPLAINED = 0.5;

  private final int cycle;
  private final float[][] lagging;
  private long taken;
  private double loadSquare;
  private double square;
  private double product;

  LoadShare(int cycle) {
    this.cycle = cycle;
    lagging = new float[2][Math.max(1, cycle / 2)];
  }

  void clear() {
    taken = 0;
    loadSquare = 0;
    square = 0;
    product = 0;
  }

  /** Takes a pair of deviations of one stretch; a load that is not known is left out. */
  void accept(double deviation, double load) {
    if (Double.isNaN(load)) {
      return;
    }
    int slot = (int) (taken % lagging[0].length);
    if (taken >= lagging[0].length) {
      double x = lagging[1][slot];
      double y = lagging[0][slot];
      double newest = 1 / Math.min(folded() + 1, MEMORY_CYCLES * cycle);
      loadSquare += newest * (x * x - loadSquare);
      square += newest * (y * y - square);
      product += newest * (x * y - product);
    }
    lagging[0][slot] = (float) deviation;
    lagging[1][slot] = (float) load;
    taken++;
  }

  private double folded() {
    return Math.max(0, taken - lagging[0].length);
  }

  /**
   * The share of the deviations' size that load leaves; 1 where it explains too little.
   *
   * @param noise standard deviation of what is neither load nor leak
   */
  double unexplained(double noise) {
    double cycles = folded() / cycle;
    if (cycles < READY_CYCLES || loadSquare <= 0 || square <= noise * noise) {
      return 1;
    }
    double residual = square - product * product / loadSquare;
    double chance = CHANCE_CYCLES / cycles;
    double left =
        Math.max(0, residual - noise * noise) / (square - noise * noise) * (1 + chance * chance);
    return left > LARGEST_UNEXPLAINED * LARGEST_UNEXPLAINED ? 1 : Math.sqrt(left);
  }

  /** What a load this far from the usual adds. */
  double of(double load) {
    return Double.isNaN(load) ? 0 : product / loadSquare * load;
  }

  long retainedBytes() {
    return 8L * lagging[0].length + 48;
  }
}
