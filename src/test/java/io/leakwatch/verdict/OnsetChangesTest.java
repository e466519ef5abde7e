package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a verdict says of the changes around the begin of a leak. The process leaks 3 GiB a day from
 * the end of the sixth day on, and is watched every five minutes until the end of the ninth. Where
 * it is restarted it warms up in each life.
 */
class OnsetChangesTest {
  private static final double GIB = 1L << 30;
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;
  private static final double ONSET = 6 * DAY;
  private static final String OLD = "91bc22d0".repeat(5);
  private static final String NEW = "3f2a1b2c".repeat(5);

  /** 2023-11-14 00:00 UTC. */
  private static final double START = 1_699_920_000;

  private final List<Change> changes = new ArrayList<>();
  private double days = 9;
  private double onset = ONSET;
  private double restart = Double.NaN;
  private double begin = START;
  private double loadStep = Double.NaN;

  private void change(double seconds, Kind kind, String what, @Nullable String before) {
    changes.add(new Change(begin + seconds, kind, what, before));
  }

  private Verdict watch() {
    changes.sort(Comparator.comparingDouble(Change::timeSeconds));
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Random random = new Random(11);
    Verdict verdict = null;
    int next = 0;
    for (double t = 0; t <= days * DAY; t += 300) {
      while (next < changes.size() && changes.get(next).timeSeconds() <= begin + t) {
        judge.changed(changes.get(next++));
      }
      double life = t >= restart ? restart : 0;
      double warm = Double.isNaN(restart) ? 0 : 6 * GIB * (1 - Math.exp(-(t - life) / (12 * HOUR)));
      double leaked = 3 * GIB / DAY * Math.max(0, t - Math.max(life, onset));
      verdict =
          judge.accept(
              Sample.at(begin + t, "" + life)
                  .set(
                      Signal.RSS_ANON_BYTES,
                      20 * GIB + warm + leaked + 0.02 * GIB * random.nextGaussian())
                  .load(
                      new LoadSeries("sessions", LoadSeries.Kind.GAUGE),
                      t < loadStep ? 100 + random.nextDouble() : 300 + random.nextDouble())
                  .build(),
              List.of());
    }
    return Objects.requireNonNull(verdict);
  }

  private static void says(Verdict verdict, String regex) {
    assertTrue(
        verdict.reasons().size() > 1 && Pattern.matches(regex, verdict.reasons().get(1)),
        () -> regex + " is not the second of " + verdict.reasons());
  }

  private static void namesNothing(Verdict verdict) {
    assertTrue(verdict.kind().isAlarming(), verdict::toString);
    assertEquals(List.of(), verdict.changes());
    assertTrue(
        verdict.reasons().stream()
            .noneMatch(reason -> reason.startsWith("began") || reason.startsWith("has grown")),
        verdict.reasons()::toString);
  }

  @Test
  void aBuildThatReplacedAnotherShouldBeNamedWithItsTimeAndItsFormersLife() {
    change(0, Kind.BUILD, OLD, null);
    change(ONSET - 8 * 60, Kind.BUILD, NEW, OLD);
    Verdict verdict = watch();
    says(
        verdict,
        "began about 2023-11-(19 23|20 00):\\d\\d UTC \\(±\\d+ min\\), [0-9.]+ (s|min) (after|before)"
            + " build 3f2a1b2c3f2a… replaced 91bc22d091bc… \\(2023-11-19 23:52 UTC\\),"
            + " which had run 6 days without growth");
    Verdict.NamedChange named = verdict.changes().get(0);
    assertEquals(START + ONSET - 8 * 60, named.timeSeconds());
    assertEquals("build", named.kind());
    assertEquals(
        "build 3f2a1b2c3f2a… replaced 91bc22d091bc…, which had run 6 days without growth",
        named.text());
    assertEquals(1, verdict.changes().size());
  }

  @Test
  void aBuildThatLeaksFromItsStartShouldBeNamedAndItsRestartShouldNot() {
    restart = ONSET;
    days = 12;
    change(0, Kind.BUILD, OLD, null);
    change(ONSET - 20, Kind.BUILD, NEW, OLD);
    change(ONSET - 20, Kind.RESTART, "", "");
    Verdict verdict = watch();
    says(
        verdict,
        "has grown since its start or soon after, when build 3f2a1b2c3f2a… replaced"
            + " 91bc22d091bc… \\(2023-11-19 23:59 UTC\\), which had run 6 days without growth");
    assertEquals(1, verdict.changes().size());
  }

  @Test
  void aRestartAloneShouldBeNamedWhenTheLifeBeforeDidNotGrow() {
    restart = ONSET;
    days = 12;
    Verdict verdict = watch();
    says(
        verdict,
        "has grown since its start or soon after, when it was restarted \\(2023-11-20"
            + " 00:00 UTC\\), after a run of 6 days without growth");
    assertEquals("restart", verdict.changes().get(0).kind());
  }

  /** Most servers read their configuration when they start. */
  @Test
  void aConfigurationThatARestartTookUpShouldBeNamedThoughItWasModifiedLongBefore() {
    restart = ONSET;
    days = 12;
    change(1, Kind.CONFIGURATION, "--conf", null);
    change(3 * DAY, Kind.CONFIGURATION, "--conf", "");
    change(5 * DAY, Kind.CONFIGURATION, "--conf", "");
    Verdict verdict = watch();
    says(
        verdict,
        "has grown since its start or soon after, 24 h after the configuration file given"
            + " as --conf was modified \\(2023-11-19 00:00 UTC\\), after 2 days without growth,"
            + " and when it was restarted \\(2023-11-20 00:00 UTC\\), after a run of 6 days"
            + " without growth");
  }

