package io.leakwatch.evaluation.families;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundTest {
  private static final double GB = 1e9;

  /** Hours for +3 GB/day at one sample a minute, by the closed sum of an independent program. */
  @ParameterizedTest
  @CsvSource({
    "0.05, 60, 0.8",
    "0.05, 10800, 1.8",
    "0.1, 600, 2.5",
    "0.2, 1800, 5.5",
    "0.5, 10800, 17.2",
    "1.0, 60, 5.8"
  })
  void shouldAgreeWithTheTableOfBounds(double noise, double tauSeconds, double hours) {
    assertEquals(hours, Bound.hours(3 * GB, noise * GB, tauSeconds, 60), 0.06);
  }

  @ParameterizedTest
  @CsvSource({"0.3, 36", "1, 16", "10, 3.0", "30, 1.2"})
  void shouldDependOnTheRateAsTheTableDoes(double rate, double hours) {
    assertEquals(hours, Bound.hours(rate * GB, 0.3 * GB, 1800, 60), 0.02 * hours + 0.05);
  }

  /** A detector that knows noise, slope and onset needs as long as the bound says. */
  @Test
  void shouldBeReachedByTheLikelihoodRatioThatKnowsAll() {
    Random random = new Random(1);
    double step = 300;
    double sd = 0.3 * GB;
    double a = Math.exp(-step / 1800);
    double innovation = sd * Math.sqrt(1 - a * a);
    double ramp = 3 * GB * step / 86400;
    double needed = Math.log(1000 * 86400 / step);
    int runs = 2000;
    double hours = 0;
    for (int run = 0; run < runs; run++) {
      double noise = sd * random.nextGaussian();
      double previous = noise;
      double ratio = 0;
      int k = 0;
      while (ratio < needed) {
        k++;
        noise = a * noise + innovation * random.nextGaussian();
        double level = noise + ramp * k;
        double gain = ramp * k - a * ramp * (k - 1);
        ratio += (gain * (level - a * previous) - gain * gain / 2) / (innovation * innovation);
        previous = level;
      }
      hours += k * step / 3600 / runs;
    }
    double bound = Bound.hours(3 * GB, sd, 1800, step);
    assertEquals(bound, hours, 0.03 * bound);
  }
}
