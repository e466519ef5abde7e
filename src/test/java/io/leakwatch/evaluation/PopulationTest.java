package io.leakwatch.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Population;
import io.leakwatch.evaluation.population.Scenario;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.VerdictKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PopulationTest {
  private static final long SEED = 300_000;

  private static List<Scenario> draw(List<Plan> plans) {
    return plans.stream().map(Population::make).toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldDrawTheSameSeriesAgain(boolean heldOut) {
    Plan plan = Plan.leaks(SEED, 300, heldOut, .01).get(7);
    assertArrayEquals(Population.make(plan).bytes(), Population.make(plan).bytes());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldKeepHealthyProcessesBelowTheirLimit(boolean heldOut) {
    for (Scenario s : draw(Plan.benign(SEED, 300, heldOut, .01))) {
      double highest = Arrays.stream(s.bytes()).max().orElseThrow();
      assertTrue(highest <= 1.02 * s.limit()[0], s::shape);
      assertTrue(Arrays.stream(s.bytes()).min().orElseThrow() > 0, s::shape);
    }
  }

  @Test
  void shouldWatchEachBandOfAgeFiveHundredDaysInFifteenSeeds() {
    double[] byAge = new double[Score.BANDS.size()];
    double[] byWatch = new double[Score.BANDS.size()];
    for (Plan plan : Plan.benign(SEED, 3600, false, .01)) {
      Score score = Score.of(Population.make(plan), new Silent(), Scenario.Given.NOTHING);
      for (int b = 0; b < byAge.length; b++) {
        byAge[b] += score.daysByAge()[b];
        byWatch[b] += score.daysByWatch()[b];
      }
    }
    for (int b = 0; b < byAge.length; b++) {
      assertTrue(15 * byAge[b] > 400, Arrays.toString(byAge));
      assertTrue(15 * byWatch[b] > 500, Arrays.toString(byWatch));
    }
  }

  @Test
  void shouldFillLateAsOftenAsItIsAskedTo() {
    List<Scenario> series = new ArrayList<>();
    for (int k = 0; k < 10; k++) {
      series.addAll(draw(Plan.benign(SEED + k, 7200, false, .05)));
    }
    double days = series.stream().mapToDouble(Scenario::days).sum();
    long fills =
        series.stream()
            .flatMap(s -> s.traits().stream())
            .filter(trait -> trait.endsWith("late fill"))
            .count();
    assertEquals(.05, fills / days, .01);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldLeakAtItsRate(boolean heldOut) {
    double[] share = new double[Plan.RATES.size()];
    int[] count = new int[share.length];
    for (int k = 0; k < 9; k++) {
      for (Plan plan : Plan.leaks(SEED + k, 300, heldOut, .01)) {
        Scenario s = Population.make(plan);
        boolean grows = s.mode().equals("accelerating") || s.mode().equals("quadratic");
        if (plan.group() != Plan.Group.EVERY && !grows) {
          int last = s.length() - 1;
          double days = (s.seconds()[last] - s.seconds()[s.onset()]) / 86400;
          double base = Double.parseDouble(s.shape().substring(0, s.shape().indexOf(' ')));
          double gigabytes = s.leaked()[last] / 1e9;
          boolean whole = days > Plan.SURGE_DAYS * 1.5;
          if (plan.surges() && whole) {
            share[plan.rate()] += gigabytes / Plan.SURGE_GIGABYTES;
            count[plan.rate()]++;
          } else if (!plan.surges() && base > 3) {
            share[plan.rate()] += gigabytes / base / days / Plan.PER_DAY[plan.rate()];
            count[plan.rate()]++;
          }
        }
      }
    }
    for (int rate = 0; rate < share.length; rate++) {
      assertEquals(1, share[rate] / count[rate], .2, Plan.RATES.get(rate));
    }
  }

  @Test
  void shouldBeginTheLeakInTheBandOfAgeThatWasAskedFor() {
    for (Plan plan : Plan.leaks(SEED, 300, false, .01)) {
      Scenario s = Population.make(plan);
      double age = s.ageSeconds()[s.onset()] / 86400;
      switch (plan.group()) {
        case GRID -> {
          assertTrue(age >= Plan.ONSET_FROM[plan.band()], s::id);
          assertTrue(age <= Plan.ONSET_TO[plan.band()] + .01, s::id);
        }
        case OLD -> assertTrue(age > 5, s::id);
        case FOURTH -> assertEquals(3, s.life()[s.onset()], s::id);
        default -> assertTrue(s.lifeOnsets().length > 2, s::id);
      }
    }
  }

  @Test
  void shouldWriteASeriesForReplay(@TempDir Path directory) throws Exception {
    Scenario s = Population.make(Plan.benign(SEED, 3600, false, .01).get(0));
    Path file = directory.resolve("series.csv");
    s.export(file);
    List<Double> read = new ArrayList<>();
    CsvSeries.read(file, sample -> read.add(sample.get(Signal.PROCESS_AGE_SECONDS)));
    assertEquals(s.length(), read.size());
    assertEquals(s.ageSeconds()[1], read.get(1));
    assertTrue(Files.readString(file).startsWith("time,rss_anon_bytes,"));
  }

  /** Tells nothing. */
  private static final class Silent implements Contestant {
    @Override
    public void restart() {}

    @Override
    public Told accept(Sample sample) {
      return new Told(VerdictKind.STEADY, Severity.NONE, Double.NaN, Double.NaN, "");
    }
  }
}
