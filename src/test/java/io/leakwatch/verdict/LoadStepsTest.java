package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads that step, and loads that do not. Hours are 3600 s, samples a minute apart. */
class LoadStepsTest {
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;

  private final List<Change> found = new ArrayList<>();
  private final LoadSteps steps = new LoadSteps(new Days(HOUR, 24), found::add);

  /** A gauge has the load itself, a counter what it adds up to. */
  private void watch(LoadSeries.Kind kind, double days, DoubleUnaryOperator perSecond) {
    LoadSeries series = new LoadSeries("requests", kind);
    boolean counts = kind != LoadSeries.Kind.GAUGE;
    double sum = 0;
    for (double t = 0; t < days * DAY; t += 60) {
      double load = perSecond.applyAsDouble(t);
      sum += 60 * load;
      steps.accept(Sample.at(t, "1").load(series, counts ? sum : load).build());
    }
  }

  @ParameterizedTest
  @EnumSource(LoadSeries.Kind.class)
  void aStepUpShouldBeToldWithItsTimeAndHeight(LoadSeries.Kind kind) {
    double at = 2 * DAY + 5 * HOUR + 1200;
    watch(kind, 4, t -> t < at ? 100 : 260);
    assertEquals(1, found.size(), found::toString);
    assertEquals(Change.Kind.LOAD, found.get(0).kind());
    assertEquals("requests rose by 160 %", found.get(0).what());
    assertEquals(at, found.get(0).timeSeconds(), 120);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0, 30})
  void stepsDownToNothingAndFarUpShouldBeTold(double factor) {
    watch(LoadSeries.Kind.GAUGE, 3, t -> t < 2 * DAY ? 100 : 100 * factor);
    String words =
        factor == 30 ? "rose more than tenfold" : "fell by " + (factor == 0 ? 100 : 80) + " %";
    assertEquals("requests " + words, found.get(0).what());
    assertEquals(1, found.size(), found::toString);
  }

  @Test
  void aLoadThatIsTheSameEveryDayShouldBeNoNews() {
    watch(LoadSeries.Kind.COUNTER, 9, t -> t % DAY < 8 * HOUR ? 10 : 200);
    assertEquals(List.of(), found);
  }

  @Test
  void smallStepsPeaksAndNoiseShouldNotBeTold() {
    Random random = new Random(4);
    watch(
        LoadSeries.Kind.GAUGE,
        9,
        t ->
            (t < 5 * DAY ? 100 : 140) // By less than half.
                * (t > 3 * DAY && t < 3 * DAY + HOUR ? 9 : 1) // For no longer than an hour.
                * Math.exp(0.3 * random.nextGaussian()));
    assertEquals(List.of(), found);
  }

  @Test
  void aRestartThatSetsACounterToNothingShouldBeNoStep() {
    LoadSeries series = new LoadSeries("requests", LoadSeries.Kind.COUNTER);
    for (int i = 0; i < 4 * 1440; i++) {
      boolean second = i >= 3 * 1440 + 77;
      double sum = 1000.0 * (second ? i - 3 * 1440 : i);
      steps.accept(Sample.at(60.0 * i, second ? "2" : "1").load(series, sum).build());
    }
    assertEquals(List.of(), found);
  }

  @Test
  void theProcessorTimeShouldBeALoadToo() {
    for (int i = 0; i < 3 * 1440; i++) {
      double cores = i < 2 * 1440 ? 0.5 : 1.5;
      steps.accept(Sample.at(60.0 * i, "1").set(Signal.LOAD, cores).build());
    }
    assertEquals("cpu_cores rose by 200 %", found.get(0).what());
  }

  /** Clocks that jump, figures that are none, more series than are kept. */
  @Test
  void oddSeriesShouldDoNoHarm() {
    Random random = new Random(9);
    double time = 0;
    for (int i = 0; i < 20_000; i++) {
      time += random.nextInt(50) == 0 ? 1e6 * random.nextGaussian() : 600 * random.nextDouble();
      double value =
          switch (random.nextInt(6)) {
            case 0 -> -1;
            case 1 -> Double.MAX_VALUE;
            case 2 -> 0;
            default -> 1e3 * random.nextDouble();
          };
      LoadSeries series =
          new LoadSeries("m" + random.nextInt(60), LoadSeries.Kind.values()[random.nextInt(3)]);
      steps.accept(Sample.at(time, "" + random.nextInt(2)).load(series, value).build());
    }
    found.forEach(change -> assertTrue(Double.isFinite(change.timeSeconds()), change::toString));
  }
}
