package io.leakwatch.diagnose;

import java.time.Duration;
import java.util.List;

/**
 * What the heavy look at one process found.
 *
 * @param span between its two looks
 * @param suspects what grew, most bytes first
 * @param notes what could not be done, and why
 */
public record Diagnosis(
    Verdict verdict, Duration span, List<Suspect> suspects, List<String> notes) {

  public Diagnosis {
    suspects = List.copyOf(suspects);
    notes = List.copyOf(notes);
  }
}
