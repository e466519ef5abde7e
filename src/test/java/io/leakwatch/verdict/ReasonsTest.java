package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The figures in the sentences, checked against the series by a second calculation. */
class ReasonsTest {
  private static final double GIB = 1L << 30;
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;

  /** 2023-11-14 00:00 UTC. */
  private static final double START = 1_699_920_000;

  private final ProcessJudge judge = new ProcessJudge(Defaults.TREND);
  private final Random random = new Random(11);
  private final List<Sample> samples = new ArrayList<>();
  private List<Limit> limits = List.of();

  private interface Shape {
    void fill(double days, Sample.Builder sample);
  }

  private Verdict watch(double days, Shape figures) {
    Verdict verdict = null;
    for (double t = 0; t <= days * DAY; t += 300) {
      Sample.Builder sample = Sample.at(START + t, "1");
      figures.fill(t / DAY, sample);
      samples.add(sample.build());
      verdict = judge.accept(sample.build(), limits);
    }
    return Objects.requireNonNull(verdict);
  }

  private double noise() {
    return 0.02 * GIB * random.nextGaussian();
  }

  private static double leaked(double day) {
    return 3 * GIB * Math.max(0, day - 6);
  }

  /** The hourly minima of a signal, by a calculation of the test's own. */
  private double[] hourly(Signal signal) {
    double[] floors = new double[(int) ((newest().timeSeconds() - START) / HOUR)];
    Arrays.fill(floors, Double.POSITIVE_INFINITY);
    for (Sample sample : samples) {
      int hour = (int) ((sample.timeSeconds() - START) / HOUR);
      if (hour < floors.length) {
        floors[hour] = Math.min(floors[hour], sample.get(signal));
      }
    }
    return floors;
  }

  /** Least squares per hour, from an hour to the end. */
  private static double slope(double[] floors, int from) {
    int n = floors.length - from;
    double xy = 0;
    double xx = 0;
    for (int i = 0; i < n; i++) {
      double x = i - (n - 1) / 2.0;
      xy += x * floors[from + i];
      xx += x * x;
    }
    return xy / xx;
  }

  private Sample newest() {
    return samples.get(samples.size() - 1);
  }

  private static Matcher match(String regex, Verdict verdict) {
    Pattern pattern = Pattern.compile(regex);
    for (String reason : verdict.reasons()) {
      Matcher matcher = pattern.matcher(reason);
      if (matcher.find()) {
        return matcher;
      }
    }
    throw new AssertionError("no " + regex + " in " + verdict.reasons());
  }

  private static double figure(Matcher matcher, int group) {
    return Double.parseDouble(matcher.group(group));
  }

  private static boolean says(Verdict verdict, String part) {
    return verdict.reasons().stream().anyMatch(reason -> reason.contains(part));
  }