  @Test
  void whatWasNotWatchedShouldNotBeCalledLevel() {
    change(-294 * DAY, Kind.BUILD, OLD, null);
    change(ONSET, Kind.BUILD, NEW, OLD);
    assertTrue(
        watch()
            .changes()
            .get(0)
            .text()
            .endsWith("which had run 300 days, of which it was watched for 6 days without growth"));
  }

  @Test
  void neighboursThatBeganWithItShouldNotBeNamed() {
    restart = ONSET;
    days = 12;
    change(ONSET - 60, Kind.OTHER_RESTART, "etcd", "");
    assertEquals(
        List.of("restart"), watch().changes().stream().map(Verdict.NamedChange::kind).toList());
  }

  @Test
  void aRestartOfAProcessThatGrewBeforeShouldNotBeNamed() {
    onset = 0.2 * DAY;
    restart = ONSET;
    days = 12;
    namesNothing(watch());
  }

  @Test
  void argumentsAndAConfigurationShouldBothBeNamed() {
    change(0, Kind.COMMAND_LINE, "", null);
    change(DAY, Kind.CONFIGURATION, "--conf", null);
    change(ONSET - 1800, Kind.CONFIGURATION, "--conf", "");
    change(ONSET - 1700, Kind.COMMAND_LINE, "--cache-size, --threads (new)", "");
    Verdict verdict = watch();
    says(
        verdict,
        "began about .*, .* it was started with other arguments: --cache-size, --threads"
            + " \\(new\\) \\(2023-11-19 23:31 UTC\\), after 6 days without growth, and .* the"
            + " configuration file given as --conf was modified \\(2023-11-19 23:30 UTC\\),"
            + " after 5 days without growth");
    assertEquals(
        List.of("command_line", "configuration"),
        verdict.changes().stream().map(Verdict.NamedChange::kind).toList());
  }

  @Test
  void twoAtMostShouldBeNamedAndTheLikelierKindsFirst() {
    change(0, Kind.BUILD, OLD, null);
    change(ONSET - 900, Kind.OTHER_RESTART, "etcd", "");
    change(ONSET - 600, Kind.RESTART, "", "");
    change(ONSET - 600, Kind.CONFIGURATION, "--conf", "");
    change(ONSET - 1200, Kind.BUILD, NEW, OLD);
    assertEquals(
        List.of("build", "configuration"),
        watch().changes().stream().map(Verdict.NamedChange::kind).toList());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-30, -12, 12, 30})
  void whatChangedHoursAwayFromTheBeginShouldNotBeNamed(double hours) {
    change(0, Kind.BUILD, OLD, null);
    change(ONSET + hours * HOUR, Kind.BUILD, NEW, OLD);
    namesNothing(watch());
  }

  @Test
  void withoutAChangeNothingShouldBeSaid() {
    change(0, Kind.BUILD, OLD, null);
    change(ONSET - 300, Kind.CONFIGURATION, "--conf", null); // Seen first then, and unchanged.
    namesNothing(watch());
  }

  @Test
  void aNeighboursRestartShouldBeNamedWhereItIsNear() {
    change(ONSET - 600, Kind.OTHER_RESTART, "etcd-\u001b[31mevil\n", "");
    says(watch(), "began about .* etcd-\\?\\[31mevil\\? was restarted \\(2023-11-19 23:50 UTC\\)");
  }

  @Test
  void aStepOfTheLoadShouldBeNamed() {
    loadStep = ONSET;
    Verdict verdict = watch();
    assertEquals(1, verdict.changes().size(), verdict::toString);
    assertTrue(
        verdict
            .changes()
            .get(0)
            .text()
            .matches("its load stepped: sessions rose by 19\\d %|.*200 %"),
        verdict.changes()::toString);
  }

  @Test
  void aChangeThatComesLateFromTheHistoryShouldBeNamedAsWell() {
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Verdict verdict = null;
    for (double t = 0; t <= 9 * DAY; t += 300) {
      double bytes = 20 * GIB + 3 * GIB / DAY * Math.max(0, t - ONSET);
      Sample sample = Sample.at(START + t, "").set(Signal.RSS_ANON_BYTES, bytes).build();
      if (t > 8 * DAY && verdict != null && verdict.changes().isEmpty()) {
        judge.changed(new Change(START + ONSET - 300, Kind.BUILD, NEW, OLD));
      }
      verdict = judge.accept(sample, List.of());
    }
    assertEquals(1, Objects.requireNonNull(verdict).changes().size());
  }

  @Test
  void seriesWithoutACalendarShouldHaveTheirOwnTimes() {
    begin = 1000;
    change(ONSET, Kind.CONFIGURATION, "-c", "");
    says(watch(), "began about second \\d+ \\(±.*\\), .* was modified \\(second 519400\\)");
  }

  /** Whatever comes in whatever order, nothing breaks and no more than two are named. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyChangesShouldLeaveAVerdictOfBoundedWords(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      String text =
          random
              .ints(random.nextInt(400), 0, 0x2fff)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      double near = ONSET + 3 * HOUR * random.nextGaussian();
      change(near, kind, text, random.nextInt(5) == 0 ? null : text);
    }
    Verdict verdict = watch();
    assertTrue(verdict.changes().size() <= 2);
    for (String reason : verdict.reasons()) {
      assertTrue(reason.length() < 900, reason);
      assertFalse(reason.matches("(?s).*[\\p{Cc}\\u202a-\\u202e].*"), reason);
    }
  }
}
