package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Pattern;
import io.leakwatch.trend.Trend;
import io.leakwatch.verdict.Verdict.Exhaustion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sentences under a verdict. Each holds figures that a person can check against the series, and
 * none tells of something that was not read.
 */
final class Reasons {
  private static final double DAYS_MAX = 100_000;
  private static final double MOST = 0.5;
  private static final double LOAD_SHARE_MIN = 0.1;

  /**
   * The other signals' rates come from closed floors; those of a younger growth are not in them.
   */
  private static final int RATED_FLOORS = 3;

  private final VerdictKind kind;
  private final Trend trend;
  private final Trend.Observed observed;
  private final Sample newest;
  private final List<String> sentences = new ArrayList<>();

  private Reasons(VerdictKind kind, Trend trend, Sample newest) {
    this.kind = kind;
    this.trend = trend;
    this.observed = trend.observed();
    this.newest = newest;
  }

  static List<String> of(
      VerdictKind kind,
      Trend trend,
      Sample newest,
      @Nullable Growth leading,
      List<Exhaustion> exhaustion,
      List<Limit> limits) {
    Trend.Observed observed = trend.observed();
    if (leading == null && trend.dangers().isEmpty()) {
      return List.of(
          "watched for less than "
              + (observed.hourSeconds() == 3600
                  ? "an hour"
                  : Quantity.duration(observed.hourSeconds()))
              + ", too short to judge");
    }
    Reasons reasons = new Reasons(kind, trend, newest);
    reasons.sentences.addAll(
        LimitReasons.dangers(kind, trend, newest, leading, exhaustion, limits));
    if (leading == null) {
      return List.copyOf(reasons.sentences);
    }
    if (leading.found()) {
      reasons.growth(leading);
      if (observed.timeSeconds() - leading.sinceSeconds()
          >= RATED_FLOORS * observed.hourSeconds()) {
        reasons.inUse(leading);
        reasons.kinds(leading);
      }
      reasons.load();
    } else {
      reasons.level(leading);
    }
    reasons.stated(leading);
    reasons.held();
    if (leading.found()) {
      reasons.counts();
      reasons.evidence(leading);
      LimitReasons.forecast(exhaustion, limits, trend, newest).ifPresent(reasons.sentences::add);
    }
    return List.copyOf(reasons.sentences);
  }

  private void say(String format, Object... figures) {
    sentences.add(String.format(Locale.ROOT, format, figures));
  }

  private void growth(Growth growth) {
    Growth.Rate rate = growth.rate();
    Growth.Rise rise = growth.rise();
    boolean surge = growth.isQuick() || Double.isNaN(rate.errorBytesPerSecond());
    StringBuilder sentence = new StringBuilder();
    sentence
        .append(growth.signal() == Signal.IN_USE_BYTES ? "in use " : "working set ")
        .append(
            surge
                ? Quantity.rate(rate.bytesPerSecond())
                : Quantity.rate(rate.bytesPerSecond(), rate.errorBytesPerSecond()))
        .append(" since ")
        .append(Figures.when(growth.sinceSeconds(), observed.timeSeconds()))
        .append(", ")
        .append(Quantity.signed(rise.bytes()))
        .append(" in ")
        .append(Quantity.duration(observed.timeSeconds() - growth.sinceSeconds()));
    if (!surge && rise.floors() > 0) {
      sentence.append(
          String.format(
              Locale.ROOT,
              ", floor rose in %d of %d %s",
              rise.risingFloors(),
              rise.floors(),
              stretches()));
    }
    if (trend.signals().perSecond().containsKey(Signal.LOAD) || !trend.load().figures().isEmpty()) {
      sentence.append(", load explains ").append(Quantity.percent(trend.load().share()));
    }
    sentences.add(sentence.toString());
  }

  private String stretches() {
    return observed.hourSeconds() == 3600
        ? "hours"
        : "stretches of " + Quantity.duration(observed.hourSeconds());
  }

  private String stretch() {
    return observed.hourSeconds() == 3600 ? "hour" : Quantity.duration(observed.hourSeconds());
  }

  private void inUse(Growth growth) {
    if (growth.signal() == Signal.IN_USE_BYTES) {
      return;
    }
    double used = trend.signals().perSecond().getOrDefault(Signal.IN_USE_BYTES, Double.NaN);
    if (trend.inUse() != null && !Double.isNaN(used)) {
      say("in use %s over the same time", Quantity.rate(used));
      if (kind == VerdictKind.WARMING) {
        say(
            "no more was allocated: what had been allocated before is touched, by the process or"
                + " by huge pages of the kernel");
      }
    } else if (kind == VerdictKind.GROWING) {
      say("the bytes in use are unknown, so it may be a leak or held memory");
    }
  }

