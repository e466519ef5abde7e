package io.leakwatch.verdict;

import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Observations.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says in words why two readings lead to a verdict, what holds what grew, and what would tell. */
final class ShortReasons {
  private static final double SHOWN_SHARE = 0.01;

  private ShortReasons() {}

  static List<String> of(
      VerdictKind kind,
      Observations seen,
      List<Suspect> suspects,
      double lostBytes,
      String heapUnknown) {
    List<String> reasons = new ArrayList<>();
    double span = seen.spanSeconds();
    double inUse = seen.rate(Point::inUseBytes) * span;
    double anonymous = seen.rate(Point::anonymousBytes) * span;
    double grown = Math.max(known(inUse), known(anonymous));
    String moved =
        (Double.isNaN(inUse) ? "" : "in use " + Quantity.signed(inUse) + ", ")
            + "working set "
            + Quantity.signed(anonymous)
            + " in "
            + Quantity.duration(span);
    boolean isLost = lostBytes > 0 && lostBytes >= SHOWN_SHARE * grown;
    switch (kind) {
      case LEAK -> reasons.add(moved + "; " + lost(suspects, lostBytes, grown));
      case GROWING -> reasons.add(moved + heldBy(suspects));
      case HELD, PINNED -> {
        reasons.add(
            Quantity.size(seen.last().heldBytes())
                + " of freed memory are kept by the allocator, "
                + Quantity.size(seen.last().inUseBytes())
                + " are in use");
        reasons.add(moved);
      }
      default -> reasons.add(moved + swing(seen, grown));
    }
    if (ShortJudge.isGrowing(kind)) {
      largest(suspects, grown).ifPresent(reasons::add);
    }
    if (kind != VerdictKind.LEAK && isLost) {
      reasons.add(lost(suspects, lostBytes, grown));
    }
    if (kind == VerdictKind.PINNED) {
      reasons.add(
          Quantity.size(seen.last().pinnedBytes())
              + " of free memory cannot be returned: memory in use lies above it or among it");
    }
    if (!heapUnknown.isEmpty()) {
      reasons.add("the bytes in use are unknown: " + heapUnknown);
    }
    if (kind == VerdictKind.GROWING) {
      reasons.add(
          "watched for only "
              + Quantity.duration(span)
              + ": data that is stored and a cache that fills look the same; watch it with the"
              + " agent for a day, or diagnose it again when its load has been level for an hour");
    }
    return List.copyOf(reasons);
  }

  /** Why a rise is no growth. */
  private static String swing(Observations seen, double grown) {
    if (grown > 0 && seen.rate(Point::garbageBytes) * seen.spanSeconds() >= grown / 2) {
      return "; what grows is garbage that the next collection takes";
    }
    if (ShortJudge.isMoreThanChance(seen, grown, seen.last().anonymousBytes())) {
      return "; it rises and falls by as much";
    }
    return grown > 0 && seen.churn().largeGrowthBytes() >= grown / 2
        ? "; most of it is a few large allocations, which are no trend yet"
        : "";
  }

  private static String lost(List<Suspect> suspects, double lostBytes, double grown) {
    int searched = 0;
    int lost = 0;
    for (Suspect suspect : suspects) {
      if (LostObjects.areCertain(suspect)) {
        searched += suspect.references().survival().living();
        lost += suspect.references().survival().lost();
      }
    }
    return String.format(
        Locale.ROOT,
        "%s of it is unreferenced (lost): nothing refers to %d of %d objects that were searched"
            + " for twice",
        Quantity.percent(lostBytes / Math.max(lostBytes, grown)),
        lost,
        searched);
  }

  /** Who holds most of what grew most, {@code ""} where that is not known. */
  private static String heldBy(List<Suspect> suspects) {
    return suspects.stream()
        .limit(1)
        .flatMap(suspect -> suspect.references().holders().stream().limit(1))
        .map(
            holder ->
                "; what grew most is held by "
                    + holder.where()
                    + " ("
                    + Quantity.percent(holder.fraction())
                    + ")")
        .findFirst()
        .orElse("");
  }

  /** What most of the growth is, else what the largest parts of it are, as far as that is known. */
  private static Optional<String> largest(List<Suspect> suspects, double grownBytes) {
    List<Suspect> parts = LargestParts.of(suspects.stream(), Suspect::weightBytes, grownBytes);
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    Suspect first = parts.get(0);
    return Optional.of(
        LargestParts.isMost(first.weightBytes(), grownBytes)
            ? "most of it: " + more(first)
            : parts.stream()
                .map(part -> more(part) + " (" + Quantity.size(part.bytesGrowth()) + ")")
                .collect(Collectors.joining("; ", "part of it: ", "")));
  }

  private static String more(Suspect suspect) {
    return suspect.countGrowth()
        + " more of "
        + suspect.content().type()
        + ", "
        + Quantity.exact(suspect.chunkBytes())
        + " each";
  }

  private static double known(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
