package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Observations.Point;
import io.leakwatch.verdict.Verdict.Exhaustion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges a process by two readings and what lies between them.
 *
 * <p>Half a minute cannot tell a leak from a cache that still fills; but it can tell what is in use
 * from what is merely kept, and what nothing refers to from what somebody holds. So a leak is said
 * when what the application has not freed rises in nearly every step, with a confidence that stays
 * low unless the suspects are lost; held and pinned when most of the heap is free; and growing when
 * the working set rises and the cause cannot be read. Where the daemon has watched the process for
 * long enough, its judgement of the long run goes before.
 */
public final class ShortJudge {
  private static final double GROWTH_BYTES_MIN = 64 << 10;
  private static final double GROWTH_SHARE_MIN = 1e-4;
  private static final double RISING_SHARE = 0.6;
  private static final double IN_USE_GROWS = 0.5;
  private static final double FREE_SHARE = 0.5;
  private static final double FREE_BYTES_MIN = 8 << 20;
  private static final double PINNED_SHARE = 0.5;
  private static final double LOST_SHARE = 0.5;
  private static final double LOST_CONFIDENCE = 0.95;
  private static final double SEEN_SHORTLY = 0.6;
  private static final double DOUBTED = 0.3;

  private ShortJudge() {}

  /**
   * Judges.
   *
   * @param growth bytes per second by kind of memory
   * @param suspects what grew
   * @param heapUnknown why what is in use is not known, {@code ""} when it is
   * @param limits that apply now
   */
  public static Verdict judge(
      Observations seen,
      Map<Signal, Double> growth,
      List<Suspect> suspects,
      String heapUnknown,
      List<Limit> limits) {
    double anonymous = seen.rate(Point::anonymousBytes);
    double inUse = seen.rate(Point::inUseBytes);
    boolean anonymousGrows = grows(seen, anonymous, seen.last().anonymousBytes());
    boolean inUseGrows =
        grows(seen, inUse, seen.last().inUseBytes())
            && seen.risingShare(Point::inUseBytes) >= RISING_SHARE;
    double lost = lostShare(suspects);
    VerdictKind kind = kind(seen, anonymousGrows, inUseGrows, anonymous, inUse, lost);
    double rate = kind == VerdictKind.LEAK && inUseGrows ? Math.max(inUse, 0) : anonymous;
    List<String> reasons = new ArrayList<>();
    explain(kind, seen, inUse, anonymous, suspects, lost, heapUnknown, reasons);
    return new Verdict(
        kind,
        confidence(kind, lost),
        List.copyOf(reasons),
        new Verdict.Growth(rate, Double.NaN, growth, Double.NaN, Double.NaN),
        new Verdict.Forecast(Double.NaN, exhaustion(limits, isGrowing(kind) ? rate : 0)),
        List.of());
  }

  /**
   * Puts the long run before two readings. What is lost stays a leak; otherwise a long run that
   * says something has seen more, and one that is steady makes a short growth less likely.
   */
  public static Verdict within(Verdict longRun, Verdict shortRun) {
    boolean lost = shortRun.kind() == VerdictKind.LEAK && shortRun.confidence() >= LOST_CONFIDENCE;
    boolean says = longRun.kind() != VerdictKind.UNKNOWN && longRun.kind() != VerdictKind.STEADY;
    boolean sharper =
        longRun.kind() == VerdictKind.GROWING && shortRun.kind() != VerdictKind.STEADY;
    List<String> reasons = new ArrayList<>();
    longRun.reasons().forEach(reason -> reasons.add("recorded: " + reason));
    reasons.addAll(shortRun.reasons());
    Verdict chosen = says && !lost && !sharper ? longRun : shortRun;
    boolean doubted =
        !says && !lost && isGrowing(shortRun.kind()) && longRun.kind() == VerdictKind.STEADY;
    return new Verdict(
        chosen.kind(),
        doubted ? DOUBTED : Math.max(chosen.confidence(), sharper ? longRun.confidence() : 0),
        List.copyOf(reasons),
        new Verdict.Growth(
            (says ? longRun : shortRun).growth().bytesPerSecond(),
            longRun.growth().errorBytesPerSecond(),
            shortRun.growth().bySignal(),
            longRun.growth().sinceSeconds(),
            longRun.growth().evidence()),
        new Verdict.Forecast(
            longRun.forecast().probability(), (says ? longRun : shortRun).forecast().exhaustion()),
        longRun.load(),
        longRun.changes());
  }

  private static boolean isGrowing(VerdictKind kind) {
    return kind == VerdictKind.LEAK || kind == VerdictKind.GROWING;
  }

  private static boolean grows(Observations seen, double rate, double level) {
    double least = Math.max(GROWTH_BYTES_MIN, GROWTH_SHARE_MIN * level);
    return rate * seen.spanSeconds() >= least;
  }

