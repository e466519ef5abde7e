package io.leakwatch.verdict;

/**
 * What chance alone moves what is in use by, as the allocations that came and went tell; nothing
 * where they are not known. Large ones are apart: they are few, a buffer of 32 MiB that was just
 * filled is most of a growth, and beside it small ones may grow in earnest.
 *
 * @param smallBytes one deviation by the small allocations
 * @param largeBytes one deviation by the large ones
 * @param largeGrowthBytes by how much the large ones grew, 0 where they shrank
 */
public record Churn(double smallBytes, double largeBytes, double largeGrowthBytes) {
  public static final Churn NONE = new Churn(0, 0, 0);

  /** Of two sets of allocations that have nothing to do with each other. */
  public Churn plus(Churn other) {
    return new Churn(
        Math.hypot(smallBytes, other.smallBytes),
        Math.hypot(largeBytes, other.largeBytes),
        largeGrowthBytes + other.largeGrowthBytes);
  }

  /**
   * Whether chance does not explain a growth: neither all of it, nor what is left of it without the
   * large allocations.
   *
   * @param deviations that chance stays below
   */
  boolean isExceededBy(double grownBytes, double deviations) {
    return grownBytes >= deviations * Math.hypot(smallBytes, largeBytes)
        || grownBytes - largeGrowthBytes >= deviations * smallBytes;
  }
}
