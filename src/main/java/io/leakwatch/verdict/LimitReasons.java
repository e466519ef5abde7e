package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import io.leakwatch.verdict.Verdict.Exhaustion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The sentences under a verdict that tell of what can run out: at once, or at the present rate. */
final class LimitReasons {
  private LimitReasons() {}

  /** Limits that are near, whatever the cause; the first sentences, for they are what is urgent. */
  static List<String> dangers(
      VerdictKind kind,
      Trend trend,
      Sample newest,
      @Nullable Growth leading,
      List<Exhaustion> exhaustion,
      List<Limit> limits) {
    List<String> sentences = new ArrayList<>();
    if (leading != null && leading.danger() && !exhaustion.isEmpty()) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "%s reaches %s %s (%s)",
              kind == VerdictKind.GROWING ? "growing, too early to say why;" : "growing,",
              exhaustion.get(0).limitName(),
              Exhaustion.when(exhaustion.get(0).seconds()),
              Quantity.percent(leading.probability())));
    }
    for (Trend.Danger danger : trend.dangers()) {
      Optional<Limit> limit = Resources.limit(danger.resource(), limits, newest);
      sentences.add(resource(danger, limit, trend.observed().timeSeconds()));
      limit
          .map(Limit::what)
          .filter(what -> !what.isEmpty())
          .ifPresent(what -> sentences.add("most of it is " + what));
    }
    return sentences;
  }

  private static String resource(Trend.Danger danger, Optional<Limit> limit, double nowSeconds) {
    Resource resource = danger.resource();
    return String.format(
        Locale.ROOT,
        "%s %s since %s, from %s to %s of %s (%s); reaches it %s (%s)",
        Resources.noun(resource),
        Resources.rate(resource, danger.rate()),
        Figures.when(danger.sinceSeconds(), nowSeconds),
        Resources.amount(resource, danger.level().before()),
        Resources.amount(resource, danger.level().used()),
        Resources.amount(resource, danger.level().limit()),
        limit.map(Limit::name).orElse(Resources.limitName(resource)),
        Exhaustion.when(danger.seconds()),
        Quantity.percent(danger.probability()));
  }

  /** When the soonest limit is reached, empty where none is. */
  static Optional<String> forecast(
      List<Exhaustion> exhaustion, List<Limit> limits, Trend trend, Sample newest) {
    if (exhaustion.isEmpty()) {
      return Optional.empty();
    }
    Exhaustion soonest = exhaustion.get(0);
    Optional<Limit> known =
        limits.stream().filter(limit -> limit.name().equals(soonest.limitName())).findFirst();
    Resource resource = known.map(limit -> Resources.of(limit, newest)).orElse(Resource.MEMORY);
    if (trend.dangers().stream().anyMatch(danger -> danger.resource() == resource)) {
      return Optional.empty(); // It has a sentence of its own.
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "reaches %s (%s) %s",
            soonest.limitName(),
            Resources.amount(resource, soonest.limitBytes())
                + (resource.isCounted() ? " " + Resources.noun(resource) : ""),
            Exhaustion.when(soonest.seconds())));
  }
}
