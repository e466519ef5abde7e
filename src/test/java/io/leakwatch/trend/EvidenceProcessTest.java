package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promise of an e-detector: while each cycle's floor is as likely to fall as to rise, whatever
 * was before, the mean run to level m is at least m cycles.
 */
class EvidenceProcessTest {
  private static final int RUNS = 1500;
  private static final int CYCLE = 4;

  /** Signs that keep to the null hypothesis, each depending on the past in another way. */
  enum Signs {
    FAIR {
      @Override
      BooleanSupplier from(Random random) {
        return random::nextBoolean;
      }
    },
    /** Fair for days, then a time in which it never rises, as long as the fair one went well. */
    FALLS_AFTER_A_RUN {
      @Override
      BooleanSupplier from(Random random) {
        int[] ups = {0};
        return () -> {
          boolean rose = ups[0] < 4 && random.nextBoolean();
          ups[0] = rose ? ups[0] + 1 : Math.max(0, ups[0] - 1);
          return rose;
        };
      }
    },
    /** Rises as likely as not after a fall, and less likely after a rise. */
    REVERTS {
      @Override
      BooleanSupplier from(Random random) {
        boolean[] last = {false};
        return () -> last[0] = random.nextDouble() < (last[0] ? 0.2 : 0.5);
      }
    };

    abstract BooleanSupplier from(Random random);
  }

  /** Floors whose signs keep to the null hypothesis or, as a whole, do not rise either. */
  enum Level {
    FAIR_RANDOM_WALK {
      @Override
      DoubleSupplier from(Random random) {
        double[] at = {1e6};
        return () -> at[0] += random.nextGaussian();
      }
    },
    WALK_OF_CHANGING_WIDTH {
      @Override
      DoubleSupplier from(Random random) {
        double[] at = {1e6};
        double[] width = {1};
        return () -> {
          double step = width[0] * random.nextGaussian();
          width[0] = 0.2 + 0.8 * Math.min(100, Math.abs(step));
          return at[0] += step;
        };
      }
    },
    INDEPENDENT {
      @Override
      DoubleSupplier from(Random random) {
        return () -> 1e6 + random.nextGaussian();
      }
    },
    PERSISTENT {
      @Override
      DoubleSupplier from(Random random) {
        double[] at = {0};
        return () -> 1e6 + (at[0] = 0.95 * at[0] + random.nextGaussian());
      }
    },
    QUANTISED {
      @Override
      DoubleSupplier from(Random random) {
        double[] at = {1e6};
        return () -> Math.rint(at[0] += 0.3 * random.nextGaussian());
      }
    },
    WITH_A_WEEK {
      @Override
      DoubleSupplier from(Random random) {
        int[] day = {0};
        return () -> 1e6 + (day[0]++ % 7 >= 5 ? -3 : 0) + random.nextGaussian();
      }
    };

    abstract DoubleSupplier from(Random random);
  }

  /** The mean number of cycles to a level, less two of its standard errors. */
  private static double leastRun(double[] runs) {
    double mean = 0;
    double square = 0;
    for (double run : runs) {
      mean += run / runs.length;
      square += run * run / runs.length;
    }
    return mean - 2 * Math.sqrt(Math.max(0, square - mean * mean) / runs.length);
  }

  @ParameterizedTest
  @EnumSource
  void shouldKeepItsPromisedRunLengthForAnyDependence(Signs signs) {
    for (int level : new int[] {5, 20, 50}) {
      double[] runs = new double[RUNS];
      for (int run = 0; run < RUNS; run++) {
        BooleanSupplier rises = signs.from(new Random(1_000L * level + run));
        EvidenceProcess evidence = new EvidenceProcess(CYCLE);
        for (; evidence.value() < level && runs[run] < 40 * level; runs[run]++) {
          evidence.accept(rises.getAsBoolean());
        }
      }
      double least = leastRun(runs);
      assertTrue(least >= level, () -> "mean run of level " + level + " at least " + least);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldKeepItThroughTheDetector(Level kind) {
    int level = 20;
    TrendSettings settings = TrendSettings.defaults();
    int perCycle = settings.floorsPerCycle();
    double[] runs = new double[80];
    for (int run = 0; run < runs.length; run++) {
      Random random = new Random(run);
      DoubleSupplier floor = kind.from(random);
      Detector detector = new Detector(settings);
      double evidence = 0;
      int hours = 0;
      while (evidence < level && hours < 5 * level * perCycle) {
        double day = floor.getAsDouble();
        for (int k = 0; k < perCycle; k++, hours++) {
          double above = k == run % perCycle ? 0 : 5 * random.nextDouble();
          Sample sample =
              Sample.at(3600.0 * hours, "").set(Signal.RSS_ANON_BYTES, day + above).build();
          evidence = detector.accept(sample).evidence();
        }
      }
      runs[run] = hours / (double) perCycle;
    }
    double least = leastRun(runs);
    assertTrue(least >= level, () -> "mean run at least " + least + " cycles");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 50})
  void shouldReachALevelSoonUnderGrowth(int level) {
    EvidenceProcess evidence = new EvidenceProcess(CYCLE);
    int steps = 0;
    while (evidence.value() < level) {
      evidence.accept(true);
      steps++;
    }
    assertTrue(steps <= 8, "took " + steps);
  }

  /** What reference.conf and README promise. */
  @Test
  void shouldTakeTwelveRisingCyclesToAThousand() {
    EvidenceProcess evidence = new EvidenceProcess(CYCLE);
    int steps = 0;
    while (evidence.value() < 1000) {
      evidence.accept(true);
      steps++;
    }
    assertEquals(12, steps);
  }

  /** However the clock of the evaluations runs, a cycle is one step. */
  @ParameterizedTest
  @CsvSource({"1, 10", "3, 10", "7, 10", "1, 41"})
  void shouldTakeAStepForEachWholeCycleHoweverOftenItIsAsked(int every, int capacityCycles) {
    Floors floors = new Floors(CYCLE * capacityCycles);
    EvidenceProcess asked = new EvidenceProcess(CYCLE);
    EvidenceProcess steps = new EvidenceProcess(CYCLE);
    for (int bin = 0; bin <= 40 * CYCLE; bin++) {
      floors.accept(bin, 100 + bin / CYCLE * (bin / CYCLE % 3 == 0 ? -1 : 1));
      if (bin % every == 0) {
        asked.follow(floors);
      }
    }
    asked.follow(floors);
    for (int cycle = 1; cycle < 40; cycle++) {
      int before = (cycle - 1) * ((cycle - 1) % 3 == 0 ? -1 : 1);
      steps.accept(cycle * (cycle % 3 == 0 ? -1 : 1) > before);
    }
    assertEquals(steps.value(), asked.value(), 1e-9);
  }

  @Test
  void shouldNotBetOnAGapThatIsLongerThanItsMemory() {
    Floors floors = new Floors(CYCLE * 8);
    EvidenceProcess evidence = new EvidenceProcess(CYCLE);
    for (int bin = 0; bin < 3 * CYCLE; bin++) {
      floors.accept(bin, bin);
      evidence.follow(floors);
    }
    double before = evidence.value();
    floors.accept(1000 * CYCLE, 1e9);
    evidence.follow(floors);
    assertTrue(evidence.value() <= before + 1, () -> evidence.value() + " after " + before);
  }
}
