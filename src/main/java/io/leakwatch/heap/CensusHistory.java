package io.leakwatch.heap;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The censuses that the next one is compared with. Two are kept, so that the older one's age stays
 * between half a span and a whole one however often walks come.
 */
public final class CensusHistory {
  /** Sizes named in a comparison. */
  private static final int SIZES_MAX = 10;

  private record Dated(double timeSeconds, List<SizeClass> census) {}

  private final double spanSeconds;
  private @Nullable Dated older;
  private @Nullable Dated newer;

  public CensusHistory(double spanSeconds) {
    this.spanSeconds = spanSeconds;
  }

  /**
   * The sizes that grew most, strongest first.
   *
   * @param seconds between the two censuses, {@code NaN} while there is only one
   */
  public record Growth(double seconds, List<SizeCensus.Growth> sizes) {
    /** Nothing to compare with. */
    public static final Growth UNKNOWN = new Growth(Double.NaN, List.of());
  }

  /**
   * Compares a census with an earlier one and keeps it if its time has come.
   *
   * @param census one that does not change any more
   */
  public Growth accept(double timeSeconds, List<SizeClass> census) {
    Dated base = older == null ? newer : older;
    Growth growth = base == null ? Growth.UNKNOWN : since(base, timeSeconds, census);
    if (newer == null || timeSeconds - newer.timeSeconds() >= spanSeconds / 2) {
      older = newer;
      newer = new Dated(timeSeconds, census);
    }
    return growth;
  }

  private static Growth since(Dated base, double timeSeconds, List<SizeClass> census) {
    List<SizeCensus.Growth> sizes =
        SizeCensus.difference(base.census(), census).stream()
            .filter(growth -> growth.bytes() > 0)
            .limit(SIZES_MAX)
            .toList();
    return new Growth(timeSeconds - base.timeSeconds(), sizes);
  }
}
