package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.hipparchus.stat.correlation.KendallsCorrelation;
import org.hipparchus.stat.descriptive.rank.Median;
import org.hipparchus.stat.regression.SimpleRegression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our statistics against an independent library. */
class RobustStatisticsTest {
  private static double[] walk(int length, long seed) {
    Random random = new Random(seed);
    double[] z = new double[length];
    for (int i = 1; i < length; i++) {
      z[i] = z[i - 1] + random.nextGaussian() + 0.1;
    }
    return z;
  }

  private static double[] time(int length) {
    double[] t = new double[length];
    for (int i = 0; i < length; i++) {
      t[i] = i;
    }
    return t;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 25, 96})
  void shouldAgreeWithHipparchus(int length) {
    double[] z = walk(length, length);
    SimpleRegression regression = new SimpleRegression();
    for (int i = 0; i < length; i++) {
      regression.addData(i, z[i]);
    }
    RobustStatistics.Line line = RobustStatistics.line(z, 0, length);
    assertEquals(regression.getSlope(), line.slope(), 1e-9);
    assertEquals(regression.getIntercept(), line.intercept(), 1e-9);
    assertEquals(regression.getSumSquaredErrors(), line.residual(), 1e-9);
    assertEquals(
        new KendallsCorrelation().correlation(time(length), z),
        RobustStatistics.kendall(z, 0, length),
        1e-9);
    assertEquals(new Median().evaluate(z), RobustStatistics.median(z, 0, length), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldEstimateTheSpreadOfNormalNoise(long seed) {
    Random random = new Random(seed);
    double[] z = random.doubles(20_000).toArray();
    for (int i = 0; i < z.length; i++) {
      z[i] = 5 + 3 * random.nextGaussian();
    }
    double median = RobustStatistics.median(z, 0, z.length);
    assertEquals(3, RobustStatistics.deviation(z, 0, z.length, median), 0.1);
  }
}