  /** The kind of memory in which most of it lies, or the largest, where the kinds are seen. */
  private void kinds(Growth growth) {
    GrowingKinds seen =
        GrowingKinds.of(trend.signals().perSecond(), growth.rate().bytesPerSecond());
    String kinds =
        seen.named().stream()
            .map(kind -> kind.name() + ": " + seen.rate(kind))
            .collect(Collectors.joining(", "));
    if (!kinds.isEmpty()) {
      say("%sin memory of kind %s", seen.oneHasMost() ? "most of it " : "", kinds);
    }
  }

  /** The figure that explains most, and what is lost with each unit of a counter. */
  private void load() {
    trend.load().figures().stream()
        .filter(one -> !one.counter() && one.explainedFraction() >= LOAD_SHARE_MIN)
        .findFirst()
        .ifPresent(
            one ->
                say(
                    "%s explains %s of it%s",
                    one.metric(),
                    Quantity.percent(one.explainedFraction()),
                    Double.isNaN(one.bytesPerUnit())
                        ? ""
                        : ": " + Quantity.size(one.bytesPerUnit()) + " per unit"));
    if (kind == VerdictKind.LEAK || kind == VerdictKind.GROWING) {
      trend.load().figures().stream()
          .filter(one -> one.counter() && one.explainedFraction() >= MOST)
          .findFirst()
          .ifPresent(
              one ->
                  say(
                      "grows %s per request counted by %s; none of it is returned",
                      Quantity.size(one.bytesPerUnit()), one.metric()));
    }
  }

  private void level(Growth still) {
    double seen = Math.min(observed.daySeconds(), observed.seconds());
    String cycle = Quantity.duration(seen);
    String moved = Quantity.signed(still.rate().bytesPerSecond() * seen);
    String level =
        "lowest level of the last " + stretch() + " " + Quantity.size(still.rise().level());
    switch (kind) {
      case UNKNOWN -> {
        if (still.pattern() == Pattern.GROWING) {
          say(
              "%s; over the last %s it moved by %s in a straight line: too early to"
                  + " say whether it will level off",
              level, cycle, moved);
        } else {
          say(
              "%s; watched for %s, too early to judge the trend",
              level, Quantity.duration(observed.seconds()));
        }
      }
      case WARMING -> {
        if (still.rate().bytesPerSecond() * seen >= 1) {
          say(
              "%s; over the last %s it moved by %s, ever more slowly: it rises"
                  + " towards a plateau",
              level, cycle, moved);
        } else { // The lowest of a first day is that of its begin.
          say("%s; it has risen ever more slowly since the first sample, towards a plateau", level);
        }
      }
      case CYCLIC ->
          say(
              "%s; it rises and falls every %s, and its floor moved by %s",
              level, Quantity.duration(observed.daySeconds()), moved);
      default -> say("%s; over the last %s it moved by %s: no lasting growth", level, cycle, moved);
    }
  }

  /** That it said itself how far it will fill, as long as it has not. */
  private void stated(Growth growth) {
    double stated = newest.get(Signal.STATED_BYTES);
    double level =
        newest.has(growth.signal()) ? newest.get(growth.signal()) : growth.rise().level();
    boolean rises = growth.pattern() == Pattern.GROWING || kind == VerdictKind.WARMING;
    if (rises && level < stated) {
      say(
          "its options allow %s (--maxmemory and the like), and it has reached %s:"
              + " it may still fill up to that",
          Quantity.size(stated), Quantity.size(level));
    }
  }

  private void held() {
    if (trend.held().bytes() <= 0) {
      return;
    }
    double settled = trend.held().settledSeconds();
    say(
        "the allocator keeps %s more freed memory than before%s",
        Quantity.size(trend.held().bytes()),
        settled >= observed.hourSeconds() ? ", for " + Quantity.duration(settled) : "");
    if (newest.has(Signal.RSS_ANON_BYTES) && newest.has(Signal.IN_USE_BYTES)) {
      say(
          "working set %s, in use %s",
          Quantity.size(newest.get(Signal.RSS_ANON_BYTES)),
          Quantity.size(newest.get(Signal.IN_USE_BYTES)));
    }
    if (kind == VerdictKind.PINNED) {
      say(
          "%s of free memory cannot be returned: memory in use lies above it or among it",
          Quantity.size(trend.held().pinnedBytes()));
    }
  }

  private void counts() {
    for (Signal signal :
        new Signal[] {Signal.ARENA_COUNT, Signal.THREAD_COUNT, Signal.MAPPING_COUNT}) {
      double before = trend.signals().before().getOrDefault(signal, Double.NaN);
      double now = newest.get(signal);
      if (now > before) {
        String noun =
            switch (signal) {
              case ARENA_COUNT -> "arenas";
              case THREAD_COUNT -> "threads";
              default -> "mappings";
            };
        say("%.0f %s, up from %.0f", now, noun, before);
      }
    }
  }

  private void evidence(Growth growth) {
    if (growth.leaks()) {
      double days = Math.min(DAYS_MAX, Figures.capped(growth.evidence()));
      say(
          "without a leak, such growth is seen once in %s or more",
          Quantity.duration(days * observed.daySeconds()));
    }
  }
}
