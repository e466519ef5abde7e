package io.leakwatch.sampling.judgement;

import io.leakwatch.verdict.VerdictKind;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of one build have lived through without growing now. A program that fills for
 * days does so in each of them, so their days say of it what its own past would. One object is made
 * for each round, so that the cost of a round grows with the number of processes only.
 */
public final class Siblings {
  /** More says nothing more. */
  private static final double DAYS_MAX = 60;

  private static final double DAY_MILLIS = 86_400_000;

  private final Map<String, Sum> byBuild = new HashMap<>();

  /**
   * A process as it was judged last.
   *
   * @param buildId of its executable, {@code ""} when unknown
   * @param ageSeconds {@code NaN} when unknown
   */
  public record Sibling(String buildId, double ageSeconds, VerdictKind kind) {
    private boolean counts() {
      boolean grows = kind.isAlarming() || kind == VerdictKind.LOAD;
      return !buildId.isEmpty() && ageSeconds >= 0 && !grows;
    }

    private Sum own() {
      return new Sum(1, Math.round(ageSeconds * 1000));
    }
  }

  /** Of whole milliseconds, so that one process can be taken out of it exactly. */
  private record Sum(long processes, long ageMillis) {
    static final Sum NONE = new Sum(0, 0);

    Sum plus(Sum other) {
      return new Sum(processes + other.processes, ageMillis + other.ageMillis);
    }

    Sum minus(Sum other) {
      return new Sum(processes - other.processes, ageMillis - other.ageMillis);
    }
  }

  /** Takes all processes of the node that are judged. */
  public Siblings(Collection<Sibling> all) {
    for (Sibling one : all) {
      if (one.counts()) {
        byBuild.merge(one.buildId(), one.own(), Sum::plus);
      }
    }
  }

  /**
   * The days that others of a build have lived, of those that do not grow; whole ones, since parts
   * would only take room in the history.
   *
   * @param own what was taken of the process itself, null for nothing
   * @return 0 to 60, {@code NaN} where there is no sibling
   */
  public double days(String buildId, @Nullable Sibling own) {
    Sum all = byBuild.getOrDefault(buildId, Sum.NONE);
    Sum others = own != null && own.counts() ? all.minus(own.own()) : all;
    return others.processes() == 0
        ? Double.NaN
        : Math.min(DAYS_MAX, Math.floor(others.ageMillis() / DAY_MILLIS));
  }
}
