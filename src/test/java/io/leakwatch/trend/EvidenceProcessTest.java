package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceProcessTest {
  /** The promise of an e-detector: the mean run to level m is at least m when nothing grows. */
  @ParameterizedTest
  @ValueSource(ints = {5, 20, 50})
  void shouldKeepItsPromisedRunLengthWithoutGrowth(int level) {
    Random random = new Random(level);
    long steps = 0;
    int runs = 400;
    for (int run = 0; run < runs; run++) {
      EvidenceProcess evidence = new EvidenceProcess();
      do {
        evidence.accept(random.nextBoolean());
        steps++;
      } while (evidence.value() < level);
    }
    assertTrue(steps / (double) runs >= level, () -> "mean run of level " + level);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 50})
  void shouldReachALevelSoonUnderGrowth(int level) {
    EvidenceProcess evidence = new EvidenceProcess();
    int steps = 0;
    while (evidence.value() < level) {
      evidence.accept(true);
      steps++;
    }
    assertTrue(steps <= 8, "took " + steps);
  }
}
