package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Processes that switch between levels: they run jobs, are suspended, get another task. */
class SwitchingTest {
  private static final double DAY = 86400;
  private static final TrendSettings SETTINGS = TrendSettings.defaults();
  private final Random random = new Random(11);

  /** The day of the first growth in five-minute samples, NaN where none was found. */
  private static double foundAt(double days, DoubleUnaryOperator level) {
    Detector detector = new Detector(SETTINGS);
    for (double day = 0; day < days; day += 300 / DAY) {
      Trend trend =
          detector.accept(
              Sample.at(day * DAY, "1")
                  .set(Signal.RSS_ANON_BYTES, level.applyAsDouble(day))
                  .set(Signal.LIMIT_BYTES, 34e9)
                  .build());
      if (trend.anonymous() != null && trend.anonymous().found()) {
        return day;
      }
    }
    return Double.NaN;
  }

  private double idle() {
    return 2e8 + 5e6 * random.nextGaussian();
  }

  /** Floors of ten days with jobs of twelve hours; the last begins six hours before the end. */
  private double[] jobs(double lastHeight) {
    double[] floors = new double[240];
    Arrays.setAll(floors, i -> idle());
    for (int begin : new int[] {9, 46, 75, 140, 171, 234}) {
      for (int i = begin; i < Math.min(begin + 12, floors.length); i++) {
        floors[i] += (begin == 234 ? lastHeight : 5e9) * Math.min(1, (i - begin) / 4.0);
      }
    }
    return floors;
  }

  private static boolean areExceeded(double[] floors) {
    Finding finding = new Finding(Channel.ONSET, floors.length - 6, floors.length, 0);
    return FormerHeights.areExceeded(floors, finding, 24);
  }

  @Test
  void shouldNotTakeAJobAtANewHourForNews() {
    assertFalse(areExceeded(jobs(5e9)));
    assertFalse(areExceeded(jobs(5.5e9)));
    assertTrue(areExceeded(jobs(8e9)), "a job larger than the others");
  }

  @Test
  void shouldTakeGrowthInTheTroughOfADailyLoadForNews() {
    double[] floors = new double[240];
    Arrays.setAll(floors, i -> idle() + 5e9 * Math.pow(Math.sin(Math.PI * i / 24), 2));
    for (int i = 236; i < floors.length; i++) {
      floors[i] += 1e8 * (i - 235);
    }
    assertTrue(areExceeded(floors));
  }

  @Test
  void shouldTakeGrowthBelowTheHeightsOfAProcessThatDoesNotSwitchForNews() {
    double[] floors = new double[240];
    Arrays.setAll(floors, i -> 8e9 + (i == 100 ? 1e9 : 0) + Math.max(0, i - 233) * 1e8);
    assertTrue(areExceeded(floors));
  }

  @Test
  void shouldNotTakeTheFirstNoisyJobForASurge() {
    for (int seed = 0; seed < 20; seed++) {
      Random noise = new Random(seed);
      double at =
          foundAt(
              3.9,
              day -> {
                double busy = day - 3.5;
                return 2e8
                    + 1e8 * Math.abs(noise.nextGaussian())
                    + (busy < 0 ? 0 : 1e10 + 1.5e9 * noise.nextGaussian());
              });
      assertTrue(Double.isNaN(at), () -> "found at day " + at);
    }
  }

  @Test
  void shouldFindASurgeAtOnceInAYoungProcess() {
    double at = foundAt(5, day -> 1e10 + 1e8 * random.nextGaussian() + ramp(day - 3.5));
    assertTrue(at > 3.5 && at < 3.5 + 0.6 / 24, () -> "found at day " + at);
  }

  @Test
  void shouldNotTakeTheFirstBurstOfAYoungProcessForASurge() {
    for (double begin : new double[] {3.5, 4.5}) {
      double at =
          foundAt(
              5,
              day -> {
                double minutes = (day - begin) * 1440;
                double burst = minutes < 0 || minutes > 17 ? 0 : 1e8 * minutes;
                return idle() + burst;
              });
      assertTrue(Double.isNaN(at), () -> "found at day " + at);
    }
  }

  @Test
  void shouldNotTakeSeveralStepsForGrowth() {
    double[] floors = new double[20 * 24];
    RecordTest test = new RecordTest(SETTINGS);
    for (int i = 0; i < floors.length; i++) {
      int steps = (i >= 400 ? 1 : 0) + (i >= 408 ? 1 : 0) + (i >= 421 ? 1 : 0);
      floors[i] = 7.3e9 + 4e9 * steps + 3e7 * random.nextGaussian();
    }
    for (int now = 390; now <= floors.length; now++) {
      assertNull(test.find(Arrays.copyOf(floors, now), 8e6));
    }
  }

  private static double ramp(double days) {
    return 20e9 * Math.max(0, Math.min(1, days * 24 / 2));
  }

  @Test
  void shouldNotTakeASuspendedMachineForGrowth() {
    double[] floors = new double[16 * 24];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = 2e8 * Math.pow(random.nextDouble(), 2);
    }
    RecordTest test = new RecordTest(SETTINGS);
    for (int hours = 1; hours <= 48; hours++) {
      double[] still = floors.clone();
      Arrays.fill(still, still.length - hours, still.length, 1.8e8);
      assertNull(test.find(still, 8e6));
    }
  }

  @Test
  void shouldNotTakeAnotherTaskForGrowth() {
    double[] floors = new double[24 * 24];
    RecordTest test = new RecordTest(SETTINGS);
    for (int i = 0; i < floors.length; i++) {
      double hours = i - 22 * 24;
      double task = hours < 0 ? 0 : 2e9 * Math.min(1, (hours + 1) / 4) + (hours > 16 ? 2e8 : 0);
      floors[i] = 4e8 + task + 2e7 * random.nextGaussian();
    }
    for (int now = 22 * 24; now <= floors.length; now++) {
      assertNull(test.find(Arrays.copyOf(floors, now), 8e6));
    }
  }
}
