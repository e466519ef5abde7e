package io.leakwatch.evaluation.population;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws of one series. Each part of a series has a source of its own, so that parts can change. */
final class Draw {
  private final SplittableRandom random;

  Draw(long seed) {
    this(new SplittableRandom(seed));
  }

  private Draw(SplittableRandom random) {
    this.random = random;
  }

  Draw split() {
    return new Draw(random.split());
  }

  double uniform(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  double logUniform(double from, double to) {
    return Math.exp(uniform(Math.log(from), Math.log(to)));
  }

  double gaussian() {
    return random.nextGaussian();
  }

  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  double exponential(double mean) {
    return mean * random.nextExponential();
  }

  /** At least 1, with the given tail exponent. */
  double pareto(double exponent) {
    return Math.pow(1 - random.nextDouble(), -1 / exponent);
  }

  /** Index of one of several weights, in proportion to them. */
  int pick(double... weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double at = sum * random.nextDouble();
    for (int k = 0; k < weights.length; k++) {
      at -= weights[k];
      if (at < 0) {
        return k;
      }
    }
    return weights.length - 1;
  }

  /** Times up to an end at a constant rate. */
  List<Double> poisson(double perDay, double fromDay, double toDay) {
    List<Double> times = new ArrayList<>();
    if (perDay <= 0) {
      return times;
    }
    for (double t = fromDay + exponential(1 / perDay); t < toDay; t += exponential(1 / perDay)) {
      times.add(t);
    }
    return times;
  }
}
