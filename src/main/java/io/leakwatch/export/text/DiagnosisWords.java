package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A diagnosis in plain words, the same for the terminal and for the page. */
final class DiagnosisWords {
  private static final int HOLDERS_MAX = 3;
  private static final double FRACTION_SHOWN_MIN = 0.1;

  /** Two readings are no forecast; one that ends so soon is a warning. */
  private static final double NEAR_SECONDS = 24 * 3600;

  private DiagnosisWords() {}

  /** Whether somebody has watched the process for longer than the two readings took. */
  private static boolean isLongRun(Verdict verdict) {
    return !Double.isNaN(verdict.growth().sinceSeconds())
        || !Double.isNaN(verdict.growth().errorBytesPerSecond());
  }

  /** What the verdict means for whoever runs the process. */
  static String sentence(Verdict verdict) {
    String rate =
        Double.isNaN(verdict.growth().bytesPerSecond()) || !isLongRun(verdict)
            ? ""
            : " (" + Quantity.rate(verdict.growth().bytesPerSecond()) + ")";
    String meaning =
        switch (verdict.kind()) {
          case LEAK -> "memory that the program has not freed keeps growing" + rate;
          case GROWING -> "it grows" + rate + "; whether it is a leak is not known yet";
          case HELD ->
              "the program has freed memory that its allocator has not returned to the system";
          case PINNED ->
              "the program has freed memory that cannot be returned to the system,"
                  + " because memory in use lies above it or among it";
          case LOAD -> "it grows with its load" + rate;
          case WARMING -> "it still grows, but levels off" + rate;
          case CYCLIC -> "it rises and falls in a cycle";
          case STEADY -> "it does not grow";
          case UNKNOWN -> "there is not enough data to judge";
        };
    return meaning + "; confidence " + Quantity.percent(verdict.confidence());
  }

  /** Which limit is reached first and when, where that is to be said. */
  static Optional<String> limit(Verdict verdict) {
    return verdict.forecast().exhaustion().stream()
        .filter(limit -> Double.isFinite(limit.seconds()))
        .filter(limit -> isLongRun(verdict) || limit.seconds() <= NEAR_SECONDS)
        .findFirst()
        .map(
            limit ->
                (isLongRun(verdict) ? "at this rate " : "if this continues, ")
                    + limit.limitName()
                    + " is reached "
                    + Verdict.Exhaustion.when(limit.seconds()));
  }

  /**
   * Who refers to a suspect, a line each; empty where nothing is known.
   *
   * @param whole whether chains of holders are shown from end to end
   */
  static List<String> holding(Suspect suspect, boolean whole) {
    Suspect.References references = suspect.references();
    List<String> lines = new ArrayList<>();
    if (references.unreferencedFraction() > 0) {
      lines.add(Quantity.percent(references.unreferencedFraction()) + " unreferenced (lost)");
    }
    references.holders().stream()
        .filter(holder -> whole || holder.fraction() >= FRACTION_SHOWN_MIN)
        .limit(whole ? Integer.MAX_VALUE : HOLDERS_MAX)
        .map(
            holder ->
                Quantity.percent(holder.fraction())
                    + " held by "
                    + (whole ? holder.where() : ends(holder.where())))
        .forEach(lines::add);
    if (references.undecidedFraction() > 0 && (whole || lines.isEmpty())) {
      lines.add(Quantity.percent(references.undecidedFraction()) + " not traced to the end");
    }
    return lines;
  }

  /** Of a chain of holders its end, which has a name, and what is nearest to the suspect. */
  private static String ends(String chain) {
    String[] parts = chain.split(" held by ", -1);
    return parts.length == 1 ? chain : parts[parts.length - 1] + " via " + parts[0];
  }

  /** What to do now. */
  static String next(ProcessView view, Diagnosis diagnosis) {
    String page = " (runbook: " + diagnosis.verdict().kind().wireName() + ")";
    String name = view.name();
    return switch (diagnosis.verdict().kind()) {
      case LEAK ->
          "file a bug with leakwatch diagnose "
              + name
              + " --html FILE, and restart it before its limit is reached"
              + page;
      case GROWING ->
          "let the agent watch it for a day, or diagnose it again with --for 10m while its load is"
              + " level"
              + page;
      case HELD, PINNED ->
          "see what its allocator keeps with leakwatch inspect "
              + name
              + "; no memory is lost"
              + page;
      case LOAD, WARMING, CYCLIC -> "compare it with its load and its limits" + page;
      case STEADY -> "nothing; if it grows slowly, diagnose it with a longer --for" + page;
      case UNKNOWN -> "see leakwatch check for what could not be read" + page;
    };
  }
}
