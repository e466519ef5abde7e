package io.leakwatch.heap;

import java.util.List;

/**
 * How well an owner's structures were recognised.
 *
 * @param version of its source or of its structures, e.g. {@code 5.3}, {@code 2.35-2.42}; {@code
 *     ""} where they were not recognised
 * @param confidence that they are what they are taken for, 0 to 1: of what was met, the share that
 *     proved itself
 * @param selfCheck what was counted object by object over the sum that the owner itself keeps, 1
 *     where they are equal; {@code NaN} where there is no such sum
 * @param coverage share of the owner's memory that was read consistently, 0 to 1
 * @param notes what could not be seen and why, in words
 */
public record Recognition(
    String version, double confidence, double selfCheck, double coverage, List<String> notes) {
  public Recognition {
    notes = List.copyOf(notes);
  }

  /** Of an owner whose structures were not found, or are not known. */
  public static Recognition none(String note) {
    return new Recognition("", 0, Double.NaN, 0, List.of(note));
  }

  /** Whether its figures mean anything. */
  public boolean isRecognised() {
    return !version.isEmpty();
  }
}
