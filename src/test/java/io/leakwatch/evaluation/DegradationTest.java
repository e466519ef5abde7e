package io.leakwatch.evaluation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Defaults;
import io.leakwatch.replay.Replay;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.ProcessJudge;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same two processes, one healthy under a daily load and one that leaks 10 % a day from the
 * seventh day on, through everything that happens to samples in the field.
 */
class DegradationTest {
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;
  private static final double START = 1.7e9;
  private static final double BYTES = 8e9;
  private static final double ONSET = 6.5;
  private static final double DAYS = 10;

  private static DoubleUnaryOperator level(double leakPerDay, long seed) {
    Random random = new Random(seed);
    return day ->
        BYTES
            * (1
                + 0.02 * (1 - Math.cos(2 * Math.PI * day))
                + 0.003 * random.nextGaussian()
                + leakPerDay * Math.max(0, day - ONSET));
  }

  private static List<Sample> samples(DoubleUnaryOperator level, double intervalSeconds) {
    List<Sample> samples = new ArrayList<>();
    for (double t = 0; t < DAYS * DAY; t += intervalSeconds) {
      samples.add(sample(START + t, level.applyAsDouble(t / DAY)));
    }
    return samples;
  }

  private static Sample sample(double time, double bytes) {
    return Sample.at(time, "1")
        .set(Signal.RSS_ANON_BYTES, Math.rint(bytes / 4096) * 4096)
        .set(Signal.LIMIT_BYTES, 3 * BYTES)
        .build();
  }

  private static Replay.Summary replay(List<Sample> samples) {
    Replay replay =
        new Replay(
            new ProcessJudge(Defaults.TREND), new Escalation(Defaults.SEVERITY), change -> {});
    samples.forEach(replay::accept);
    return replay.summary();
  }

  /** What becomes of samples on their way. */
  enum Harm {
    NONE(samples -> samples),
    GAPS_OF_HOURS(samples -> without(samples, t -> t % (37 * HOUR) < 5 * HOUR)),
    A_GAP_OF_A_DAY_BEFORE_THE_LEAK(samples -> without(samples, t -> t > 4 * DAY && t < 5.1 * DAY)),
    IRREGULAR(
        samples -> {
          Random random = new Random(3);
          return without(samples, t -> random.nextInt(4) > 0);
        }),
    DUPLICATED(samples -> samples.stream().flatMap(s -> List.of(s, s, s).stream()).toList()),
    CLOCK_BACK_BY_AN_HOUR(samples -> moved(samples, t -> t > 3 * DAY ? -HOUR : 0)),
    CLOCK_FORWARD_BY_AN_HOUR(samples -> moved(samples, t -> t > 3 * DAY ? HOUR : 0)),
    CLOCK_BACK_BY_YEARS(samples -> moved(samples, t -> t > 3 * DAY ? -1000 * DAY : 0)),
    WHOLE_MEGABYTES(samples -> quantised(samples, 1 << 20)),
    WHOLE_PERCENTS_OF_THE_MACHINE(samples -> quantised(samples, 0.01 * 2 * BYTES)),
    A_FIGURE_IN_TEN_MISSING(
        samples -> {
          List<Sample> all = new ArrayList<>();
          for (int i = 0; i < samples.size(); i++) {
            Sample s = samples.get(i);
            all.add(i % 10 == 3 ? Sample.at(s.timeSeconds(), "1").build() : s);
          }
          return all;
        });

    private final UnaryOperator<List<Sample>> harm;

    Harm(UnaryOperator<List<Sample>> harm) {
      this.harm = harm;
    }

    private interface Times {
      boolean test(double sinceStart);
    }

    private static List<Sample> without(List<Sample> samples, Times lost) {
      return samples.stream().filter(s -> !lost.test(s.timeSeconds() - START)).toList();
    }

    private static List<Sample> moved(List<Sample> samples, DoubleUnaryOperator clock) {
      return samples.stream()
          .map(
              s -> {
                double by = clock.applyAsDouble(s.timeSeconds() - START);
                return sample(s.timeSeconds() + by, s.get(Signal.RSS_ANON_BYTES));
              })
          .toList();
    }

    private static List<Sample> quantised(List<Sample> samples, double step) {
      return samples.stream()
          .map(s -> sample(s.timeSeconds(), Math.rint(s.get(Signal.RSS_ANON_BYTES) / step) * step))
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFindTheLeakAndNothingBefore(Harm harm) {
    List<Sample> samples = samples(level(0.1, 1), 300);
    List<Sample> healthy = samples.subList(0, (int) (ONSET * DAY / 300));
    assertFalse(replay(harm.harm.apply(healthy)).fired(), "before it began");
    assertTrue(replay(harm.harm.apply(samples)).fired(), "found");
  }

  @ParameterizedTest
  @EnumSource
  void shouldStaySilentOnAHealthyProcess(Harm harm) {
    for (long seed = 10; seed < 13; seed++) {
      Replay.Summary summary = replay(harm.harm.apply(samples(level(0, seed), 300)));
      assertFalse(summary.fired(), () -> "fired after " + summary.firstFiredSeconds());
    }
  }

  /** However often it is looked at, the leak is found within the same two days. */
  @ParameterizedTest
  @ValueSource(doubles = {10, 60, 300, 900, 3600})
  void shouldNotDependOnTheInterval(double seconds) {
    Replay.Summary summary = replay(samples(level(0.1, 1), seconds));
    assertTrue(summary.fired());
    double days = (summary.firstFiredSeconds() - START) / DAY;
    assertTrue(days > ONSET && days < ONSET + 2, () -> "fired on day " + days);
    assertFalse(replay(samples(level(0, 1), seconds)).fired());
  }
}
