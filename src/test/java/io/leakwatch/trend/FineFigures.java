package io.leakwatch.trend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Figures of windows of twelfths of an hour that end now: the shape of each. */
final class FineFigures {
  /** Twelfths in a block. */
  private static final int[] BLOCKS = {1, 2, 4, 8, 16};

  private enum Figure {
    RISE(s -> s.rise / Math.max(1, s.level)),
    STEADINESS(s -> s.steady / Math.max(1, Math.abs(s.rise))),
    STRAIGHTNESS(Shape::straight),
    GROWS(s -> s.grows),
    BENDS(s -> s.bends),
    END_SLOPE(s -> s.endSlope);

    @SuppressWarnings("ImmutableEnumChecker")
    private final ToDoubleFunction<Shape> of;

    Figure(ToDoubleFunction<Shape> of) {
      this.of = of;
    }
  }

  private static final Figure[] FIGURES = Figure.values();

  private final Course course;
  private final Shape shape = new Shape();
  private final double[] floors = new double[Templates.BLOCKS];

  FineFigures(Course course) {
    this.course = course;
  }

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (int block : BLOCKS) {
      for (Figure figure : FIGURES) {
        int minutes = 60 / Course.FINE_PER_HOUR * block * Templates.BLOCKS;
        names.add(minutes + " min: " + HourFigures.name(figure));
      }
    }
    return names;
  }

  /**
   * Writes the figures, {@code NaN} for windows longer than the life.
   *
   * @return the index after the last one
   */
  int write(float[] row, int from) {
    int at = from;
    for (int block : BLOCKS) {
      boolean measured = measure(block);
      for (Figure figure : FIGURES) {
        row[at++] = measured ? (float) figure.of.applyAsDouble(shape) : Float.NaN;
      }
    }
    return at;
  }

  private boolean measure(int block) {
    long begin = course.fineCount() - (long) block * Templates.BLOCKS;
    if (begin < 0) {
      return false;
    }
    for (int j = 0; j < Templates.BLOCKS; j++) {
      floors[j] = course.fineFloor(begin + (long) j * block, block);
    }
    shape.measure(floors);
    shape.compare();
    return true;
  }
}
