package io.leakwatch.trend.statistics;

/** How improbable large values are. */
public final class Tails {
  private Tails() {}

  /** −ln of the probability that Student's t exceeds {@code t}, good in the tail. */
  public static double student(double t, double freedom) {
    if (t <= 0) {
      return Math.log(2);
    }
    double normal =
        Math.sqrt(freedom * Math.log1p(t * t / freedom) * Math.max(0.3, 1 - 0.75 / freedom));
    return -logNormal(normal);
  }

  /** ln of the normal distribution's upper tail; Abramowitz and Stegun 26.2.17, and 26.2.12. */
  private static double logNormal(double x) {
    if (x > 6) {
      return -x * x / 2 - Math.log(x * Math.sqrt(2 * Math.PI)) + Math.log1p(-1 / (x * x));
    }
    double k = 1 / (1 + 0.2316419 * x);
    double sum =
        k
            * (0.319381530
                + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    return -x * x / 2 - Math.log(Math.sqrt(2 * Math.PI)) + Math.log(sum);
  }
}
