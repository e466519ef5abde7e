package io.leakwatch.diagnosis;

/** Receives how far a diagnosis has come. */
@FunctionalInterface
public interface DiagnosisProgress {
  /** For one that nobody waits for. */
  DiagnosisProgress SILENT = (step, share) -> {};

  /**
   * Takes a step's progress.
   *
   * @param step in words
   * @param share of the whole diagnosis that is done, 0 to 1
   */
  void at(String step, double share);
}
