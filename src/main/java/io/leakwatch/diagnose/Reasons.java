package io.leakwatch.diagnose;

import io.leakwatch.diagnose.Verdict.Exhaustion;
import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import io.leakwatch.proc.Limit;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.Channel;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sentences under a verdict. Each holds figures that a person can check against the series, and
 * none tells of something that was not looked at.
 */
final class Reasons {
  private static final double NEWS = 10;
  private static final double MOST = 0.5;
  private static final double LOAD_TOLD = 0.1;

  /**
   * The other signals' rates come from closed floors; those of a younger growth are not in them.
   */
  private static final int RATED_FLOORS = 3;

  private final VerdictKind kind;
  private final Trend trend;
  private final Sample newest;
  private final List<String> sentences = new ArrayList<>();

  private Reasons(VerdictKind kind, Trend trend, Sample newest) {
    this.kind = kind;
    this.trend = trend;
    this.newest = newest;
  }

  static List<String> of(
      VerdictKind kind,
      Trend trend,
      Sample newest,
      @Nullable Growth leading,
      List<Exhaustion> exhaustion,
      List<Limit> limits) {
    if (leading == null) {
      return List.of(
          "seen for less than "
              + (trend.floorSeconds() == 3600 ? "an hour" : Quantity.duration(trend.floorSeconds()))
              + ", too short to judge");
    }
    Reasons reasons = new Reasons(kind, trend, newest);
    if (leading.found()) {
      reasons.growth(leading);
      if (trend.timeSeconds() - leading.sinceSeconds() >= RATED_FLOORS * trend.floorSeconds()) {
        reasons.inUse(leading);
        reasons.kinds(leading);
      }
      reasons.load();
    } else {
      reasons.level(leading);
    }
    reasons.held();
    if (leading.found()) {
      reasons.counts();
      reasons.evidence(leading);
      reasons.exhaustion(exhaustion, limits);
    }
    return List.copyOf(reasons.sentences);
  }

  private void say(String format, Object... figures) {
    sentences.add(String.format(Locale.ROOT, format, figures));
  }

  private void growth(Growth growth) {
    boolean surge = growth.channel() == Channel.SURGE;
    StringBuilder sentence = new StringBuilder();
    sentence
        .append(growth.signal() == Signal.IN_USE_BYTES ? "in use " : "working set ")
        .append(
            surge
                ? Quantity.rate(growth.bytesPerSecond())
                : Quantity.rate(growth.bytesPerSecond(), growth.errorBytesPerSecond()))
        .append(" since ")
        .append(Figures.when(growth.sinceSeconds(), trend.timeSeconds()))
        .append(", ")
        .append(Quantity.signed(growth.rise()))
        .append(" in ")
        .append(Quantity.duration(trend.timeSeconds() - growth.sinceSeconds()));
    if (!surge && growth.floors() > 0) {
      sentence.append(
          String.format(
              Locale.ROOT,
              ", floor rose in %d of %d %s",
              growth.risingFloors(),
              growth.floors(),
              stretches()));
    }
    if (growth.bendEvidence() < 0 && Double.isFinite(growth.bendEvidence())) {
      sentence.append(
          String.format(
              Locale.ROOT,
              switch (growth.channel()) {
                case BIRTH -> ", more than warming up (F %s for a line beside the bend)";
                case LIVES -> ", a line in all lives and neither warm-up nor load (ΔBIC %s)";
                default -> ", not saturating (ΔBIC %s)";
              },
              Figures.strength(-growth.bendEvidence())));
    }
    if (trend.ratesPerSecond().containsKey(Signal.LOAD) || !trend.load().isEmpty()) {
      sentence.append(", load explains ").append(Quantity.percent(trend.loadShare()));
    }
    sentences.add(sentence.toString());
    if (!growth.lives().isEmpty()) {
      say(
          "the same after each restart: in its last %d lives %s",
          growth.lives().size(),
          growth.lives().stream().map(Quantity::rate).collect(Collectors.joining(", ")));
    }
  }

  private String stretches() {
    return trend.floorSeconds() == 3600
        ? "hours"
        : "stretches of " + Quantity.duration(trend.floorSeconds());
  }

  private String stretch() {
    return trend.floorSeconds() == 3600 ? "hour" : Quantity.duration(trend.floorSeconds());
  }

  private void inUse(Growth growth) {
    if (growth.signal() == Signal.IN_USE_BYTES) {
      return;
    }
    double used = trend.ratesPerSecond().getOrDefault(Signal.IN_USE_BYTES, Double.NaN);
    if (trend.inUse() != null && !Double.isNaN(used)) {
      say("in use %s over the same time", Quantity.rate(used));
    } else if (kind == VerdictKind.GROWING) {
      say("what is in use is not seen, so whether it leaks or is held stays open");
    }
  }

