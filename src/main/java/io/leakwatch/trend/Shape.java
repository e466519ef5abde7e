package io.leakwatch.trend;

import io.leakwatch.trend.Templates.Template;

/**
 * What the floors of eight equal blocks say: how far they rise, how steadily, how much straighter
 * than a random walk would, and how probable it is that the rise goes on at the window's end.
 *
 * <p>An object is a scratch area that is filled again for each window.
 */
final class Shape {
  private static final int N = Templates.BLOCKS;

  /** Mean index of a block. */
  static final double CENTRE = (N - 1) / 2.0;

  /** Sum of the squared distances of the blocks' indices from their mean. */
  static final double SPREAD = N * (N * N - 1) / 12.0;

  /** No growth is any template's shape to better than this share of its rise. */
  private static final double MISFIT = 0.03;

  private static final int EXPONENTIALS = 5;

  /** Rise of the least-squares line over the whole window, bytes. */
  double rise;

  /** The line at the window's begin and end, bytes. */
  double base;

  double level;

  /** The newest block's floor, bytes. */
  double newest;

  /**
   * The rise from the first block to the last without its two largest increments, with its sign. A
   * line of any noise keeps five sevenths of its rise, one or two steps keep nothing.
   */
  double steady;

  boolean up;

  /**
   * Evidence that the increments have a mean above 0: the log Bayes factor 3.5 ln(1 + t²/6) of a
   * random walk with drift against one without. It exceeds x in a driftless walk with a probability
   * of e^(-x-1), within a quarter down to 1e-5, for Gaussian and for heavy-tailed increments.
   */
  double straight() {
    double t = meanIncrement / Math.sqrt(variance / (N - 1) + 1e-12 * level * level + 1e-30);
    return t > 0 ? (N - 1) / 2.0 * Math.log1p(t * t / (N - 2)) : 0;
  }

  /** Probability that it grows at the window's end. */
  double grows;

  /** Probabilities that it bends or has stopped, and that it stepped. */
  double bends;

  double steps;

  /** Slope at the window's end over the mean slope, where it grows. */
  double endSlope;

  /** Share of the window for which it has been growing, where it grows. */
  double growing;

  /** Probabilities of the exponentials, the quickest first. */
  final double[] exponentials = new double[EXPONENTIALS];

  private final double[] centred = new double[N];
  private double squares;
  private double meanIncrement;
  private double variance;

  /** All but the comparison with the templates. */
  void measure(double[] floors) {
    double mean = 0;
    for (double floor : floors) {
      mean += floor / N;
    }
    squares = 0;
    double moment = 0;
    for (int j = 0; j < N; j++) {
      centred[j] = floors[j] - mean;
      squares += centred[j] * centred[j];
      moment += centred[j] * (j - CENTRE);
    }
    rise = moment / SPREAD * N;
    base = mean - rise / 2;
    level = mean + rise / 2;
    newest = floors[N - 1];
    double total = floors[N - 1] - floors[0];
    up = total > 0;
    double sign = up ? 1 : -1;
    double first = 0;
    double second = 0;
    double squaredIncrements = 0;
    for (int j = 1; j < N; j++) {
      double increment = floors[j] - floors[j - 1];
      squaredIncrements += increment * increment;
      double along = sign * increment;
      if (along > first) {
        second = first;
        first = along;
      } else if (along > second) {
        second = along;
      }
    }
    steady = sign * Math.max(0, sign * total - first - second);
    meanIncrement = total / (N - 1);
    variance = squaredIncrements / (N - 2) - total * meanIncrement / (N - 2);
  }

  /** Whether it rises, and not by its two largest increments alone. */
  boolean risesSteadily() {
    return up && rise > 0 && steady >= Rarity.STEADY * rise;
  }

  /** The line's end over its begin. */
  double height() {
    return Rarity.height(base, level);
  }

