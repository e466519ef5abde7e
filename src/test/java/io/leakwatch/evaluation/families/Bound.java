package io.leakwatch.evaluation.families;

/**
 * How early any detector can be.
 *
 * <p>Lorden (1971): a rule with a mean time of γ samples between false alarms has a worst-case mean
 * delay of at least ln γ divided by the information per sample. A ramp gains information as it
 * grows, so the bound is where the sum of it, with the correlated noise whitened exactly, reaches
 * ln γ. It holds for a detector that knows noise and slope beforehand.
 */
final class Bound {
  private static final double LONGEST_DAYS = 60;

  private Bound() {}

  /** Hours for one false alarm in 1000 process-days. */
  static double hours(double bytesPerDay, double noise, double tauSeconds, double stepSeconds) {
    double a = Math.exp(-stepSeconds / tauSeconds);
    double needed = Math.log(1000 * 86400 / stepSeconds);
    double variance = noise * noise * (1 - a * a);
    double information = 0;
    double previous = 0;
    for (int k = 1; k * stepSeconds < LONGEST_DAYS * 86400; k++) {
      double mean = bytesPerDay * k * stepSeconds / 86400;
      information += (mean - a * previous) * (mean - a * previous) / (2 * variance);
      previous = mean;
      if (information >= needed) {
        return k * stepSeconds / 3600;
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
