package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
  private static final double GB = 1e9;
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;
  private static final double START = 1.7e9;
  private double intervalSeconds = 300;

  private final ProcessJudge judge = new ProcessJudge(Defaults.TREND);
  private final Random random = new Random(3);
  private final List<Verdict> verdicts = new ArrayList<>();

  /** One sample each five minutes; {@code figures} fills in what is seen at a time in days. */
  private interface Figures {
    void fill(double days, Sample.Builder sample);
  }

  private Verdict watch(double days, List<Limit> limits, Figures figures) {
    for (double t = 0; t < days * DAY; t += intervalSeconds) {
      Sample.Builder sample = Sample.at(START + t, "1");
      figures.fill(t / DAY, sample);
      verdicts.add(judge.accept(sample.build(), limits));
    }
    return verdicts.get(verdicts.size() - 1);
  }

  private double noise() {
    return 0.02 * GB * random.nextGaussian();
  }

  @Test
  void shouldCallGrowthOfTheBytesInUseALeakAndForecastTheTightestLimit() {
    Verdict last =
        watch(
            8,
            List.of(
                new Limit(
                    "memory.max of /curve", Limit.Unit.BYTES, 64_000_000_000L, 40_000_000_000L),
                new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, 65530, 65000)),
            (day, sample) -> {
              double leaked = 3 * GB * Math.max(0, day - 6);
              sample
                  .set(Signal.RSS_ANON_BYTES, 30 * GB + leaked + noise())
                  .set(Signal.IN_USE_BYTES, 25 * GB + leaked + 0.1 * noise())
                  .set(Signal.MAPPING_COUNT, 900 + Math.floor(Math.max(0, day - 6) * 40))
                  .set(Signal.ARENA_COUNT, 27 + Math.floor(Math.max(0, day - 6) * 17));
            });
    assertEquals(VerdictKind.LEAK, last.kind());
    assertEquals(3 * GB / DAY, last.growth().bytesPerSecond(), 0.15 * GB / DAY);
    assertEquals("memory.max of /curve", last.forecast().exhaustion().get(0).limitName());
    assertEquals(8 * DAY, last.forecast().exhaustion().get(0).seconds(), 0.5 * DAY);
    assertEquals(START + 6 * DAY, last.growth().sinceSeconds(), 12 * HOUR);
    assertTrue(
        last.reasons().stream().anyMatch(reason -> reason.contains("arenas, up from 27")),
        () -> last.reasons().toString());
  }

  /** As huge pages do in a heap with holes, or a table that is filled after it was allocated. */
  @ParameterizedTest
  @CsvSource({"12, WARMING", "4, GROWING"})
  void touchingWhatWasAllocatedBeforeShouldBeNoLeak(long headroomGb, VerdictKind expected) {
    long used = 64_000_000_000L - headroomGb * 1_000_000_000L;
    Limit limit = new Limit("memory.max of /", Limit.Unit.BYTES, 64_000_000_000L, used);
    Verdict last =
        watch(
            8,
            List.of(limit),
            (day, sample) -> {
              double touched = 3 * GB * Math.max(0, day - 6);
              sample
                  .set(Signal.RSS_ANON_BYTES, 30 * GB + touched + noise())
                  .set(Signal.IN_USE_BYTES, 25 * GB + touched)
                  .set(Signal.UNTOUCHED_BYTES, 12 * GB - touched);
            });
    assertEquals(expected, last.kind(), () -> last.reasons().toString());
    assertEquals(3 * GB / DAY, last.growth().bytesPerSecond(), 0.3 * GB / DAY);
  }

  @Test
  void shouldCallWhatIsFreedAndKeptHeld() {
    assertEquals(VerdictKind.HELD, watch(8, List.of(), freedAndKept(sample -> {})).kind());
  }

  @Test
  void shouldCallWhatIsKeptBelowChunksInUsePinned() {
    Figures figures = freedAndKept(sample -> sample.set(Signal.PINNED_BYTES, 45 * GB));
    assertEquals(VerdictKind.PINNED, watch(8, List.of(), figures).kind());
  }

  /** 50 GB within two hours; an hour later the application has freed them, the process has not. */
  private Figures freedAndKept(Consumer<Sample.Builder> more) {
    return (day, sample) -> {
      double hours = (day - 6) * 24;
      double grown = 50 * GB * Math.min(1, Math.max(0, hours / 2));
      double used = grown * (hours < 2 ? 1 : Math.max(0.1, 1 - (hours - 2)));
      sample
          .set(Signal.RSS_ANON_BYTES, 30 * GB + grown + noise())
          .set(Signal.IN_USE_BYTES, 28 * GB + used + noise())
          .set(Signal.LIMIT_BYTES, 128 * GB);
      more.accept(sample);
    };
  }

  @Test
  void shouldWarnOfFiftyGigabytesInTwoHoursWithinAQuarterOfAnHour() {
    intervalSeconds = 60;
    watch(6.1, List.of(), freedAndKept(sample -> {}));
    int first = 0;
    while (verdicts.get(first).kind() != VerdictKind.GROWING) {
      first++;
    }
    double minutes = first - 6 * DAY / 60;
    assertTrue(minutes > 0 && minutes <= 20, () -> "after " + minutes + " min");
  }

  @Test
  void shouldCallGrowthWithTheDataSetLoad() {
    Verdict last =
        watch(
            9,
            List.of(),
            (day, sample) -> {
              double objects = 1e6 + 2e5 * Math.max(0, day - 6) + 1000 * random.nextGaussian();
              sample
                  .set(Signal.RSS_ANON_BYTES, 10 * GB + 8000 * objects + noise())
                  .set(Signal.LOAD, objects);
            });
    assertEquals(VerdictKind.LOAD, last.kind());
  }

  @Test
  void shouldCallAYoungProcessUnknown() {
    assertEquals(
        VerdictKind.UNKNOWN,
        watch(0.1, List.of(), (day, s) -> s.set(Signal.RSS_ANON_BYTES, GB)).kind());
  }
}
