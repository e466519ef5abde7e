package io.leakwatch.trend;

/**
 * By how much more a process must stand out that wanders.
 *
 * <p>Noise that forgets within hours changes as much within a quarter of a cycle as from one cycle
 * to the next, and a load that repeats changes more; what wanders goes on in the meantime. So the
 * variance of the changes over a cycle, divided by that over a quarter, is one or less for the
 * former, four for a random walk and three for what comes back within days (the variance ratio of
 * Lo and MacKinlay: Stock market prices do not follow random walks, 1988). How wide such a process
 * goes cannot be seen by what it did in a week, of whose values only two or three are independent.
 * The lowest of each quarter is taken, so that collections do not look like wandering. Of a week
 * the ratio is known to about a third, which the usual one leaves room for.
 */
final class Wandering {
  private static final int PARTS = 4;
  private static final double USUAL_RATIO = 1.5;

  private Wandering() {}

  /** A factor, 1 for a process that does not wander. */
  static double factor(double[] floors, int from, int to, int cycle) {
    int part = Math.max(1, cycle / PARTS);
    double[] low = Envelope.trailingMin(floors, part);
    double within = meanSquareChange(low, from, to, part);
    double ratio = within > 0 ? meanSquareChange(low, from, to, cycle) / within : 1;
    return Math.max(1, ratio / USUAL_RATIO);
  }

  private static double meanSquareChange(double[] low, int from, int to, int lag) {
    double sum = 0;
    for (int i = from + lag; i < to; i++) {
      double change = low[i] - low[i - lag];
      sum += change * change;
    }
    return sum / Math.max(1, to - from - lag);
  }
}
