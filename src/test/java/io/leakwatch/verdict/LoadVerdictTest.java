package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.LoadSeries.Kind;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Growth with figures of load beside it: what is excused, and what is not. */
class LoadVerdictTest {
  private static final double GB = 1e9;
  private static final double DAY = 86400;
  private static final double START = 1.7e9;

  private final Random random = new Random(11);
  private boolean alarmed;

  private interface Figures {
    void fill(double days, Sample.Builder sample);
  }

  private Verdict watch(double days, Figures figures) {
    return watch(new ProcessJudge(Defaults.TREND), days * DAY, 300, DAY, figures);
  }

  /** The same shapes at the pace of a trial: 12 stretches of half a second are a day. */
  private Verdict watchFast(double seconds, Figures figures) {
    return watch(new ProcessJudge(Defaults.FAST_TREND), seconds, 0.5, 1, figures);
  }

  private Verdict watch(
      ProcessJudge judge, double seconds, double step, double unit, Figures figures) {
    Verdict last = null;
    for (double t = 0; t < seconds; t += step) {
      Sample.Builder sample = Sample.at(START + t, "1");
      figures.fill(t / unit, sample);
      last = judge.accept(sample.build(), List.of());
      alarmed |= last.kind().isAlarming();
    }
    return last;
  }

  private static LoadSeries series(String name, Kind kind) {
    return new LoadSeries(name, kind);
  }

  private static void memory(Sample.Builder sample, double bytes) {
    sample.set(Signal.RSS_ANON_BYTES, bytes).set(Signal.IN_USE_BYTES, 0.9 * bytes);
  }

  private double daily(double day) {
    return 0.5 - 0.5 * Math.cos(2 * Math.PI * day);
  }

