package io.leakwatch.verdict;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the heavy look at one process found.
 *
 * @param span between its two looks
 * @param suspects what grew, most bytes first
 * @param versions of what was looked at, by name
 * @param notes what could not be done, and why
 */
public record Diagnosis(
    Verdict verdict,
    Duration span,
    List<Suspect> suspects,
    Map<String, String> versions,
    List<String> notes) {

  public Diagnosis {
    suspects = List.copyOf(suspects);
    versions = Map.copyOf(versions);
    notes = List.copyOf(notes);
  }
}
