package io.leakwatch.trend.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.stat.descriptive.rank.Median;
import org.hipparchus.stat.regression.SimpleRegression;
import org.junit.jupiter.params.ParameterizedTest;
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
}