  @ParameterizedTest
  @EnumSource(names = {"GAUGE", "UNDECLARED"})
  void memoryThatFollowsItsSessionsShouldBeLoad(Kind kind) {
    Verdict last =
        watch(
            9,
            (day, sample) -> {
              double sessions =
                  1e5
                      * (1
                          + Math.max(0, day - 6)
                          + 0.3 * daily(day)
                          + 0.02 * random.nextGaussian());
              memory(sample, 8 * GB + 20_000 * sessions + 0.01 * GB * random.nextGaussian());
              sample.load(series("sessions", kind), Math.rint(sessions));
            });
    assertEquals(VerdictKind.LOAD, last.kind(), last::toString);
    assertEquals("sessions", last.load().get(0).metric());
    assertTrue(last.load().get(0).explainedFraction() > 0.9, last::toString);
    assertEquals(20_000, last.load().get(0).bytesPerUnit(), 2_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GAUGE sessions", "UNDECLARED iobuf_block_memory"})
  void aStateThatOnlyRisesShouldExplainWhatRisesWithIt(String text) {
    String[] words = text.split(" ", -1);
    LoadSeries series = series(words[1], Kind.valueOf(words[0]));
    Verdict last =
        watchFast(
            50,
            (second, sample) -> {
              memory(sample, 5e7 + 4e6 * second + 1e5 * random.nextGaussian());
              sample.load(series, Math.rint(4e6 * second + 1e5));
            });
    assertEquals(VerdictKind.LOAD, last.kind(), last::toString);
  }

  @Test
  void aSurgeThatIsBufferedShouldBeLoad() {
    Verdict last =
        watch(
            6.08,
            (day, sample) -> {
              double buffered = 1e8 * random.nextDouble() + 25 * GB * 24 * Math.max(0, day - 6);
              memory(sample, 30 * GB + buffered + 0.01 * GB * random.nextGaussian());
              sample.load(series("iobuf_block_memory", Kind.UNDECLARED), Math.rint(buffered));
              sample.set(Signal.LIMIT_BYTES, 128 * GB);
            });
    assertEquals(VerdictKind.LOAD, last.kind(), last::toString);
    assertEquals("iobuf_block_memory", last.load().get(0).metric());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COUNTER requests_total",
        "UNDECLARED rpc_server_*_count",
        "UNDECLARED chunkserver_*_write_io_num"
      })
  void memoryThatGrowsWithTheCountOfRequestsShouldBeALeak(String text) {
    String[] words = text.split(" ", -1);
    LoadSeries series = series(words[1], Kind.valueOf(words[0]));
    double[] served = new double[1];
    Verdict last =
        watch(
            9,
            (day, sample) -> {
              served[0] += day < 6 ? 0 : 300 * 400 * (0.2 + daily(day));
              memory(sample, 8 * GB + 272 * served[0] + 0.01 * GB * random.nextGaussian());
              sample.load(series, 1e9 + Math.rint(served[0]) + Math.floor(day * 1000));
            });
    assertEquals(VerdictKind.LEAK, last.kind(), last::toString);
    Verdict.Load counter =
        last.load().stream().filter(Verdict.Load::counter).findFirst().orElseThrow();
    assertEquals(272, counter.bytesPerUnit(), 15);
    assertTrue(
        last.reasons().stream().anyMatch(reason -> reason.contains("per request counted by")),
        last::toString);
  }

  @Test
  void aSumOfBytesShouldNotPassForHeldMemory() {
    Verdict last =
        watchFast(
            50,
            (second, sample) -> {
              memory(sample, 5e7 + 4e6 * second + 1e5 * random.nextGaussian());
              sample.load(series("write_io_bytes", Kind.UNDECLARED), Math.rint(4e6 * second));
            });
    assertEquals(VerdictKind.LEAK, last.kind(), last::toString);
  }

  @Test
  void aBufferThatIsTooSmallShouldNotExplainALeak() {
    Verdict last =
        watchFast(
            50,
            (second, sample) -> {
              memory(sample, 5e7 + 4e6 * second + 1e5 * random.nextGaussian());
              sample.load(series("iobuf_block_memory", Kind.UNDECLARED), 8192 * Math.rint(second));
            });
    assertEquals(VerdictKind.LEAK, last.kind(), last::toString);
  }

  @Test
  void aLeakUnderALoadShouldBeALeak() {
    Verdict last =
        watch(
            9,
            (day, sample) -> {
              double sessions = 1e5 * (1 + 0.3 * daily(day) + 0.02 * random.nextGaussian());
              double leaked = 3 * GB * Math.max(0, day - 6);
              memory(sample, 8 * GB + 20_000 * sessions + leaked);
              sample.load(series("sessions", Kind.GAUGE), Math.rint(sessions));
            });
    assertEquals(VerdictKind.LEAK, last.kind(), last::toString);
  }

  @Test
  void figuresThatWanderOnTheirOwnShouldExcuseNothing() {
    int excused = 0;
    for (int run = 0; run < 20; run++) {
      double[] walks = new double[8];
      Verdict last =
          watch(
              9,
              (day, sample) -> {
                double leaked = 2 * GB * Math.max(0, day - 6);
                memory(sample, 20 * GB + leaked + 0.05 * GB * random.nextGaussian());
                for (int i = 0; i < walks.length; i++) {
                  walks[i] += random.nextGaussian();
                  sample.load(series("walk" + i, Kind.UNDECLARED), 1e4 + walks[i]);
                }
              });
      excused += last.kind() == VerdictKind.LOAD ? 1 : 0;
    }
    assertEquals(0, excused);
  }

  @Test
  void memoryShouldNotBeExcusedByALoadThatHasGone() {
    Verdict last =
        watch(
            10,
            (day, sample) -> {
              double sessions = 1e5 * (1 + (day > 7 && day < 7.5 ? 2 : 0) + 0.3 * daily(day));
              double leaked = 3 * GB * Math.max(0, day - 7);
              memory(sample, 8 * GB + leaked + 0.01 * GB * random.nextGaussian());
              sample.load(series("sessions", Kind.GAUGE), Math.rint(sessions));
            });
    assertNotEquals(VerdictKind.LOAD, last.kind(), last::toString);
    assertTrue(alarmed);
  }
}
