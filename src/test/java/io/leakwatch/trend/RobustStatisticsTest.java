package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
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

  /** Figures that come in coarse steps, most of them more than once. */
  private static double[] coarse(int length) {
    return Arrays.stream(walk(length, length)).map(x -> Math.rint(x) + 0.0).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 25, 96})
  void aRankShouldBeWhatSortingPutsThere(int length) {
    for (double[] z : List.of(walk(length, length), coarse(length))) {
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) z[i];
      }
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      for (int rank = 0; rank < length; rank++) {
        assertEquals(sorted[rank], RobustStatistics.quantile(values, (rank + 0.5) / length));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 25, 96})
  void pairsThatAreEqualShouldCountNeitherAsRisingNorAsFalling(int length) {
    double[] z = coarse(length);
    double score = 0;
    for (int i = 0; i < length; i++) {
      for (int j = i + 1; j < length; j++) {
        score += Math.signum(z[j] - z[i]);
      }
    }
    double pairs = length * (length - 1) / 2.0;
    assertEquals(score / pairs, RobustStatistics.kendall(z, 0, length), 1e-12);
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
