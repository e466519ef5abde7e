package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import io.leakwatch.verdict.Verdict.Exhaustion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what the matter is with a process' memory, from how it moves.
 *
 * <p>The working set says that something grows, the allocator's in-use bytes say what. When both
 * rise together, the application does not free: a leak. When the working set rose and what is in
 * use did not, the application has freed and the allocator keeps it: held, and pinned where most of
 * it lies below the last chunk in use of its heap. When what is in use rose because memory that had
 * been allocated before was touched, by the application or by a huge page of the kernel, and no
 * more was allocated, it fills up: warming, for that ends with what was allocated, unless a limit
 * comes before. Without in-use bytes that question stays open and the verdict is growing, until the
 * growth has gone on for days without a bend and without the load explaining it; what is merely
 * held cannot do that, for the allocator reuses it.
 */
public final class Judge {
  private static final double EXPLAINED_BY_LOAD = 0.7;
  private static final double IN_USE_GROWS = 0.5;
  private static final double IN_USE_STAYS = 0.25;
  private static final double PINNED_SHARE = 0.5;
  private static final double SETTLED_SHARE = 0.02;

  private long judged = -1;
  private VerdictKind judgedKind = VerdictKind.UNKNOWN;
  private List<String> reasons = List.of();

  /** Judges one process at the time of {@code newest}. */
  public Verdict judge(Trend trend, Sample newest, List<Limit> limits) {
    Growth leading = Growth.leading(trend.anonymous(), trend.inUse());
    VerdictKind kind = kind(trend, newest, limits, leading);
    double rate = leading == null ? Double.NaN : leading.rate().bytesPerSecond();
    double since = leading == null ? Double.NaN : leading.sinceSeconds();
    boolean grows = leading != null && leading.found();
    if (!grows && !trend.dangers().isEmpty()) {
      since = trend.dangers().get(0).sinceSeconds();
    }
    boolean goesOn = grows && kind != VerdictKind.WARMING;
    List<Exhaustion> exhaustion = exhaustion(trend, newest, limits, goesOn ? rate : 0);
    return new Verdict(
        kind,
        confidence(kind, trend, leading),
        reasons(kind, trend, newest, leading, exhaustion, limits),
        new Verdict.Growth(
            rate,
            leading != null && grows ? leading.rate().errorBytesPerSecond() : Double.NaN,
            trend.signals().perSecond(),
            since,
            leading == null ? 0 : leading.evidence()),
        new Verdict.Forecast(probability(trend, leading), exhaustion),
        load(trend));
  }

  private static List<Verdict.Load> load(Trend trend) {
    return trend.load().figures().stream()
        .map(
            one ->
                new Verdict.Load(
                    one.metric(), one.counter(), one.explainedFraction(), one.bytesPerUnit()))
        .toList();
  }

  /** Sentences are expensive; they are made again only when the growth was judged again. */
  private List<String> reasons(
      VerdictKind kind,
      Trend trend,
      Sample newest,
      @Nullable Growth leading,
      List<Exhaustion> exhaustion,
      List<Limit> limits) {
    if (trend.observed().judgements() != judged || kind != judgedKind) {
      judged = trend.observed().judgements();
      judgedKind = kind;
      reasons = Reasons.of(kind, trend, newest, leading, exhaustion, limits);
    }
    return reasons;
  }

  private static VerdictKind kind(
      Trend trend, Sample newest, List<Limit> limits, @Nullable Growth leading) {
    if (leading != null && leading.found()) {
      VerdictKind kind = growing(trend, newest, limits, leading);
      boolean counted = trend.dangers().stream().anyMatch(one -> one.resource().isCounted());
      return kind == VerdictKind.LOAD && counted ? VerdictKind.GROWING : kind;
    }
    if (!trend.dangers().isEmpty()) {
      return VerdictKind.GROWING;
    }
    if (leading == null) {
      return VerdictKind.UNKNOWN;
    }
    if (trend.held().bytes() > 0
        && trend.held().settledSeconds()
            > Math.min(
                trend.observed().hourSeconds(), SETTLED_SHARE * trend.observed().seconds())) {
      return heldKind(trend);
    }
    return switch (leading.pattern()) {
      case UNKNOWN, GROWING -> VerdictKind.UNKNOWN;
      case SATURATING -> VerdictKind.WARMING;
      case CYCLIC -> VerdictKind.CYCLIC;
      case FLAT, STEP -> VerdictKind.STEADY;
    };
  }

