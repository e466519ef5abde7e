package io.leakwatch.verdict;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Which parts of a growth are worth naming: each a tenth of it or more, three at most. */
final class LargestParts {
  private static final double MOST = 0.5;
  private static final double LEAST = 0.1;
  private static final int PARTS_MAX = 3;

  private LargestParts() {}

  /** Those parts, the largest first; none of a whole that is not above 0. */
  static <T> List<T> of(Stream<T> parts, ToDoubleFunction<T> size, double whole) {
    return parts
        .filter(part -> whole > 0 && size.applyAsDouble(part) >= LEAST * whole)
        .sorted(Comparator.comparingDouble(size).reversed())
        .limit(PARTS_MAX)
        .toList();
  }

  /** Whether one part is at least half of the whole, and may stand for it. */
  static boolean isMost(double part, double whole) {
    return part >= MOST * whole;
  }
}
