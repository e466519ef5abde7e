package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.descriptive.rank.Median;
import org.hipparchus.stat.regression.SimpleRegression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against an independent library. */
class RobustStatisticsTest {

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 17, 200})
  void shouldAgreeWithHipparchus(int length) {
    Random random = new Random(length);
    double[] z = random.doubles(length, 0, 100).toArray();
    SimpleRegression regression = new SimpleRegression();
    IntStream.range(0, length).forEach(i -> regression.addData(i, z[i]));
    RobustStatistics.Line line = RobustStatistics.line(z, 0, length);
    assertEquals(regression.getSlope(), line.slope(), 1e-9);
    assertEquals(new Median().evaluate(z), RobustStatistics.median(z, 0, length), 1e-9);
    assertEquals(Arrays.stream(z).max().orElseThrow(), RobustStatistics.max(z, 0, length));
  }

  /** The tail is never taken for lighter than it is, and for heavier by less than a power of e. */
  @ParameterizedTest
  @CsvSource({"3, 4", "5, 4", "8, 4", "3, 8", "5, 8", "10, 8", "4, 3"})
  void theTailOfStudentsDistributionShouldBeNearTheExactOne(double t, double freedom) {
    double exact = -Math.log(1 - new TDistribution(freedom).cumulativeProbability(t));
    double taken = OwnPast.studentTail(t, freedom);
    assertTrue(taken < exact + 0.05 && taken > exact - 0.7, () -> taken + " for " + exact);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3, 5.9, 6.1, 7.5})
  void withManyDegreesOfFreedomItShouldBeTheNormalTail(double t) {
    double exact = -Math.log(new NormalDistribution().cumulativeProbability(-t));
    assertEquals(exact, OwnPast.studentTail(t, 1e6), 0.01 * exact + 1e-3);
  }
}
