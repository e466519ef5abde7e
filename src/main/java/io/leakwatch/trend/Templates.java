package io.leakwatch.trend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The shapes that a rise over eight equal blocks can have, each with its weight before anything is
 * seen. They cover what a memory does: it grows now (a line, a line that began within the window,
 * one that gets steeper, one under a warm-up), it bends or has stopped (an exponential, a ramp with
 * an end, a slow wave), or it stepped. Each has one free offset and one free height, and is kept
 * centred and of unit length, so that its fit is one dot product.
 */
final class Templates {
  static final int BLOCKS = 8;

  enum Kind {
    GROWS,
    BENDS,
    STEPS
  }

  /** A shape. */
  static final class Template {
    private final Kind kind;
    private final double prior;
    private final double[] floors;
    private final double growing;
    private final double endSlope;
    private final double ahead;

    private Template(
        Kind kind, double prior, double[] floors, double growing, double endSlope, double ahead) {
      this.kind = kind;
      this.prior = prior;
      this.floors = floors;
      this.growing = growing;
      this.endSlope = endSlope;
      this.ahead = ahead;
    }

    Kind kind() {
      return kind;
    }

    /** Its weight before anything is seen. */
    double prior() {
      return prior;
    }

    /** At the centre of a block. */
    double floor(int block) {
      return floors[block];
    }

    /** Share of the window in which it rises. */
    double growing() {
      return growing;
    }

    /** Its slope at the window's end over its mean slope. */
    double endSlope() {
      return endSlope;
    }

    /** What an exponential still has before it, over its rise in the window; else 0. */
    double ahead() {
      return ahead;
    }

    /** Its component along floors that are centred. */
    double along(double[] centred) {
      double sum = 0;
      for (int j = 0; j < BLOCKS; j++) {
        sum += floors[j] * centred[j];
      }
      return sum;
    }
  }

  private static final double LINE_PRIOR = 0.5;
  private static final double LATE_LINE_PRIOR = 0.07;
  private static final double STEEPER_PRIOR = 0.09;
  private static final double WARMED_PRIOR = 0.015;
  private static final double EXPONENTIAL_PRIOR = 0.07;
  private static final double STOPPED_PRIOR = 0.05;
  private static final double LOGISTIC_PRIOR = 0.02;
  private static final double WAVE_PRIOR = 0.05;
  private static final double PASSED_PRIOR = 0.01;
  private static final double STEP_PRIOR = 0.06;

  /** Of the shape that does not rise. */
  static final double FLAT_PRIOR = 0.5;

  private static final Template[] ALL = make();

  private Templates() {}

  static int count() {
    return ALL.length;
  }

  static Template get(int i) {
    return ALL[i];
  }

  private static Template[] make() {
    List<Template> all = new ArrayList<>();
    add(all, Kind.GROWS, LINE_PRIOR, 1, 0, u -> u);
    for (int eighths = 1; eighths <= 5; eighths++) {
      double begin = eighths / 8.0;
      add(all, Kind.GROWS, LATE_LINE_PRIOR, 1 - begin, 0, u -> Math.max(0, u - begin));
    }
    add(all, Kind.GROWS, STEEPER_PRIOR, 1, 0, u -> u + u * u);
    add(all, Kind.GROWS, STEEPER_PRIOR, 0.8, 0, u -> u * u);
    for (double tau : new double[] {0.1, 0.2, 0.35}) {
      for (double height : new double[] {0.5, 1, 2}) {
        add(all, Kind.GROWS, WARMED_PRIOR, 1, 0, u -> height * (1 - Math.exp(-u / tau)) + u);
      }
    }
    for (double tau : new double[] {0.12, 0.22, 0.38, 0.6, 1}) {
      double left = Math.exp(-1 / tau);
      add(all, Kind.BENDS, EXPONENTIAL_PRIOR, 1, left / (1 - left), u -> 1 - Math.exp(-u / tau));
    }
    for (int eighths = 2; eighths <= 7; eighths++) {
      double end = eighths / 8.0;
      add(all, Kind.BENDS, STOPPED_PRIOR, end, 0, u -> Math.min(u, end));
    }
    for (int eighths = 1; eighths <= 6; eighths++) {
      double centre = eighths / 8.0 + 0.05;
      add(all, Kind.BENDS, LOGISTIC_PRIOR, 1, 0, logistic(centre, 0.06));
      add(all, Kind.BENDS, LOGISTIC_PRIOR, 1, 0, logistic(centre, 0.12));
    }
    for (double centre : new double[] {0.4, 0.55, 0.7, 0.85}) {
      add(all, Kind.BENDS, WAVE_PRIOR, 1, 0, logistic(centre, 0.2));
    }
    for (int ends = 2; ends <= 5; ends++) {
      for (int begins = 1; begins <= Math.min(2, ends - 1); begins++) {
        double begin = begins / 8.0;
        double end = ends / 8.0;
        add(
            all,
            Kind.BENDS,
            PASSED_PRIOR,
            end - begin,
            0,
            u -> Math.min(u, end) - Math.min(u, begin));
      }
    }
    for (int at = 1; at < BLOCKS; at++) {
      double step = at;
      add(all, Kind.STEPS, STEP_PRIOR, 0, 0, u -> u * BLOCKS >= step ? 1 : 0);
    }
    return all.toArray(Template[]::new);
  }

  private static DoubleUnaryOperator logistic(double centre, double width) {
    return u -> 1 / (1 + Math.exp(-(u - centre) / width));
  }

  /**
   * @param shape its value from the window's begin, 0, to its end, 1
   */
  private static void add(
      List<Template> all,
      Kind kind,
      double prior,
      double growing,
      double ahead,
      DoubleUnaryOperator shape) {
    double[] floors = new double[BLOCKS];
    double mean = 0;
    for (int j = 0; j < BLOCKS; j++) {
      floors[j] = shape.applyAsDouble((j + 0.5) / BLOCKS);
      mean += floors[j] / BLOCKS;
    }
    double squares = 0;
    double moment = 0;
    for (int j = 0; j < BLOCKS; j++) {
      floors[j] -= mean;
      squares += floors[j] * floors[j];
      moment += floors[j] * (j - Shape.CENTRE);
    }
    double slope = moment / Shape.SPREAD * BLOCKS;
    double end = (shape.applyAsDouble(1) - shape.applyAsDouble(0.98)) / 0.02;
    for (int j = 0; j < BLOCKS; j++) {
      floors[j] /= Math.sqrt(squares);
    }
    all.add(new Template(kind, prior, floors, growing, slope > 0 ? end / slope : 1, ahead));
  }
}
