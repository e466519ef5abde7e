package io.leakwatch.trend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One straight line in several lives, beside the warm-up of each.
 *
 * <p>Each life has a level and an exponential warm-up of its own; they are projected out, and what
 * remains of all lives is one series. Does the age, as a line that is the same in all lives,
 * explain it better than whatever else is no leak: nothing, a day that is common to all lives, or a
 * day of each life's own? The answer is a difference of Bayesian information criteria, in which
 * only a part of the points count, for noise repeats itself from one to the next. The time
 * constants are those of an exponential that has to explain the whole life, times the factor that
 * suits each answer best: beside a line, warming up was shorter.
 *
 * @param evidence BIC of the best fit without a line minus that of the best with one
 * @param slopes of the line in each life alone, in bytes per second, in the order of the lives
 */
record LivesFit(double evidence, List<Double> slopes) {
  private static final double[] WARM_UPS = {.05, .1, .2, .35, .6, .8, 1, 1.3, 1.7};
  private static final double SHORTEST_WARM_UP_POINTS = 0.3;
  private static final double INDEPENDENT = 0.4;
  private static final int HARMONICS = 2;
  private static final double DEPENDENT_SHARE = 1e-6;

  /**
   * @param cycleSeconds after which load repeats; 0 when no load is to be thought of
   */
  static LivesFit of(List<Life> lives, double cycleSeconds) {
    double without = Double.POSITIVE_INFINITY;
    double with = Double.POSITIVE_INFINITY;
    List<Double> slopes = List.of();
    for (double factor : WARM_UPS) {
      Remainder remainder = new Remainder(lives, cycleSeconds, factor);
      without = Math.min(without, remainder.withoutLine());
      double line = remainder.withLine();
      if (line < with) {
        with = line;
        slopes = remainder.slopes();
      }
    }
    return new LivesFit(without - with, slopes);
  }

  /** Values, ages and the day's harmonics, without each life's level and warm-up. */
  private static final class Remainder {
    private final int[] own;
    private final int[] all;
    private final double[] values;
    private final double[] ages;
    private final double[][] day;

    Remainder(List<Life> lives, double cycleSeconds, double factor) {
      own = new int[lives.size() + 1];
      for (int k = 0; k < lives.size(); k++) {
        own[k + 1] = own[k] + lives.get(k).size();
      }
      int n = own[lives.size()];
      all = new int[] {0, n};
      values = new double[n];
      ages = new double[n];
      day = new double[cycleSeconds > 0 ? 2 * HARMONICS : 0][n];
      double[] level = new double[n];
      double[] warmUp = new double[n];
      Arrays.fill(level, 1);
      for (int k = 0; k < lives.size(); k++) {
        fill(lives.get(k), own[k], cycleSeconds, factor, warmUp);
      }
      double[][] base = {level, warmUp};
      explain(values, base, own);
      explain(ages, base, own);
      for (double[] harmonic : day) {
        explain(harmonic, base, own);
      }
    }

    private void fill(Life life, int at, double cycleSeconds, double factor, double[] warmUp) {
      double tau =
          Math.min(
              Life.SLOWEST_WARM_UP_SHARE * life.size(),
              factor
                  * Math.max(SHORTEST_WARM_UP_POINTS, life.warmUpSeconds() / life.pointSeconds()));
      for (int i = 0; i < life.size(); i++) {
        double age = (i + 0.5) * life.pointSeconds();
        values[at + i] = life.get(i);
        ages[at + i] = age;
        warmUp[at + i] = Math.exp(-i / tau);
        for (int h = 0; h < day.length; h++) {
          double angle = 2 * Math.PI * (h / 2 + 1) * (life.birthSeconds() + age) / cycleSeconds;
          day[h][at + i] = h % 2 == 0 ? Math.cos(angle) : Math.sin(angle);
        }
      }
    }

    double withoutLine() {
      double best = criterion(values, 0);
      for (int[] parts : day.length > 0 ? new int[][] {all, own} : new int[0][]) {
        double[] rest = values.clone();
        explain(rest, day, parts);
        best = Math.min(best, criterion(rest, day.length * (parts.length - 1)));
      }
      return best;
    }

    double withLine() {
      double[] rest = values.clone();
      explain(rest, new double[][] {ages}, all);
      return criterion(rest, 1);
    }

    List<Double> slopes() {
      List<Double> slopes = new ArrayList<>();
      for (int k = 0; k + 1 < own.length; k++) {
        slopes.add(dot(ages, values, own[k], own[k + 1]) / dot(ages, ages, own[k], own[k + 1]));
      }
      return slopes;
    }

    private double criterion(double[] rest, int parameters) {
      double independent = INDEPENDENT * rest.length;
      double square = dot(rest, rest, 0, rest.length);
      return independent * Math.log(square + 1)
          + (parameters + 2 * (own.length - 1)) * Math.log(independent);
    }

    /** Takes from y what the columns explain of it by least squares, in each part for itself. */
    private static void explain(double[] y, double[][] columns, int[] parts) {
      for (int p = 0; p + 1 < parts.length; p++) {
        int from = parts[p];
        int to = parts[p + 1];
        double[][] orthogonal = new double[columns.length][];
        for (int k = 0; k < columns.length; k++) {
          double[] column = columns[k].clone();
          double before = dot(column, column, from, to);
          for (int j = 0; j < k; j++) {
            remove(orthogonal[j], column, from, to);
          }
          if (dot(column, column, from, to) <= DEPENDENT_SHARE * before) {
            Arrays.fill(column, from, to, 0);
          }
          remove(column, y, from, to);
          orthogonal[k] = column;
        }
      }
    }

    private static void remove(double[] column, double[] y, int from, int to) {
      double square = dot(column, column, from, to);
      double share = square > 0 ? dot(column, y, from, to) / square : 0;
      for (int i = from; i < to; i++) {
        y[i] -= share * column[i];
      }
    }

    private static double dot(double[] a, double[] b, int from, int to) {
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }
}
