package io.leakwatch.proc;

/** Takes the value out of an outcome, or fails the test with what came instead. */
final class Sampled {
  private Sampled() {}

  static <T> T value(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new AssertionError(outcome);
  }
}
