package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;

/** Takes the value out of an outcome, or fails the test with what came instead. */
public final class Sampled {
  private Sampled() {}

  public static <T> T value(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new AssertionError(outcome);
  }
}