  /** Share of the suspects' growth that nothing refers to; {@code NaN} when nobody was asked. */
  private static double lostShare(List<Suspect> suspects) {
    double asked = 0;
    double lost = 0;
    for (Suspect suspect : suspects) {
      if (!Double.isNaN(suspect.references().unreferencedFraction())) {
        asked += suspect.bytesGrowth();
        lost += suspect.bytesGrowth() * suspect.references().unreferencedFraction();
      }
    }
    return asked > 0 ? lost / asked : Double.NaN;
  }

  private static VerdictKind kind(
      Observations seen,
      boolean anonymousGrows,
      boolean inUseGrows,
      double anonymous,
      double inUse,
      double lost) {
    boolean heapKnown = !Double.isNaN(seen.last().inUseBytes());
    if (inUseGrows || (anonymousGrows && lost >= LOST_SHARE)) {
      return VerdictKind.LEAK;
    }
    if (anonymousGrows) {
      boolean kept = heapKnown && inUse < IN_USE_GROWS * anonymous;
      boolean freeGrows = seen.rate(Point::freeBytes) >= IN_USE_GROWS * anonymous;
      return kept && freeGrows ? heldKind(seen.last()) : VerdictKind.GROWING;
    }
    if (Double.isNaN(seen.last().anonymousBytes())) {
      return VerdictKind.UNKNOWN;
    }
    double free = seen.last().freeBytes();
    boolean isHeld =
        heapKnown
            && free >= FREE_BYTES_MIN
            && free >= FREE_SHARE * (free + seen.last().inUseBytes());
    return isHeld ? heldKind(seen.last()) : VerdictKind.STEADY;
  }

  private static VerdictKind heldKind(Point now) {
    return now.pinnedBytes() >= PINNED_SHARE * now.freeBytes()
        ? VerdictKind.PINNED
        : VerdictKind.HELD;
  }

  private static double confidence(VerdictKind kind, double lost) {
    return switch (kind) {
      case UNKNOWN -> 0;
      case LEAK -> lost >= LOST_SHARE ? LOST_CONFIDENCE : SEEN_SHORTLY;
      case HELD, PINNED -> 0.8;
      default -> SEEN_SHORTLY;
    };
  }

  private static void explain(
      VerdictKind kind,
      Observations seen,
      double inUse,
      double anonymous,
      List<Suspect> suspects,
      double lost,
      String heapUnknown,
      List<String> reasons) {
    double span = seen.spanSeconds();
    if (!Double.isNaN(inUse)) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "in use %s in %s; it rose in %s of the steps",
              Quantity.signed(inUse * span),
              Quantity.duration(span),
              Quantity.percent(seen.risingShare(Point::inUseBytes))));
    }
    reasons.add(
        String.format(
            Locale.ROOT,
            "working set %s in %s",
            Quantity.signed(anonymous * span),
            Quantity.duration(span)));
    if (isGrowing(kind)) {
      largest(suspects, Math.max(known(inUse), known(anonymous)) * span).ifPresent(reasons::add);
    }
    if (lost >= LOST_SHARE) {
      reasons.add(Quantity.percent(lost) + " of it is unreferenced (lost)");
    }
    if (kind == VerdictKind.HELD || kind == VerdictKind.PINNED) {
      reasons.add(
          Quantity.size(seen.last().freeBytes())
              + " of freed memory are kept by the allocator, "
              + Quantity.size(seen.last().inUseBytes())
              + " are in use");
    }
    if (kind == VerdictKind.PINNED) {
      reasons.add(
          Quantity.size(seen.last().pinnedBytes())
              + " of free memory cannot be returned: chunks in use at the top of the"
              + " heaps lie above it");
    }
    if (isGrowing(kind) && Double.isNaN(lost)) {
      reasons.add(
          "watched for only " + Quantity.duration(span) + ": a cache that fills looks the same");
    }
    if (!heapUnknown.isEmpty()) {
      reasons.add("the bytes in use are unknown: " + heapUnknown);
    }
  }

  /** What most of the growth is, else what the largest parts of it are, as far as that is known. */
  private static Optional<String> largest(List<Suspect> suspects, double grownBytes) {
    List<Suspect> parts = LargestParts.of(suspects.stream(), Suspect::bytesGrowth, grownBytes);
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    Suspect first = parts.get(0);
    return Optional.of(
        LargestParts.isMost((double) first.bytesGrowth(), grownBytes)
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

  private static double known(double rate) {
    return Double.isNaN(rate) ? 0 : rate;
  }

  private static List<Exhaustion> exhaustion(List<Limit> limits, double rate) {
    return limits.stream()
        .filter(limit -> limit.unit() == Limit.Unit.BYTES)
        .map(
            limit ->
                new Exhaustion(
                    limit.name(),
                    (double) limit.limit(),
                    rate > 0 ? limit.headroom() / rate : Double.POSITIVE_INFINITY))
        .sorted(Comparator.comparingDouble(Exhaustion::seconds))
        .toList();
  }
}
