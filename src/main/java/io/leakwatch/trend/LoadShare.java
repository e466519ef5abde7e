package io.leakwatch.trend;

/**
 * How much of a growth the load explains.
 *
 * <p>A data set that grows takes memory in proportion to its size; the same line then describes
 * memory against load before and during the growth. Memory that grows by a fixed amount per request
 * and never shrinks does not count: there the sum of all load, not the load, explains it, and that
 * is a leak.
 */
final class LoadShare {
  private static final double MINIMUM_R2 = 0.7;

  private LoadShare() {}

  static double of(Floors memory, Floors load, int window) {
    double[] m = memory.toArray();
    double[] l = load.toArray();
    int n = Math.min(m.length, l.length);
    int length = Math.min(n, Math.max(8, 2 * window));
    if (length < 8) {
      return 0;
    }
    int mFrom = m.length - length;
    int lFrom = l.length - length;
    double meanM = 0;
    double meanL = 0;
    for (int i = 0; i < length; i++) {
      meanM += m[mFrom + i] / length;
      meanL += l[lFrom + i] / length;
    }
    double mm = 0;
    double ml = 0;
    double ll = 0;
    for (int i = 0; i < length; i++) {
      double dm = m[mFrom + i] - meanM;
      double dl = l[lFrom + i] - meanL;
      mm += dm * dm;
      ml += dm * dl;
      ll += dl * dl;
    }
    if (mm <= 0 || ll <= 0 || ml <= 0 || ml * ml / (mm * ll) < MINIMUM_R2) {
      return 0;
    }
    double grown = end(m, mFrom, length);
    return grown <= 0 ? 0 : Math.max(0, Math.min(1, ml / ll * end(l, lFrom, length) / grown));
  }

  private static double end(double[] z, int from, int length) {
    int quarter = length / 4;
    return RobustStatistics.median(z, from + length - quarter, from + length)
        - RobustStatistics.median(z, from, from + quarter);
  }
}
