package io.leakwatch.export.text;

import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A diagnosis in plain words, the same for the terminal and for the page. */
final class DiagnosisWords {
  private static final int HOLDERS_MAX = 3;

  private DiagnosisWords() {}

  /** What the verdict means for whoever runs the process. */
  static String sentence(Verdict verdict) {
    String rate =
        Double.isNaN(verdict.growth().bytesPerSecond())
            ? ""
            : " (" + Quantity.rate(verdict.growth().bytesPerSecond()) + ")";
    String meaning =
        switch (verdict.kind()) {
          case LEAK -> "what the program has not freed keeps growing" + rate;
          case GROWING -> "it grows" + rate + ", and why cannot be seen";
          case HELD -> "the program has freed it, and the allocator keeps it";
          case PINNED ->
              "the program has freed it, but chunks in use at the top keep it from going back";
          case LOAD -> "it grows with its load" + rate;
          case WARMING -> "it still grows, but towards a plateau" + rate;
          case CYCLIC -> "it rises and falls with its cycle";
          case STEADY -> "it does not grow";
          case UNKNOWN -> "too little is known to judge";
        };
    return meaning + "; confidence " + Quantity.percent(verdict.confidence());
  }

  /** Who points at a suspect; {@code ""} when nobody was asked. */
  static String holding(Suspect suspect) {
    if (Double.isNaN(suspect.unreferencedFraction())) {
      return "";
    }
    String lost =
        suspect.unreferencedFraction() > 0
            ? "nobody points at " + Quantity.percent(suspect.unreferencedFraction())
            : "";
    String held =
        suspect.holders().stream()
            .limit(HOLDERS_MAX)
            .map(holder -> holder.where() + " (" + Quantity.percent(holder.fraction()) + ")")
            .collect(Collectors.joining(", "));
    String open =
        suspect.undecidedFraction() > 0
            ? Quantity.percent(suspect.undecidedFraction()) + " could not be followed to an end"
            : "";
    return Stream.of(lost, held.isEmpty() ? "" : "held by " + held, open)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
