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
          case LEAK -> "memory that the program has not freed keeps growing" + rate;
          case GROWING -> "it grows" + rate + ", for a reason that cannot be seen";
          case HELD ->
              "the program has freed memory that its allocator has not returned to the system";
          case PINNED ->
              "the program has freed memory that cannot be returned to the system,"
                  + " because chunks in use lie above it";
          case LOAD -> "it grows with its load" + rate;
          case WARMING -> "it still grows, but levels off" + rate;
          case CYCLIC -> "it rises and falls in a cycle";
          case STEADY -> "it does not grow";
          case UNKNOWN -> "there is not enough data to judge";
        };
    return meaning + "; confidence " + Quantity.percent(verdict.confidence());
  }

  /** Who refers to a suspect; {@code ""} when nobody was asked. */
  static String holding(Suspect suspect) {
    if (Double.isNaN(suspect.references().unreferencedFraction())) {
      return "";
    }
    String lost =
        suspect.references().unreferencedFraction() > 0
            ? Quantity.percent(suspect.references().unreferencedFraction()) + " unreferenced (lost)"
            : "";
    String held =
        suspect.references().holders().stream()
            .limit(HOLDERS_MAX)
            .map(holder -> holder.where() + " (" + Quantity.percent(holder.fraction()) + ")")
            .collect(Collectors.joining(", "));
    String open =
        suspect.references().undecidedFraction() > 0
            ? Quantity.percent(suspect.references().undecidedFraction()) + " not traced to the end"
            : "";
    return Stream.of(lost, held.isEmpty() ? "" : "held by " + held, open)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
