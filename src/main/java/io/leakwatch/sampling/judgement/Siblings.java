package io.leakwatch.sampling.judgement;

import io.leakwatch.verdict.VerdictKind;
import java.util.List;

/**
 * What other processes of the same build have lived through without growing now. A program that
 * fills for days does so in each of them, so their days say of it what its own past would.
 */
public final class Siblings {
  /** More says nothing more. */
  private static final double DAYS_MAX = 60;

  private static final double DAY_SECONDS = 86_400;

  /**
   * A process as it was judged last.
   *
   * @param buildId of its executable, {@code ""} when unknown
   * @param ageSeconds {@code NaN} when unknown
   */
  public record Life(String buildId, double ageSeconds, VerdictKind kind) {
    boolean grows() {
      return kind.isAlarming() || kind == VerdictKind.LOAD;
    }
  }

  private Siblings() {}

  /**
   * The days that others of a build have lived, of those that do not grow; whole ones, since parts
   * would only take room in the history.
   *
   * @return 0 to 60, {@code NaN} where there is no sibling
   */
  public static double days(String buildId, List<Life> others) {
    double seconds = Double.NaN;
    for (Life other : others) {
      boolean isSibling = !buildId.isEmpty() && buildId.equals(other.buildId());
      if (isSibling && !other.grows() && other.ageSeconds() >= 0) {
        seconds = (Double.isNaN(seconds) ? 0 : seconds) + other.ageSeconds();
      }
    }
    return Math.min(DAYS_MAX, Math.floor(seconds / DAY_SECONDS));
  }
}
