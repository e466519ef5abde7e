package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
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
      VerdictKind kind, Trend trend, @Nullable Growth leading, List<Exhaustion> exhaustion) {
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
      sentences.add(
          String.format(
              Locale.ROOT,
              "%s of %s (%s), reaches it %s (%s)",
              Resources.amount(danger.resource(), danger.used()),
              Resources.limitName(danger.resource()),
              Resources.amount(danger.resource(), danger.limit()),
              Exhaustion.when(danger.seconds()),
              Quantity.percent(danger.probability())));
    }
    return sentences;
  }

  /** When the soonest limit is reached, empty where none is. */
  static Optional<String> forecast(List<Exhaustion> exhaustion, List<Limit> limits) {
    if (exhaustion.isEmpty()) {
      return Optional.empty();
    }
    Exhaustion soonest = exhaustion.get(0);
    boolean counted =
        limits.stream()
            .anyMatch(
                limit ->
                    limit.unit() != Limit.Unit.BYTES && limit.name().equals(soonest.limitName()));
    return Optional.of(
        String.format(
            Locale.ROOT,
            "reaches %s (%s) %s",
            soonest.limitName(),
            counted
                ? String.format(Locale.ROOT, "%.0f mappings", soonest.limitBytes())
                : Quantity.size(soonest.limitBytes()),
            Exhaustion.when(soonest.seconds())));
  }
}
