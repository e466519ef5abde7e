package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Observations.Point;
import io.leakwatch.verdict.Verdict.Exhaustion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Judges a process by two readings and what lies between them.
 *
 * <p>Half a minute cannot tell a leak from data that is being stored: both grow, and somebody may
 * hold both. Only what nothing refers to can be told at once ({@link LostObjects}). So a leak is
 * said when lost objects are a good part of what grew. Everything else that grows beyond what
 * chance and the process' own swing move is growing, with what it is and who holds it; held or
 * pinned when the application has freed it. What has been asked for and never touched fills no
 * memory and does not count. Where the daemon has watched the process for long enough, its
 * judgement of the long run goes before.
 */
public final class ShortJudge {
  /** Less of the level is nothing that anybody would act on. */
  private static final double GROWTH_SHARE_MIN = 1e-4;

  /** What grows by chance alone stays below so many deviations. */
  private static final double DEVIATIONS = 3;

  /** What is lost is a leak where it is so much of what grew. */
  private static final double LOST_SHARE = 0.05;

  private static final double IN_USE_GROWS = 0.5;
  private static final double FREE_SHARE = 0.5;
  private static final double FREE_BYTES_MIN = 8 << 20;
  private static final double PINNED_SHARE = 0.5;
  private static final double LOST_CONFIDENCE = 0.95;
  private static final double SEEN_SHORTLY = 0.95;
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
    boolean anonymousGrows = grows(seen, Point::anonymousBytes, anonymous);
    boolean inUseGrows = grows(seen, Point::inUseBytes, inUse);
    double span = seen.spanSeconds();
    double lost = LostObjects.bytes(suspects);
    double grown = Math.max(known(inUse), known(anonymous)) * span;
    VerdictKind kind =
        lost > 0 && lost >= LOST_SHARE * grown
            ? VerdictKind.LEAK
            : kind(seen, anonymousGrows, inUseGrows, anonymous, inUse);
    double rate =
        kind == VerdictKind.LEAK
            ? Math.max(lost / span, inUseGrows ? inUse : 0)
            : kind == VerdictKind.GROWING && inUseGrows && !anonymousGrows ? inUse : anonymous;
    return new Verdict(
        kind,
        confidence(kind),
        ShortReasons.of(kind, seen, suspects, lost, heapUnknown),
        new Verdict.Growth(rate, Double.NaN, growth, Double.NaN, Double.NaN),
        new Verdict.Forecast(Double.NaN, exhaustion(limits, isGrowing(kind) ? rate : 0)),
        List.of());
  }

  /**
   * Puts the long run before two readings. What is lost stays a leak; otherwise a long run that
   * says something has seen more, and one that is steady makes a short growth less likely.
   */
  public static Verdict within(Verdict longRun, Verdict shortRun) {
    boolean lost = shortRun.kind() == VerdictKind.LEAK;
    boolean says = longRun.kind() != VerdictKind.UNKNOWN && longRun.kind() != VerdictKind.STEADY;
    List<String> reasons = new ArrayList<>();
    longRun.reasons().forEach(reason -> reasons.add("recorded: " + reason));
    reasons.addAll(shortRun.reasons());
    boolean sharper =
        longRun.kind() == VerdictKind.GROWING
            && (shortRun.kind() == VerdictKind.HELD || shortRun.kind() == VerdictKind.PINNED);
    Verdict chosen = says && !lost && !sharper ? longRun : shortRun;
    boolean doubted =
        !says && !lost && isGrowing(shortRun.kind()) && longRun.kind() == VerdictKind.STEADY;
    return new Verdict(
        chosen.kind(),
        doubted ? DOUBTED : chosen.confidence(),
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

  static boolean isGrowing(VerdictKind kind) {
    return kind == VerdictKind.LEAK || kind == VerdictKind.GROWING;
  }

  /**
   * What chance moves in the heap moves the working set, too: it stands at the highest level so
   * far.
   */
  private static boolean grows(Observations seen, ToDoubleFunction<Point> figure, double rate) {
    return isMoreThanChance(seen, rate * seen.spanSeconds(), figure.applyAsDouble(seen.last()))
        && seen.rises(figure);
  }

  /** Whether a figure of a level moves by so much that it is more than chance. */
  static boolean isMoreThanChance(Observations seen, double grownBytes, double levelBytes) {
    return grownBytes >= GROWTH_SHARE_MIN * levelBytes
        && seen.churn().isExceededBy(grownBytes, DEVIATIONS);
  }

  private static VerdictKind kind(
      Observations seen,
      boolean anonymousGrows,
      boolean inUseGrows,
      double anonymous,
      double inUse) {
    boolean heapKnown = !Double.isNaN(seen.last().inUseBytes());
    if (inUseGrows) {
      return VerdictKind.GROWING;
    }
    if (anonymousGrows) {
      boolean kept = heapKnown && inUse < IN_USE_GROWS * anonymous;
      if (kept && seen.rate(Point::heldBytes) >= IN_USE_GROWS * anonymous) {
        return heldKind(seen.last());
      }
      boolean isFree = seen.rate(Point::freeBytes) >= IN_USE_GROWS * anonymous;
      return kept && isFree ? VerdictKind.STEADY : VerdictKind.GROWING;
    }
    if (Double.isNaN(seen.last().anonymousBytes())) {
      return VerdictKind.UNKNOWN;
    }
    double free = seen.last().heldBytes();
    boolean isHeld =
        heapKnown
            && free >= FREE_BYTES_MIN
            && free >= FREE_SHARE * (free + seen.last().inUseBytes());
    return isHeld ? heldKind(seen.last()) : VerdictKind.STEADY;
  }

  private static VerdictKind heldKind(Point now) {
    return now.pinnedBytes() >= PINNED_SHARE * now.heldBytes()
        ? VerdictKind.PINNED
        : VerdictKind.HELD;
  }

  private static double confidence(VerdictKind kind) {
    return switch (kind) {
      case UNKNOWN -> 0;
      case LEAK -> LOST_CONFIDENCE;
      default -> SEEN_SHORTLY;
    };
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
