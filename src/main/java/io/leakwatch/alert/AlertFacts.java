package io.leakwatch.alert;

import io.leakwatch.verdict.Verdict;
import java.time.Instant;

/**
 * The facts that the text of an alert is made of.
 *
 * @param process configured instance name
 * @param since when the severity began
 */
public record AlertFacts(
    String process,
    int pid,
    Verdict verdict,
    Severity severity,
    Instant since,
    Memory memory,
    Evidence evidence) {

  /**
   * What it holds; {@code NaN} when unknown.
   *
   * @param anonymousBytes now
   * @param arenasFrom arenas when the growth began
   * @param arenasTo arenas now
   */
  public record Memory(double anonymousBytes, double arenasFrom, double arenasTo) {}

  /**
   * What is kept beside the alert.
   *
   * @param suspect what grows, in one line, {@code ""} while that is unknown
   * @param incident id of the evidence, {@code ""} where none is kept
   */
  public record Evidence(String suspect, String incident) {
    public static final Evidence NONE = new Evidence("", "");
  }
}
