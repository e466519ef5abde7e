package io.leakwatch.trend.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against an independent library. */
class TailsTest {
  /** The tail is never taken for lighter than it is, and for heavier by less than a power of e. */
  @ParameterizedTest
  @CsvSource({"3, 4", "5, 4", "8, 4", "3, 8", "5, 8", "10, 8", "4, 3"})
  void theTailOfStudentsDistributionShouldBeNearTheExactOne(double t, double freedom) {
    double exact = -Math.log(1 - new TDistribution(freedom).cumulativeProbability(t));
    double taken = Tails.student(t, freedom);
    assertTrue(taken < exact + 0.05 && taken > exact - 0.7, () -> taken + " for " + exact);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3, 5.9, 6.1, 7.5})
  void withManyDegreesOfFreedomItShouldBeTheNormalTail(double t) {
    double exact = -Math.log(new NormalDistribution().cumulativeProbability(-t));
    assertEquals(exact, Tails.student(t, 1e6), 0.01 * exact + 1e-3);
  }
}
