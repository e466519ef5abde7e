package io.leakwatch.verdict;

import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The kinds of memory in which a process' working set grows, and what part of the growth each has.
 *
 * @param kinds those with a tenth of the growth or more, the fastest first, three at most
 * @param wholePerSecond growth of the working set, bytes per second
 */
public record GrowingKinds(List<Kind> kinds, double wholePerSecond) {
  /**
   * One kind.
   *
   * @param bytesPerSecond above 0
   */
  public record Kind(Signal signal, double bytesPerSecond) {
    /** {@code brk_heap}. */
    public String name() {
      return signal.kind().map(RegionKind::wireName).orElse("");
    }
  }

  /**
   * Sorts them out.
   *
   * @param rates by signal, bytes per second; those that are no kind of the working set are left
   *     out
   */
  public static GrowingKinds of(Map<Signal, Double> rates, double wholePerSecond) {
    Stream<Kind> kinds =
        rates.entrySet().stream()
            .filter(rate -> isKind(rate.getKey()))
            .map(rate -> new Kind(rate.getKey(), rate.getValue()));
    return new GrowingKinds(
        LargestParts.of(kinds, Kind::bytesPerSecond, wholePerSecond), wholePerSecond);
  }

  /** Whether the fastest kind has at least half of the growth. */
  public boolean oneHasMost() {
    return !kinds.isEmpty() && LargestParts.isMost(kinds.get(0).bytesPerSecond(), wholePerSecond);
  }

  /** Those that are to be named: the one with most of it, else all. */
  public List<Kind> named() {
    return oneHasMost() ? kinds.subList(0, 1) : kinds;
  }

  /** {@code +6.8 GiB/hour of +6.9} for the one that has most of it, else {@code +2.1 GiB/hour}. */
  public String rate(Kind kind) {
    return oneHasMost()
        ? Quantity.rateOf(kind.bytesPerSecond(), wholePerSecond)
        : Quantity.rate(kind.bytesPerSecond());
  }

  private static boolean isKind(Signal signal) {
    return signal
        .kind()
        .filter(kind -> kind != RegionKind.SHARED_MEMORY && kind != RegionKind.HUGETLB)
        .isPresent();
  }
}
