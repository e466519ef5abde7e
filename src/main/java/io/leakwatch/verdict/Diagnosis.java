package io.leakwatch.verdict;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the diagnosis of one process found.
 *
 * @param span between its two readings
 * @param suspects what grew, most bytes first
 * @param versions of what was read, by name
 * @param notes what could not be done and changes what the reader does, and why
 * @param details what else could not be done
 */
public record Diagnosis(
    Verdict verdict,
    Duration span,
    List<Suspect> suspects,
    Map<String, String> versions,
    List<String> notes,
    List<String> details) {

  public Diagnosis {
    suspects = List.copyOf(suspects);
    versions = Map.copyOf(versions);
    notes = List.copyOf(notes);
    details = List.copyOf(details);
  }
}
