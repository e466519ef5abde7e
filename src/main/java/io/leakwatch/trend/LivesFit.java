package io.leakwatch.trend;

import java.util.List;

/**
 * One line in several lives, beside the warm-up of each and the day that is common to all.
 *
 * <p>Each life has a level and an exponential warm-up of its own; they are projected out, and what
 * remains of the lives is one series. Does a line, the same in all lives, with or without a daily
 * cycle (two harmonics), fit better than everything without a line? The answer is a difference of
 * Bayesian information criteria, values that repeat each other being counted less.
 *
 * @param evidence BIC of the best fit without a line minus that of the best with one
 * @param bytesPerSecond slope of the line
 * @param slopes the same of each life alone, beside the common cycle
 */
record LivesFit(double evidence, double bytesPerSecond, double[] slopes) {
  private static final double[] WARM_UPS = {.05, .1, .2, .35, .6, .8, 1, 1.3, 1.7};
  private static final double SHORTEST_WARM_UP_POINTS = 0.3;
  private static final int HARMONICS = 2;

  /**
   * @param cycleSeconds after which load repeats; 0 when no load is to be thought of
   */
  static LivesFit of(List<Life> lives, double cycleSeconds) {
    double without = Double.POSITIVE_INFINITY;
    double with = Double.POSITIVE_INFINITY;
    LivesFit best = new LivesFit(Double.NEGATIVE_INFINITY, 0, new double[0]);
    for (double factor : WARM_UPS) {
      Columns columns = Columns.of(lives, cycleSeconds, factor);
      without = Math.min(without, columns.bic(false, false));
      double line = columns.bic(true, false);
      double cyclic = Double.POSITIVE_INFINITY;
      if (cycleSeconds > 0) {
        without = Math.min(without, columns.bic(false, true));
        cyclic = columns.bic(true, true);
      }
      if (Math.min(line, cyclic) < with) {
        with = Math.min(line, cyclic);
        best = columns.slopes(lives, cyclic < line);
      }
    }
    return new LivesFit(without - with, best.bytesPerSecond, best.slopes);
  }

  /** Values, ages and harmonics of all lives, without each life's level and warm-up. */
  private record Columns(double[] y, double[] age, double[][] cycle, int[] from, double rho) {
    static Columns of(List<Life> lives, double cycleSeconds, double factor) {
      int n = lives.stream().mapToInt(life -> life.points().length).sum();
      double[] y = new double[n];
      double[] age = new double[n];
      double[][] cycle = new double[cycleSeconds > 0 ? 2 * HARMONICS : 0][n];
      int[] from = new int[lives.size() + 1];
      int at = 0;
      for (int l = 0; l < lives.size(); l++) {
        Life life = lives.get(l);
        int to = at + life.points().length;
        double[] one = new double[n];
        double[] warm = new double[n];
        double longest = Life.SLOWEST_WARM_UP_SHARE * life.points().length;
        double tau =
            Math.min(longest, factor * Math.max(SHORTEST_WARM_UP_POINTS, life.warmUpPoints()));
        for (int i = at; i < to; i++) {
          y[i] = life.points()[i - at];
          age[i] = (i - at + 0.5) * life.pointSeconds();
          for (int h = 0; h < cycle.length; h++) {
            double angle =
                2 * Math.PI * (h / 2 + 1) * (life.birthSeconds() + age[i]) / cycleSeconds;
            cycle[h][i] = h % 2 == 0 ? Math.cos(angle) : Math.sin(angle);
          }
          one[i] = 1;
          warm[i] = Math.exp(-(i - at) / tau);
        }
        for (double[] own : new double[][] {one, warm}) {
          if (own == warm) {
            remove(one, warm, at, to);
          }
          remove(own, y, at, to);
          remove(own, age, at, to);
          for (double[] h : cycle) {
            remove(own, h, at, to);
          }
        }
        from[l] = at;
        at = to;
      }
      from[lives.size()] = n;
      return new Columns(y, age, cycle, from, 0);
    }

    private static void remove(double[] of, double[] out, int from, int to) {
      double square = 0;
      double product = 0;
      for (int i = from; i < to; i++) {
        square += of[i] * of[i];
        product += of[i] * out[i];
      }
      for (int i = from; square > 1e-12 && i < to; i++) {
        out[i] -= product / square * of[i];
      }
    }

    private double[] residual(boolean line, boolean cyclic) {
      int n = y.length;
      double[] rest = y.clone();
      double[][] used = new double[(cyclic ? cycle.length : 0) + (line ? 1 : 0)][];
      for (int k = 0; k < used.length; k++) {
        used[k] = (cyclic && k < cycle.length ? cycle[k] : age).clone();
        for (int j = 0; j < k; j++) {
          remove(used[j], used[k], 0, n);
        }
        remove(used[k], rest, 0, n);
      }
      return rest;
    }

    double bic(boolean line, boolean cyclic) {
      double[] rest = residual(line, cyclic);
      double square = 0;
      double serial = 0;
      for (int l = 0; l + 1 < from.length; l++) {
        for (int i = from[l]; i < from[l + 1]; i++) {
          square += rest[i] * rest[i];
          serial += i > from[l] ? rest[i] * rest[i - 1] : 0;
        }
      }
      int parameters = 2 * (from.length - 1) + (line ? 1 : 0) + (cyclic ? cycle.length : 0);
      double independent = y.length * INDEPENDENT;
      return independent * Math.log(square + 1) + parameters * Math.log(independent);
    }

    LivesFit slopes(List<Life> lives, boolean cyclic) {
      int n = y.length;
      double[] rest = y.clone();
      double[] line = age.clone();
      for (int k = 0; cyclic && k < cycle.length; k++) {
        double[] h = cycle[k].clone();
        for (int j = 0; j < k; j++) {
          remove(cycle[j], h, 0, n);
        }
        remove(h, line, 0, n);
      }
      double slope = dot(line, y, 0, n) / dot(line, line, 0, n);
      for (int i = 0; i < n; i++) {
        rest[i] -= slope * age[i];
      }
      for (int k = 0; cyclic && k < cycle.length; k++) {
        double[] h = cycle[k].clone();
        for (int j = 0; j < k; j++) {
          remove(cycle[j], h, 0, n);
        }
        remove(h, rest, 0, n);
      }
      double[] slopes = new double[lives.size()];
      for (int l = 0; l < slopes.length; l++) {
        double own =
            dot(age, rest, from[l], from[l + 1]) / dot(age, age, from[l], from[l + 1]);
        slopes[l] = slope + own;
      }
      return new LivesFit(0, slope, slopes);
    }

    private static double dot(double[] a, double[] b, int from, int to) {
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }

  private static final double INDEPENDENT = Double.parseDouble(System.getProperty("si", "0.4"));
}