  @Test
  void shouldTellALeakInFiguresThatTheSeriesConfirms() {
    limits =
        List.of(
            new Limit("memory.max of /curve", Limit.Unit.BYTES, 64L << 30, 40L << 30),
            new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, 65530, 65000));
    Verdict verdict =
        watch(
            6.9,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 30 * GIB + leaked(day) + noise())
                    .set(Signal.IN_USE_BYTES, 25 * GIB + leaked(day) + 0.1 * noise())
                    .set(Signal.LOAD, 0.3 + 0.05 * random.nextGaussian())
                    .set(Signal.ARENA_BYTES, 20 * GIB + 0.9 * leaked(day))
                    .set(Signal.ARENA_COUNT, 27 + Math.floor(Math.max(0, day - 6) * 17)));
    assertEquals(VerdictKind.LEAK, verdict.kind());

    Matcher rate = match("\\+(\\S+) GiB/day \\(±(\\S+)\\) since (\\d\\d:\\d\\d) UTC", verdict);
    assertEquals(3, figure(rate, 1), 0.5);
    assertTrue(figure(rate, 2) >= 0.1 && figure(rate, 2) < 0.3, () -> "" + verdict.reasons());

    Matcher since = match("since (\\d\\d):(\\d\\d) UTC (today|yesterday)", verdict);
    double midnight = START + (since.group(3).equals("today") ? 6 : 5) * DAY;
    double told = midnight + figure(since, 1) * HOUR + figure(since, 2) * 60;
    assertEquals(verdict.growth().sinceSeconds(), told, 60);

    int from = (int) Math.round((told - START) / HOUR);
    Matcher rose = match("floor rose in (\\d+) of (\\d+) hours", verdict);
    double[] floors = hourly(Signal.RSS_ANON_BYTES);
    int rising = 0;
    for (int i = from; i < floors.length; i++) {
      rising += floors[i] > floors[i - 1] ? 1 : 0;
    }
    assertEquals(floors.length - from, figure(rose, 2), 1);
    assertEquals(rising, figure(rose, 1), 1);

    assertEquals(slope(floors, from) * 24 / GIB, figure(rate, 1), 0.1);

    Matcher rise = match(", \\+(\\S+) GiB in (\\S+) h,", verdict);
    assertEquals((floors[floors.length - 1] - floors[from]) / GIB, figure(rise, 1), 0.1);
    assertEquals((newest().timeSeconds() - told) / HOUR, figure(rise, 2), 0.6);

    assertEquals(0, figure(match("load explains (\\S+) %", verdict), 1), 20);
    Matcher arenas = match("(\\d+) arenas, up from (\\d+)", verdict);
    assertEquals(newest().get(Signal.ARENA_COUNT), figure(arenas, 1), 1);
    assertEquals(27 + 17 * Math.max(0, (told - START) / DAY - 6), figure(arenas, 2), 2);
    double window = (newest().timeSeconds() - told) / DAY;
    Matcher kind = match("most of it in memory of kind arena: \\+(\\S+) GiB/day of", verdict);
    assertEquals(0.9 * leaked(6.9) / GIB / window, figure(kind, 1), 0.15);

    Matcher reaches = match("reaches memory.max of /curve \\(64 GiB\\) in (\\S+) days", verdict);
    double days = (24L << 30) / (figure(rate, 1) * GIB);
    assertEquals(days, figure(reaches, 1), 0.1);
  }

  @Test
  void shouldNotSayMostOfWhatIsLessThanHalf() {
    Verdict verdict =
        watch(
            7.5,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 30 * GIB + leaked(day) + noise())
                    .set(Signal.IN_USE_BYTES, 25 * GIB + leaked(day) + 0.1 * noise())
                    .set(Signal.ARENA_BYTES, 10 * GIB + 0.4 * leaked(day))
                    .set(Signal.BRK_HEAP_BYTES, 10 * GIB + 0.3 * leaked(day))
                    .set(Signal.THREAD_STACK_BYTES, GIB + 0.01 * leaked(day)));
    Matcher kinds =
        match(
            "^in memory of kind arena: \\+(\\S+) GiB/day, brk_heap: \\+(\\S+) (\\S+)/day$",
            verdict);
    assertEquals(1.2, figure(kinds, 1), 0.2);
    assertFalse(says(verdict, "most of it"), () -> "" + verdict.reasons());
  }

  /** A month of a leak without noise: evidence is beyond all measure, and the limit is far. */
  @Test
  void shouldTellNoMoreThanAPersonWouldBelieve() {
    limits = List.of(new Limit("MemAvailable", Limit.Unit.BYTES, 1L << 50, 1L << 34));
    Verdict verdict =
        watch(
            60,
            (day, sample) ->
                sample.set(Signal.RSS_ANON_BYTES, 20 * GIB + 3 * GIB * Math.max(0, day - 6)));
    assertTrue(says(verdict, "without a leak, such growth is seen once in"));
    assertTrue(says(verdict, "reaches MemAvailable (1 PiB) not within 2 years"));
    Pattern unrounded = Pattern.compile("\\d{5,}");
    for (String reason : verdict.reasons()) {
      assertFalse(unrounded.matcher(reason).find(), reason);
    }
  }

  @Test
  void shouldTellOfALimitOnMappingsInMappings() {
    limits = List.of(new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, 65530, 61530));
    Verdict verdict =
        watch(
            7.5,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 30 * GIB + leaked(day) + noise())
                    .set(Signal.MAPPING_COUNT, 900 + Math.floor(Math.max(0, day - 6) * 1000)));
    Matcher reaches =
        match("reaches vm.max_map_count \\(65530 mappings\\) in (\\S+) days", verdict);
    double since = (newest().timeSeconds() - verdict.growth().sinceSeconds()) / DAY;
    assertEquals(4000 * since / 1500, figure(reaches, 1), 0.2);
  }

  @Test
  void shouldNotTellOfWhatWasNotLookedAt() {
    Verdict verdict =
        watch(7.5, (day, s) -> s.set(Signal.RSS_ANON_BYTES, 30 * GIB + leaked(day) + noise()));
    assertTrue(verdict.kind().isAlarming());
    for (String unseen : List.of("load", "arenas", "in use +", "reaches", "NaN", "Infinity")) {
      assertFalse(says(verdict, unseen), () -> unseen + " in " + verdict.reasons());
    }
  }

  @Test
  void shouldTellHowMuchIsHeldAndPinnedAndForHowLong() {
    Verdict verdict =
        watch(
            8,
            (day, sample) -> {
              double hours = (day - 6) * 24;
              double grown = 50 * GIB * Math.min(1, Math.max(0, hours / 2));
              double used = grown * (hours < 2 ? 1 : Math.max(0.1, 1 - (hours - 2)));
              sample
                  .set(Signal.RSS_ANON_BYTES, 30 * GIB + grown + noise())
                  .set(Signal.IN_USE_BYTES, 28 * GIB + used + noise())
                  .set(Signal.PINNED_BYTES, hours > 3 ? 41 * GIB : GIB);
            });
    assertEquals(VerdictKind.PINNED, verdict.kind(), verdict::toString);
    Matcher held = match("keeps (\\S+) GiB more .* for (\\S+) h", verdict);
    assertEquals(45, figure(held, 1), 1);
    assertEquals(45, figure(held, 2), 8);
    Matcher both = match("working set (\\S+) GiB, in use (\\S+) GiB", verdict);
    assertEquals(80, figure(both, 1), 0.3);
    assertEquals(33, figure(both, 2), 0.3);
    assertEquals(
        41, figure(match("(\\S+) GiB of free memory cannot be returned", verdict), 1), 0.05);
  }

  @Test
  void shouldTellHowMuchTheLoadExplains() {
    Verdict verdict =
        watch(
            9,
            (day, sample) -> {
              double objects = 1e6 + 2e5 * Math.max(0, day - 6) + 1000 * random.nextGaussian();
              sample
                  .set(Signal.RSS_ANON_BYTES, 10 * GIB + 8000 * objects + noise())
                  .set(Signal.LOAD, objects);
            });
    assertEquals(VerdictKind.LOAD, verdict.kind());
    assertTrue(figure(match("load explains (\\S+) %", verdict), 1) > 80);
    assertEquals(1.6e9 / GIB, figure(match("\\+(\\S+) GiB/day", verdict), 1), 0.1);
  }

  /** Half an hour after a surge began, no hour has closed that would know of it. */
  @Test
  void shouldTellNoRateOfAnHourThatHasNotEnded() {
    Verdict verdict =
        watch(
            6 + 0.6 / 24,
            (day, sample) -> {
              double grown = 50 * GIB * Math.max(0, day - 6) * 12;
              sample
                  .set(Signal.RSS_ANON_BYTES, 30 * GIB + grown + noise())
                  .set(Signal.IN_USE_BYTES, 28 * GIB + grown + noise())
                  .set(Signal.LIMIT_BYTES, 128 * GIB);
            });
    assertTrue(verdict.kind().isAlarming());
    assertEquals(25, figure(match("working set \\+(\\S+) GiB/hour since", verdict), 1), 2);
    assertFalse(says(verdict, "over the same time"), () -> "" + verdict.reasons());
    assertFalse(says(verdict, "±"), () -> "" + verdict.reasons());
  }

  @Test
  void shouldTellTheLevelOfWhatDoesNotGrow() {
    Verdict steady =
        watch(8, (day, sample) -> sample.set(Signal.RSS_ANON_BYTES, 30 * GIB + noise()));
    assertEquals(VerdictKind.STEADY, steady.kind());
    double[] floors = hourly(Signal.RSS_ANON_BYTES);
    Matcher level = match("level of the last hour (\\S+) GiB; .* moved by (\\S+) (\\S+)iB", steady);
    assertEquals(floors[floors.length - 1] / GIB, figure(level, 1), 0.05);
    double unit = level.group(3).equals("M") ? 1 << 20 : level.group(3).equals("K") ? 1 << 10 : GIB;
    assertTrue(Math.abs(figure(level, 2)) * unit < 0.1 * GIB, () -> "" + steady.reasons());
  }

  @Test
  void shouldSayThatACycleIsOne() {
    Verdict verdict =
        watch(
            8,
            (day, sample) ->
                sample.set(
                    Signal.RSS_ANON_BYTES,
                    30 * GIB * (1 + 0.1 * Math.sin(2 * Math.PI * day)) + noise()));
    assertEquals(VerdictKind.CYCLIC, verdict.kind());
    assertTrue(says(verdict, "rises and falls every 24 h"), () -> "" + verdict.reasons());
  }

  @Test
  void shouldSayThatWarmingUpBendsAndHowMuchItRoseInADay() {
    Verdict verdict =
        watch(
            3,
            (day, sample) ->
                sample.set(Signal.RSS_ANON_BYTES, 40 * GIB * (1 - Math.exp(-day)) + noise()));
    assertEquals(VerdictKind.WARMING, verdict.kind());
    Matcher moved = match("moved by \\+(\\S+) GiB, ever more slowly: it rises", verdict);
    double truth = 40 * (Math.exp(-2) - Math.exp(-3));
    assertEquals(truth, figure(moved, 1), 0.35 * truth);
  }

  @Test
  void shouldNotSayThatWhatWarmsUpMovedByNothing() {
    Verdict verdict =
        watch(
            0.6,
            (day, sample) ->
                sample.set(Signal.RSS_ANON_BYTES, 40 * GIB * (1 - Math.exp(-day / 0.1)) + GIB));
    assertEquals(VerdictKind.WARMING, verdict.kind());
    assertFalse(says(verdict, "moved by +0"), () -> "" + verdict.reasons());
  }

  @Test
  void shouldSayThatAnHourMustHavePassed() {
    Verdict verdict = watch(0.02, (day, sample) -> sample.set(Signal.RSS_ANON_BYTES, GIB));
    assertEquals(List.of("watched for less than an hour, too short to judge"), verdict.reasons());
  }

  @Test
  void shouldWriteTimesAsAPersonWould() {
    double now = START + 3600;
    assertEquals("second 4711", Figures.when(4711, 9000));
    assertEquals("23:59 UTC yesterday", Figures.when(START - 1, now));
    assertEquals("00:30 UTC today", Figures.when(START + 1800, now));
    assertEquals("2023-11-12 23:00 UTC", Figures.when(START - 25 * HOUR, now));
    assertEquals("second 2000000000000", Figures.when(2e12, 2e12));
    assertEquals("35", Figures.strength(35.4));
    assertEquals("over 1000", Figures.strength(21956455617.0));
  }

  private static final String MAY_FILL = "its options allow";

  @Test
  void shouldSayThatWhatGrowsMayStillFillTheSizeThatItStates() {
    Verdict verdict =
        watch(
            8,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 18 * GIB + leaked(day) + noise())
                    .set(Signal.STATED_BYTES, 40 * GIB));
    assertEquals(VerdictKind.LEAK, verdict.kind());
    Matcher said =
        match(
            "its options allow (\\S+) GiB \\(--maxmemory and the like\\), and it has"
                + " reached (\\S+) GiB: it may still fill up to that",
            verdict);
    assertEquals(40, figure(said, 1));
    assertEquals(24, figure(said, 2), 0.1);
  }

  @Test
  void shouldSayNothingOfASizeThatIsPassed() {
    Verdict verdict =
        watch(
            8,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 18 * GIB + leaked(day) + noise())
                    .set(Signal.STATED_BYTES, 20 * GIB));
    assertEquals(VerdictKind.LEAK, verdict.kind());
    assertFalse(says(verdict, MAY_FILL), () -> "" + verdict.reasons());
  }

  @Test
  void shouldSayThatWhatWarmsUpMayStillFillTheSizeThatItStates() {
    Verdict verdict =
        watch(
            3,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 40 * GIB * (1 - Math.exp(-day)) + noise())
                    .set(Signal.STATED_BYTES, 40 * GIB));
    assertEquals(VerdictKind.WARMING, verdict.kind());
    assertTrue(says(verdict, MAY_FILL), () -> "" + verdict.reasons());
  }

  @Test
  void shouldSayNothingOfTheStatedSizeWhereNothingGrows() {
    Verdict verdict =
        watch(
            8,
            (day, sample) ->
                sample
                    .set(Signal.RSS_ANON_BYTES, 30 * GIB + noise())
                    .set(Signal.STATED_BYTES, 40 * GIB));
    assertEquals(VerdictKind.STEADY, verdict.kind());
    assertFalse(says(verdict, MAY_FILL), () -> "" + verdict.reasons());
  }

  @Test
  void shouldSayHowLongItHasLooked() {
    Verdict verdict = watch(0.1, (day, sample) -> sample.set(Signal.RSS_ANON_BYTES, GIB));
    assertEquals(VerdictKind.UNKNOWN, verdict.kind());
    assertTrue(says(verdict, "watched for 2 h"), () -> "" + verdict.reasons());
  }
}