  private static VerdictKind growing(
      Trend trend, Sample newest, List<Limit> limits, Growth leading) {
    if (trend.load().share() >= EXPLAINED_BY_LOAD) {
      return VerdictKind.LOAD;
    }
    Growth used = trend.inUse();
    if (used == null) {
      return leading.leaks() ? VerdictKind.LEAK : VerdictKind.GROWING;
    }
    Trend.Signals signals = trend.signals();
    boolean quick = leading.isQuick();
    double share = quick ? quickShare(Signal.IN_USE_BYTES, trend, leading) : signals.inUseShare();
    double allocated =
        quick
            ? share + quickShare(Signal.UNTOUCHED_BYTES, trend, leading)
            : share + signals.untouchedShare();
    if (share >= IN_USE_GROWS && allocated < IN_USE_STAYS) {
      boolean fits = trend.dangers().isEmpty() && hasRoom(newest, limits);
      return fits ? VerdictKind.WARMING : VerdictKind.GROWING;
    }
    if (used.leaks() || (leading.leaks() && share >= IN_USE_GROWS)) {
      return VerdictKind.LEAK;
    }
    boolean held = share < IN_USE_STAYS && trend.held().bytes() > 0;
    return held ? heldKind(trend) : VerdictKind.GROWING;
  }

  /** Whether everything that was allocated may be touched. */
  private static boolean hasRoom(Sample newest, List<Limit> limits) {
    double untouched = newest.get(Signal.UNTOUCHED_BYTES);
    return limits.stream()
        .filter(limit -> limit.unit() == Limit.Unit.BYTES)
        .noneMatch(limit -> limit.headroom() < untouched);
  }

  private static double quickShare(Signal part, Trend trend, Growth leading) {
    double used = trend.signals().perSecond().getOrDefault(part, 0.0);
    return used / Math.max(1e-9, leading.rate().bytesPerSecond());
  }

  /** Of the danger that is most probable. */
  private static double probability(Trend trend, @Nullable Growth leading) {
    double highest = leading == null ? Double.NaN : leading.probability();
    for (Trend.Danger danger : trend.dangers()) {
      highest =
          danger.probability() > highest || Double.isNaN(highest) ? danger.probability() : highest;
    }
    return highest;
  }

  private static VerdictKind heldKind(Trend trend) {
    double pinned = trend.held().pinnedBytes();
    return pinned >= PINNED_SHARE * trend.held().bytes() ? VerdictKind.PINNED : VerdictKind.HELD;
  }

  private static double confidence(VerdictKind kind, Trend trend, @Nullable Growth leading) {
    if (kind == VerdictKind.UNKNOWN) {
      return 0;
    }
    double evidence = leading == null ? 0 : leading.evidence();
    return switch (kind) {
      case LEAK -> certain(trend.inUse() == null ? 0.6 : 0.8, evidence);
      case HELD, PINNED -> 0.9;
      case GROWING -> {
        double probability = probability(trend, leading);
        yield Double.isNaN(probability) ? certain(0.5, evidence) : probability;
      }
      case LOAD -> trend.load().share();
      default -> 0.8;
    };
  }

  /** Each power of ten in the evidence takes its part of the doubt. */
  private static double certain(double confidence, double evidence) {
    return 1 - (1 - confidence) / (1 + Math.log10(Math.max(1, evidence)) / 3);
  }

  /**
   * When each limit is reached: by its own course where that is on its way there, which is also
   * that of all who share it; else by the growth of the process. What does not grow reaches none.
   */
  private static List<Exhaustion> exhaustion(
      Trend trend, Sample newest, List<Limit> limits, double rate) {
    List<Exhaustion> found = new ArrayList<>();
    boolean named = limits.stream().anyMatch(limit -> limit.unit() == Limit.Unit.BYTES);
    if (!named && newest.has(Signal.LIMIT_BYTES) && newest.has(Signal.RSS_ANON_BYTES)) {
      double limit = newest.get(Signal.LIMIT_BYTES);
      double headroom = limit - newest.get(Signal.RSS_ANON_BYTES);
      found.add(new Exhaustion("memory limit", limit, seconds(headroom, rate)));
    }
    Set<Resource> told = EnumSet.noneOf(Resource.class);
    for (Limit limit : limits) {
      Resource resource = Resources.of(limit, newest);
      Optional<Trend.Danger> danger =
          trend.dangers().stream().filter(one -> one.resource() == resource).findFirst();
      danger.ifPresent(one -> told.add(one.resource()));
      double seconds =
          danger
              .map(Trend.Danger::seconds)
              .orElseGet(
                  () ->
                      seconds(
                          (double) limit.headroom(),
                          rate > 0 && resource.isCounted() ? perSecond(trend, resource) : rate));
      found.add(new Exhaustion(limit.name(), (double) limit.limit(), seconds));
    }
    for (Trend.Danger danger : trend.dangers()) {
      if (!told.contains(danger.resource())) {
        String name = Resources.limitName(danger.resource());
        found.add(new Exhaustion(name, danger.level().limit(), danger.seconds()));
      }
    }
    found.sort(Comparator.comparingDouble(Exhaustion::seconds));
    return List.copyOf(found);
  }

  /** How fast what is counted went along with the growth of the memory. */
  private static double perSecond(Trend trend, Resource resource) {
    return trend.signals().perSecond().getOrDefault(resource.used(), 0.0);
  }

  private static double seconds(double headroom, double perSecond) {
    return perSecond > 0 ? Math.max(0, headroom) / perSecond : Double.POSITIVE_INFINITY;
  }
}