  /** The kind of memory in which most of it lies, or the largest, where the kinds are seen. */
  private void kinds(Growth growth) {
    GrowingKinds seen = GrowingKinds.of(trend.ratesPerSecond(), growth.bytesPerSecond());
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
    trend.load().stream()
        .filter(one -> !one.counter() && one.explainedFraction() >= LOAD_TOLD)
        .findFirst()
        .ifPresent(
            one ->
                say(
                    "%s explains %s of it%s",
                    one.metric(),
                    Quantity.percent(one.explainedFraction()),
                    Double.isNaN(one.bytesPerUnit())
                        ? ""
                        : ": " + Quantity.size(one.bytesPerUnit()) + " for each"));
    if (kind == VerdictKind.LEAK || kind == VerdictKind.GROWING) {
      trend.load().stream()
          .filter(one -> one.counter() && one.explainedFraction() >= MOST)
          .findFirst()
          .ifPresent(
              one ->
                  say(
                      "grows %s per request counted by %s, and none of it is given back",
                      Quantity.size(one.bytesPerUnit()), one.metric()));
    }
  }

  private void level(Growth still) {
    double seen = Math.min(trend.cycleSeconds(), trend.observedSeconds());
    String cycle = Quantity.duration(seen);
    String moved = Quantity.signed(still.bytesPerSecond() * seen);
    String level = "lowest level of the last " + stretch() + " " + Quantity.size(still.level());
    switch (kind) {
      case UNKNOWN ->
          say(
              "%s; seen for %s, too early to say where it goes",
              level, Quantity.duration(trend.observedSeconds()));
      case WARMING -> {
        if (still.bytesPerSecond() * seen >= 1) {
          say(
              "%s, that of the last %s moved by %s and ever less: it rises towards a plateau",
              level, cycle, moved);
        } else { // The lowest of a first day is that of its begin.
          say("%s; it has risen ever less since it was first seen, towards a plateau", level);
        }
      }
      case CYCLIC ->
          say(
              "%s; it rises and falls every %s, and the floor of that moved by %s",
              level, Quantity.duration(trend.cycleSeconds()), moved);
      default -> say("%s, that of the last %s moved by %s: no lasting growth", level, cycle, moved);
    }
  }

  private void held() {
    if (trend.held().bytes() <= 0) {
      return;
    }
    double settled = trend.held().settledSeconds();
    say(
        "the allocator keeps %s more than it used to of what the application has freed%s",
        Quantity.size(trend.held().bytes()),
        settled >= trend.floorSeconds() ? ", for " + Quantity.duration(settled) : "");
    if (newest.has(Signal.RSS_ANON_BYTES) && newest.has(Signal.IN_USE_BYTES)) {
      say(
          "working set %s, in use %s",
          Quantity.size(newest.get(Signal.RSS_ANON_BYTES)),
          Quantity.size(newest.get(Signal.IN_USE_BYTES)));
    }
    if (kind == VerdictKind.PINNED) {
      say(
          "%s of free memory lie below chunks in use at the top of their heaps",
          Quantity.size(trend.held().pinnedBytes()));
    }
  }

  private void counts() {
    for (Signal signal :
        new Signal[] {Signal.ARENA_COUNT, Signal.THREAD_COUNT, Signal.MAPPING_COUNT}) {
      double before = trend.before().getOrDefault(signal, Double.NaN);
      double now = newest.get(signal);
      if (now > before) {
        String noun =
            switch (signal) {
              case ARENA_COUNT -> "arenas";
              case THREAD_COUNT -> "threads";
              default -> "mappings";
            };
        say("%.0f %s, were %.0f", now, noun, before);
      }
    }
  }

  private void evidence(Growth growth) {
    if (growth.channel() != Channel.SURGE && trend.evidence() >= NEWS) {
      double seconds = Figures.told(trend.evidence()) * trend.cycleSeconds();
      say(
          "evidence %s to 1: without growth reached once in %s or more",
          Figures.strength(trend.evidence()), Quantity.duration(seconds));
    }
  }

  private void exhaustion(List<Exhaustion> exhaustion, List<Limit> limits) {
    if (exhaustion.isEmpty()) {
      return;
    }
    Exhaustion soonest = exhaustion.get(0);
    boolean counted =
        limits.stream()
            .anyMatch(
                limit ->
                    limit.unit() != Limit.Unit.BYTES && limit.name().equals(soonest.limitName()));
    say(
        "reaches %s (%s) %s",
        soonest.limitName(),
        counted
            ? String.format(Locale.ROOT, "%.0f mappings", soonest.limitBytes())
            : Quantity.size(soonest.limitBytes()),
        Exhaustion.when(soonest.seconds()));
  }
}