  /** Compares what was measured with the templates, in noise that is not known. */
  void compare() {
    grows = 0;
    bends = 0;
    steps = 0;
    endSlope = 1;
    growing = 1;
    if (!up || rise <= 0) {
      return;
    }
    double floor = squared(MISFIT * rise) + 1e-12;
    double sum = 0;
    double growingSum = 0;
    double slopes = 0;
    double durations = 0;
    double bending = 0;
    double stepping = 0;
    int exponential = 0;
    for (int i = 0; i < Templates.count(); i++) {
      Template template = Templates.get(i);
      double along = template.along(centred);
      double rest = along > 0 ? Math.max(0, squares - along * along) : squares;
      double weight = template.prior() * fourth(squares / (rest + N * floor));
      sum += weight;
      if (template.kind() == Templates.Kind.GROWS) {
        growingSum += weight;
        slopes += weight * template.endSlope();
        durations += weight * template.growing();
      } else if (template.kind() == Templates.Kind.STEPS) {
        stepping += weight;
      } else {
        bending += weight;
        if (template.ahead() > 0) {
          exponentials[exponential++] = weight;
        }
      }
    }
    sum += Templates.FLAT_PRIOR * fourth(squares / (squares + N * floor));
    grows = growingSum / sum;
    bends = bending / sum;
    steps = stepping / sum;
    endSlope = growingSum > 0 ? slopes / growingSum : 1;
    growing = growingSum > 0 ? durations / growingSum : 1;
    for (int i = 0; i < exponential; i++) {
      exponentials[i] /= sum;
    }
  }

  /** Probability that an exponential goes on beyond {@code way} bytes from the level here. */
  double exponentialBeyond(double way) {
    double sum = 0;
    int exponential = 0;
    for (int i = 0; i < Templates.count(); i++) {
      double ahead = Templates.get(i).ahead();
      if (ahead > 0) {
        sum += way < 0.9 * ahead * rise ? exponentials[exponential] : 0;
        exponential++;
      }
    }
    return sum;
  }

  /**
   * Compares the blocks' distances from what was expected with the templates, in noise that is
   * known from the past. Sets {@link #growing}.
   *
   * @param distances of the blocks, bytes
   * @param weights of the blocks, their mean 1
   * @param variance of a block's noise, bytes squared
   * @param days the number of days it was learnt from
   * @return the probability that it grows, given that it does not bend; whether growth goes on is
   *     asked of its rarity
   */
  double compareInNoise(double[] distances, double[] weights, double variance, int days) {
    double total = 0;
    double mean = 0;
    double meanIndex = 0;
    for (int j = 0; j < N; j++) {
      total += weights[j];
      mean += weights[j] * distances[j];
      meanIndex += weights[j] * j;
    }
    mean /= total;
    meanIndex /= total;
    double all = 0;
    double moment = 0;
    double spread = 0;
    for (int j = 0; j < N; j++) {
      double y = distances[j] - mean;
      all += weights[j] * y * y;
      moment += weights[j] * y * (j - meanIndex);
      spread += weights[j] * squared(j - meanIndex);
    }
    double lineRise = moment / spread * N;
    growing = 1;
    if (lineRise <= 0) {
      return 0;
    }
    int exponent = N / 2 + days; // Two blocks' worth of noise for each day, over 2.
    double floor = (squared(MISFIT * lineRise) + 1e-12) * 2 * exponent + 2 * days * variance;
    double sum = Templates.FLAT_PRIOR;
    double growingSum = 0;
    double durations = 0;
    double bends = 0;
    for (int i = 0; i < Templates.count(); i++) {
      Template template = Templates.get(i);
      double along = 0;
      double first = 0;
      double second = 0;
      for (int j = 0; j < N; j++) {
        double weighted = weights[j] * template.floor(j);
        along += weighted * (distances[j] - mean);
        first += weighted;
        second += weighted * template.floor(j);
      }
      second -= first * first / total;
      double rest = along > 0 && second > 1e-9 ? Math.max(0, all - along * along / second) : all;
      double weight = template.prior() * Math.pow((all + floor) / (rest + floor), exponent);
      sum += weight;
      if (template.kind() == Templates.Kind.GROWS) {
        growingSum += weight;
        durations += weight * template.growing();
      } else if (template.kind() == Templates.Kind.BENDS) {
        bends += weight;
      }
    }
    growing = growingSum > 0 ? durations / growingSum : 1;
    return growingSum / (sum - bends);
  }

  private static double squared(double x) {
    return x * x;
  }

  private static double fourth(double x) {
    return squared(squared(x));
  }
}
