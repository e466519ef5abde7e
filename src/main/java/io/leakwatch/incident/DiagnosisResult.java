package io.leakwatch.incident;

/** What became of a diagnosis at a process. */
public sealed interface DiagnosisResult {

  /**
   * It found what there was.
   *
   * @param json what {@code diagnose --json} printed
   */
  record Found(String json) implements DiagnosisResult {}

  /**
   * The process was read, or may have been, and there is nothing to show for it.
   *
   * @param why one line
   */
  record Failed(String why) implements DiagnosisResult {}

  /**
   * The process was not read.
   *
   * @param why one line
   * @param again whether a later attempt may end better
   */
  record NotRead(String why, boolean again) implements DiagnosisResult {}
}
