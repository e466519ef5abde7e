package io.leakwatch.trend.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.Detector;
import io.leakwatch.trend.Trend;
import io.leakwatch.trend.statistics.Floors;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoadPartTest {
  private static final double DAY = 86400;
  private static final double STEP = 300;

  /** Cores in use, hour by hour: some days are busy, in no order. */
  private static double[] cores(Random random, int hours) {
    double[] cores = new double[hours];
    double x = 0;
    for (int i = 0; i < hours; i++) {
      x += -x / 12 + 0.4 * random.nextGaussian();
      cores[i] = Math.max(0, 4 + x);
    }
    return cores;
  }

  private static LoadPart learnt(double[] load, double[] memory) {
    Floors floors = new Floors(240);
    for (int i = 0; i < load.length; i++) {
      floors.accept(i, load[i]);
    }
    floors.accept(load.length, load[load.length - 1]);
    LoadPart part = new LoadPart(floors);
    part.learn(new Stretch(memory, memory.length));
    return part;
  }

  @Test
  void shouldKnowWhatFollowsTheLoad() {
    Random random = new Random(1);
    double[] load = cores(random, 200);
    double[] memory = new double[load.length];
    Arrays.setAll(memory, i -> 8e9 + 2e8 * load[i] + 5e6 * i + 1e7 * random.nextGaussian());

    LoadPart part = learnt(load, memory);

    for (int i = 100; i < 200; i++) {
      assertEquals(2e8 * (load[i] - load[i - 1]), part.at(i) - part.at(i - 1), 2e7);
    }
    assertEquals(0, part.at(200), "it is not known yet");
  }

  @Test
  void shouldTakeNothingWhereTheLoadForetellsNothing() {
    int held = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      double[] memory = cores(random, 200);
      LoadPart part = learnt(cores(random, 200), memory);
      held += part.at(150) == 0 ? 0 : 1;
    }
    int deceived = held;
    assertTrue(deceived <= 2, () -> deceived + " of 200");
  }

  /** Days from the begin of a leak of 2 % a day to its first word; infinite where there is none. */
  private static double told(long seed, boolean withLoad) {
    Random random = new Random(seed);
    double[] cores = cores(random, 16 * 24);
    Detector detector = new Detector(Defaults.TREND);
    for (double time = 0; time < 16 * DAY; time += STEP) {
      double load = cores[(int) (time / 3600)];
      double bytes =
          8e9 + 2e8 * load + 1.6e8 * Math.max(0, time / DAY - 6) + 1e7 * random.nextGaussian();
      Sample.Builder sample =
          Sample.at(time, "1").set(Signal.RSS_ANON_BYTES, bytes).set(Signal.LIMIT_BYTES, 32e9);
      if (withLoad) {
        sample.set(Signal.LOAD, load);
      }
      Trend trend = detector.accept(sample.build());
      if (trend.anonymous() != null && trend.anonymous().leaks() && time > 6 * DAY) {
        return time / DAY - 6;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  @Test
  void shouldSeeALeakBehindABusyDay() {
    int sooner = 0;
    for (long seed = 0; seed < 8; seed++) {
      sooner += told(seed, true) < told(seed, false) ? 1 : 0;
    }
    int times = sooner;
    assertTrue(times >= 7, () -> times + " of 8");
  }
}
