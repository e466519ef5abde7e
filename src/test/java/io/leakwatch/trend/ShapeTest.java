package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Eight floors of a known course. */
class ShapeTest {
  private final Shape shape = new Shape();

  private void look(DoubleUnaryOperator course) {
    double[] floors = new double[Templates.BLOCKS];
    Arrays.setAll(floors, j -> 1000 + 100 * course.applyAsDouble((j + 0.5) / floors.length));
    shape.measure(floors);
    shape.compare();
  }

  @Test
  void aLineShouldGrow() {
    look(u -> u);
    assertTrue(shape.grows > 0.9, () -> "" + shape.grows);
    assertEquals(100, shape.rise, 1e-9);
    assertEquals(1, shape.endSlope, 0.1);
    assertEquals(5 / 8.0, shape.steady / shape.rise, 1e-9);
  }

  @Test
  void whatStoppedOrBendsShouldNot() {
    look(u -> Math.min(u, 0.5));
    assertTrue(shape.bends > 0.9, () -> "" + shape.bends);
    look(u -> 1 - Math.exp(-u / 0.3));
    assertTrue(shape.bends > 0.6, () -> "" + shape.bends);
  }

  @Test
  void aStepShouldBeOne() {
    look(u -> u > 0.5 ? 1 : 0);
    assertTrue(shape.steps > 0.8, () -> "" + shape.steps);
    assertEquals(0, shape.steady, 1e-9);
  }

  /** The law that the evidence against a random walk rests on: P(it exceeds x) is e^(-x-1). */
  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3, 4})
  void aRandomWalkShouldSeldomLookStraight(double evidence) {
    Random random = new Random(11);
    int walks = 400_000;
    int straight = 0;
    double[] floors = new double[Templates.BLOCKS];
    for (int i = 0; i < walks; i++) {
      double level = 0;
      for (int j = 0; j < floors.length; j++) {
        level += random.nextGaussian();
        floors[j] = level;
      }
      shape.measure(floors);
      straight += shape.straight() > evidence ? 1 : 0;
    }
    assertEquals(1, straight / (walks * Math.exp(-evidence - 1)), 0.3);
  }
}
