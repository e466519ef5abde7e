package io.leakwatch.alert;

import io.leakwatch.sample.Signal;
import io.leakwatch.text.CalendarTime;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.GrowingKinds;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * An alert in one line: who, how fast, where, since when, when it becomes fatal and against which
 * limit, and what to run next.
 */
final class AlertText {
  private static final int NAME_CHARACTERS_MAX = 200;
  private static final double DAY_SECONDS = 86_400;
  private static final double RATE_SHOWN_MIN = 1 << 20;

  private final AlertFacts facts;

  AlertText(AlertFacts facts) {
    this.facts = facts;
  }

  String summary() {
    Verdict verdict = facts.verdict();
    boolean grows =
        !Double.isNaN(verdict.growth().sinceSeconds())
            && verdict.growth().bytesPerSecond() * DAY_SECONDS >= RATE_SHOWN_MIN;
    StringBuilder line = new StringBuilder();
    line.append(clean(facts.process())).append(" (pid ").append(facts.pid()).append(") ");
    line.append(
        switch (verdict.kind()) {
          case LEAK -> "leaks memory";
          case HELD -> "has freed memory that its allocator has not returned to the system";
          case PINNED ->
              "has freed memory that cannot be returned to the system, because memory in use"
                  + " lies above it or among it";
          case LOAD -> "grows with its load";
          default -> grows ? "grows" : "runs into a limit";
        });
    if (grows) {
      line.append(": ").append(Quantity.rate(verdict.growth().bytesPerSecond())).append(where());
    }
    if (!Double.isNaN(facts.memory().anonymousBytes())) {
      line.append(", now ").append(Quantity.size(facts.memory().anonymousBytes()));
    }
    if (!Double.isNaN(verdict.growth().sinceSeconds())) {
      line.append(", since ").append(CalendarTime.minute(Instant.ofEpochSecond(since(verdict))));
    }
    if (!facts.evidence().suspect().isEmpty()) {
      line.append("; suspect: ").append(suspect());
    }
    line.append("; ").append(fatal(verdict)).append("; next: ").append(next());
    return line.toString();
  }

  String suspect() {
    return clean(facts.evidence().suspect());
  }

  String next() {
    return "leakwatch inspect " + clean(facts.process());
  }

  private static long since(Verdict verdict) {
    double limit = Instant.parse("9999-01-01T00:00:00Z").getEpochSecond();
    return (long) Math.max(0, Math.min(limit, verdict.growth().sinceSeconds()));
  }

  /** {@code , most of it in KIND (RATE of WHOLE)}, {@code , in KIND (RATE), KIND (RATE)}. */
  private String where() {
    GrowingKinds seen =
        GrowingKinds.of(
            facts.verdict().growth().bySignal(), facts.verdict().growth().bytesPerSecond());
    String kinds =
        seen.named().stream()
            .map(kind -> kind.name() + " (" + seen.rate(kind) + arenas(kind) + ")")
            .collect(Collectors.joining(", "));
    return kinds.isEmpty() ? "" : (seen.oneHasMost() ? ", most of it in " : ", in ") + kinds;
  }

  private String arenas(GrowingKinds.Kind kind) {
    boolean known =
        !Double.isNaN(facts.memory().arenasFrom()) && !Double.isNaN(facts.memory().arenasTo());
    return known && kind.signal() == Signal.ARENA_BYTES
        ? ", arenas "
            + count(facts.memory().arenasFrom())
            + " → "
            + count(facts.memory().arenasTo())
        : "";
  }

  private static String fatal(Verdict verdict) {
    return verdict.forecast().exhaustion().stream()
        .filter(limit -> limit.seconds() < Verdict.Exhaustion.FORECAST_SECONDS_MAX)
        .min(Comparator.comparingDouble(Verdict.Exhaustion::seconds))
        .map(
            limit ->
                "reaches "
                    + clean(limit.limitName())
                    + " "
                    + Verdict.Exhaustion.when(limit.seconds()))
        .orElse("reaches no limit within " + Verdict.Exhaustion.FORECAST_YEARS_MAX + " years");
  }

  private static String count(double value) {
    return Long.toString(Math.round(value));
  }

  /** Names come from command lines: no line ends, no terminal escapes, no endless text. */
  private static String clean(String foreign) {
    return ForeignText.harmless(foreign, NAME_CHARACTERS_MAX);
  }
}
