package io.leakwatch.verdict;

import java.util.Random;

/**
 * Drawn courses of something that can run out, as shares of its limit: healthy ones and leaks. A
 * seed decides everything about one.
 */
enum ResourceFamilies {
  /** A pool that grows and shrinks within minutes or hours, whatever the hour of the day. */
  BREATHES(false) {
    @Override
    Course draw(Random random) {
      double mean = uniform(random, 0.2, 0.6);
      double width = uniform(random, 0.03, 0.12);
      double hours = logUniform(random, 0.3, 6);
      return around(random, mean, width, hours);
    }
  },
  /** Descriptors that follow the load of the day, with days and weekends of different height. */
  FOLLOWS_THE_DAY(false) {
    @Override
    Course draw(Random random) {
      double night = uniform(random, 0.1, 0.3);
      double day = uniform(random, 0.15, 0.5);
      double weekend = uniform(random, 0.3, 1);
      double begin = uniform(random, 0, 168);
      double[] height = {1};
      int[] last = {-1};
      return (hour, step) -> {
        double now = hour + begin;
        int today = (int) (now / 24);
        if (today != last[0]) {
          last[0] = today;
          height[0] = (today % 7 >= 5 ? weekend : 1) * (1 + 0.1 * random.nextGaussian());
        }
        double wave = 0.5 - 0.5 * Math.cos(2 * Math.PI * (now % 24) / 24);
        return night + day * height[0] * wave + 0.005 * random.nextGaussian();
      };
    }
  },
  /** Connections that come in bursts of an hour, a few in a day. */
  BURSTS(false) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.1, 0.3);
      double perHour = uniform(random, 0.03, 0.2);
      double decayHours = uniform(random, 0.3, 3);
      double[] height = {0};
      return (hour, step) -> {
        height[0] *= Math.exp(-step / decayHours);
        if (random.nextDouble() < perHour * step) {
          height[0] = Math.min(0.6, height[0] + uniform(random, 0.05, 0.4));
        }
        return base + height[0] + 0.003 * random.nextGaussian();
      };
    }
  },
  /** A warm-up that bends from its begin on. */
  WARMS_UP(false) {
    @Override
    Course draw(Random random) {
      double from = uniform(random, 0.02, 0.2);
      double rise = uniform(random, 0.1, 0.6);
      double hours = logUniform(random, 0.5, 40);
      return (hour, step) ->
          from + rise * -Math.expm1(-hour / hours) + 0.003 * random.nextGaussian();
    }
  },
  /** A pool that fills evenly and is full then: until then nobody knows. */
  FILLS(false) {
    @Override
    Course draw(Random random) {
      double from = uniform(random, 0.02, 0.2);
      double rise = uniform(random, 0.1, 0.5);
      double hours = logUniform(random, 0.5, 72);
      return (hour, step) ->
          from + rise * Math.min(1, hour / hours) + 0.003 * random.nextGaussian();
    }
  },
  /** A batch at night takes many for some hours. */
  NIGHTLY_PEAK(false) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.1, 0.3);
      double peak = uniform(random, 0.2, 0.6);
      double at = uniform(random, 0, 24);
      double length = uniform(random, 0.5, 4);
      return (hour, step) -> {
        double into = (hour + 24 - at) % 24;
        double share = into < length ? Math.sin(Math.PI * into / length) : 0;
        return base + peak * share * (0.9 + 0.2 * random.nextDouble());
      };
    }
  },
  /** Clients are added at once and stay. */
  STEPS(false) {
    @Override
    Course draw(Random random) {
      double[] level = {uniform(random, 0.1, 0.3)};
      double perHour = uniform(random, 0.002, 0.01);
      return (hour, step) -> {
        if (random.nextDouble() < perHour * step && level[0] < 0.7) {
          level[0] += uniform(random, -0.08, 0.1);
          level[0] = Math.max(0.05, level[0]);
        }
        return level[0] + 0.002 * random.nextGaussian();
      };
    }
  },
  /** A level that wanders for a day or two and comes back. */
  WANDERS(false) {
    @Override
    Course draw(Random random) {
      double mean = uniform(random, 0.25, 0.5);
      double width = uniform(random, 0.02, 0.08);
      double hours = logUniform(random, 8, 48);
      return around(random, mean, width, hours);
    }
  },
  /** Never given back, from the begin on. */
  LEAKS_FROM_BIRTH(true) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.01, 0.1);
      double hours = logUniform(random, 72, 600);
      return (hour, step) -> base + (1 - base) * hour / hours + 0.002 * random.nextGaussian();
    }
  },
  /** After some quiet days. */
  LEAKS_LATER(true) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.05, 0.4);
      double onset = uniform(random, 72, 200);
      double hours = logUniform(random, 24, 400);
      return (hour, step) ->
          base
              + (1 - base) * Math.max(0, hour - onset) / hours
              + 0.01 * base * random.nextGaussian();
    }
  },
  /** Under the load of the day. */
  LEAKS_UNDER_THE_DAY(true) {
    @Override
    Course draw(Random random) {
      Course day = FOLLOWS_THE_DAY.draw(random);
      double onset = uniform(random, 72, 200);
      double hours = logUniform(random, 72, 400);
      return (hour, step) -> day.at(hour, step) + 0.7 * Math.max(0, hour - onset) / hours;
    }
  },
  /** Some at a time, many times a day. */
  LEAKS_IN_STEPS(true) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.05, 0.3);
      double onset = uniform(random, 24, 150);
      double hours = logUniform(random, 72, 400);
      double every = uniform(random, 1, 6);
      return (hour, step) ->
          base
              + (1 - base) * Math.floor(Math.max(0, hour - onset) / every) * every / hours
              + 0.002 * random.nextGaussian();
    }
  },
  /** Within hours, after a quiet day at least. */
  LEAKS_WITHIN_HOURS(true) {
    @Override
    Course draw(Random random) {
      double base = uniform(random, 0.05, 0.4);
      double onset = uniform(random, 24, 150);
      double hours = logUniform(random, 1, 12);
      return (hour, step) ->
          base
              + (1 - base) * Math.max(0, hour - onset) / hours
              + 0.01 * base * random.nextGaussian();
    }
  };

  private final boolean leaks;

  ResourceFamilies(boolean leaks) {
    this.leaks = leaks;
  }

  /** A course: the share of the limit that is used at an hour; asked in the order of time. */
  interface Course {
    double at(double hour, double stepHours);
  }

  abstract Course draw(Random random);

  boolean leaks() {
    return leaks;
  }

  private static double uniform(Random random, double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  private static double logUniform(Random random, double from, double to) {
    return from * Math.pow(to / from, random.nextDouble());
  }

  /** Noise around a mean that forgets within so many hours (Ornstein and Uhlenbeck). */
  private static Course around(Random random, double mean, double width, double hours) {
    double[] state = {0};
    return (hour, step) -> {
      double keeps = Math.exp(-step / hours);
      state[0] = keeps * state[0] + Math.sqrt(1 - keeps * keeps) * random.nextGaussian();
      return mean + width * state[0];
    };
  }
}
