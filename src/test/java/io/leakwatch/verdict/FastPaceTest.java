package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shapes of the demonstration and of short live tests, in seconds instead of days. */
class FastPaceTest {
  private static final double MB = 1e6;
  private static final double LIMIT = 16e9;

  /** When the severity first left none and the verdict then, over a series. */
  private record Outcome(double firedSeconds, VerdictKind firedKind, VerdictKind lastKind) {
    boolean fired() {
      return !Double.isNaN(firedSeconds);
    }
  }

  private static Outcome watch(
      double seconds, double interval, DoubleUnaryOperator used, boolean withInUse) {
    ProcessJudge judge = new ProcessJudge(Defaults.FAST_TREND);
    Escalation escalation = new Escalation(Defaults.FAST_SEVERITY);
    Random random = new Random(7);
    double fired = Double.NaN;
    VerdictKind firedKind = VerdictKind.UNKNOWN;
    VerdictKind last = VerdictKind.UNKNOWN;
    for (double t = 0; t < seconds; t += interval * (0.9 + 0.2 * random.nextDouble())) {
      double anonymous = 40 * MB + used.applyAsDouble(t) + 4096 * random.nextInt(50);
      Sample.Builder sample =
          Sample.at(1.7e9 + t, "a")
              .set(Signal.RSS_ANON_BYTES, anonymous)
              .set(Signal.LIMIT_BYTES, LIMIT);
      if (withInUse) {
        sample.set(Signal.IN_USE_BYTES, anonymous * 0.93);
      }
      Verdict verdict = judge.accept(sample.build(), List.of());
      last = verdict.kind();
      if (escalation.update(verdict, 1.7e9 + t) != Severity.NONE && Double.isNaN(fired)) {
        fired = t;
        firedKind = last;
      }
    }
    return new Outcome(fired, firedKind, last);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 1})
  void shouldCallTwoMegabytesASecondALeakWithinHalfAMinute(double interval) {
    Outcome outcome = watch(60, interval, t -> 2 * MB * t, false);
    assertTrue(outcome.firedSeconds() <= 30, outcome::toString);
    assertEquals(VerdictKind.LEAK, outcome.firedKind());
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 5, 10, 20})
  void shouldCallALeakALeakWhenInUseBytesAreGiven(double rate) {
    Outcome outcome = watch(60, 0.5, t -> rate * MB * t, true);
    assertTrue(outcome.firedSeconds() <= 30, outcome::toString);
    assertEquals(VerdictKind.LEAK, outcome.lastKind());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 1})
  void shouldCallALeakThatBeginsAfterIdlingGrowing(double interval) {
    for (double idle : new double[] {5, 15, 30, 45, 60}) {
      Outcome outcome = watch(idle + 60, interval, t -> 5 * MB * Math.max(0, t - idle), false);
      assertTrue(outcome.fired(), () -> "idle " + idle);
      assertTrue(outcome.firedSeconds() - idle <= 50, () -> idle + ": " + outcome);
      assertTrue(outcome.firedSeconds() > idle, () -> idle + ": " + outcome);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 3, 5, 8})
  void shouldStaySilentUnderASawtooth(double period) {
    Outcome outcome = watch(120, 0.5, t -> 200 * MB * (t % period) / period, false);
    assertEquals(Double.NaN, outcome.firedSeconds(), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2})
  void shouldStaySilentWhileACacheFills(double fill) {
    for (double start : new double[] {0, 3, 20, 40, 70}) {
      Outcome outcome =
          watch(120, 0.5, t -> 300 * MB * Math.min(1, Math.max(0, t - start) / fill), false);
      assertEquals(Double.NaN, outcome.firedSeconds(), () -> start + ": " + outcome);
      assertEquals(VerdictKind.STEADY, outcome.lastKind());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 3, 5, 10, 20})
  void shouldStaySilentWhileACacheFillsExponentially(double tau) {
    Outcome outcome = watch(120, 0.5, t -> 300 * MB * (1 - Math.exp(-t / tau)), false);
    assertEquals(Double.NaN, outcome.firedSeconds(), outcome::toString);
    assertNotEquals(VerdictKind.GROWING, outcome.lastKind());
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 15, 33, 60})
  void shouldStaySilentAfterAStep(double at) {
    Outcome outcome = watch(120, 0.5, t -> t < at ? 0 : 500 * MB, false);
    assertEquals(Double.NaN, outcome.firedSeconds(), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(doubles = {4, 8})
  void shouldCallAStaircaseGrowing(double stride) {
    Outcome outcome = watch(90, 0.5, t -> 64 * MB * Math.floor(t / stride), false);
    assertTrue(outcome.fired(), outcome::toString);
  }
}
