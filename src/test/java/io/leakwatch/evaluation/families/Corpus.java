package io.leakwatch.evaluation.families;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Synthetic series, seeded: ten ways to grow without a leak, ten leaks, and the held heap with its
 * two benign twins. 21 days of five-minute samples over a base of 2 to 60 GB with correlated noise.
 */
final class Corpus {
  static final int STEP_SECONDS = Integer.getInteger("leakwatch.step.seconds", 300);
  static final int DAY = 86400 / STEP_SECONDS;
  static final int HOUR = DAY / 24;
  static final int DAYS = 21;
  static final int LENGTH = DAYS * DAY;
  private static final double GB = 1e9;

  static final List<String> BENIGN =
      List.of("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11");
  static final List<String> LEAKS =
      List.of("L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10");

  /** Beside the protocol: lives of six hours to a day and a quarter, or of a day each. */
  static final List<String> SHORT_LIVED = List.of("B12", "B13", "B2B12", "B2B13");

  /** The same with a leak: begun after a week, or in each life from the first on; L14 as L10. */
  static final List<String> SHORT_LIVED_LEAKS = List.of("L11", "L12", "L13", "L14");

  private static final Pattern ONE_FAMILY = Pattern.compile("B\\d+");

  static final List<String> HELD = List.of("P1", "P2", "P3");

  private final Random random;
  private final double[] level = new double[LENGTH];
  private final double[] used = new double[LENGTH];
  private final double[] leaked = new double[LENGTH];
  private double[] load = new double[0];
  private int[] incarnation = new int[0];
  private double base;
  private double noiseSd;
  private double noiseTau;
  private double rate;
  private int onset = -1;
  private int event = 7 * DAY;
  private double limit;

  private Corpus(long seed) {
    random = new Random(seed);
  }

  static Recording series(String family, long seed) {
    Corpus corpus = new Corpus(seed * 1_000_003 + family.hashCode() * 7919L);
    return corpus.make(family, seed);
  }

  private Recording make(String family, long seed) {
    boolean large = family.equals("L1");
    boolean chunkserver = family.startsWith("P");
    base = large ? uniform(20, 60) : chunkserver ? uniform(20, 50) : logUniform(2, 60);
    noiseSd = base * uniform(.002, .012);
    noiseTau = logUniform(600, 3 * 3600);
    Arrays.fill(level, base);
    Arrays.fill(used, 0.9 * base);
    if (family.startsWith("B")) {
      // Beside the protocol: "B3B3" warms up in two stages, "B2B5" steps under a daily load.
      ONE_FAMILY.matcher(family).results().map(MatchResult::group).forEach(this::benign);
    } else if (family.startsWith("L")) {
      leak(family);
    } else {
      held(family);
    }
    double[] wander = wander(noiseSd, noiseTau);
    double[] usedWander = wander(noiseSd / 5, noiseTau);
    for (int i = 0; i < LENGTH; i++) {
      level[i] = Math.max(.05, level[i] + wander[i] + .0008 * base * random.nextGaussian());
      used[i] = Math.max(.02, used[i] + usedWander[i] + .0002 * base * random.nextGaussian());
    }
    return recording(family, seed);
  }

  private Recording recording(String family, long seed) {
    int length = LENGTH;
    limit = base / .3;
    double highest = Arrays.stream(level).max().orElseThrow();
    if (family.startsWith("B") || family.equals("P2") || family.equals("P3")) {
      limit = Math.max(limit, 1.2 * highest);
    }
    if (family.startsWith("P")) {
      limit = Math.max(128, family.equals("P1") ? 1.2 * Math.min(highest, base * 1.2) : limit);
    }
    if (onset >= 0) {
      for (int i = 0; i < LENGTH; i++) {
        if (level[i] >= limit) {
          length = Math.max(i / HOUR * HOUR, onset + HOUR);
          break;
        }
      }
    }
    double[] seconds = new double[length];
    double[] bytes = new double[length];
    double[] inUse = new double[length];
    double[] limits = new double[length];
    for (int i = 0; i < length; i++) {
      seconds[i] = 1.7e9 + (double) i * STEP_SECONDS;
      bytes[i] = Math.rint(level[i] * GB / 4096) * 4096;
      inUse[i] = Math.rint(Math.min(used[i], level[i]) * GB / 16) * 16;
      limits[i] = limit * GB;
    }
    return new Recording(
        family + "-" + seed,
        family,
        seconds,
        bytes,
        inUse,
        load.length > 0 ? Arrays.copyOf(load, length) : load,
        incarnation.length > 0 ? Arrays.copyOf(incarnation, length) : incarnation,
        limits,
        onset,
        noiseSd * GB,
        noiseTau,
        rate * GB,
        onset >= 0 ? Arrays.stream(leaked, 0, length).map(x -> x * GB).toArray() : new double[0],
        onset >= 0 ? onset : Math.min(event, length - 1));
  }

  private void benign(String family) {
    switch (family) {
      case "B1" -> {}
      case "B2" -> add(daily(base * uniform(.05, .3)));
      case "B3" -> {
        event = 0;
        warmUp(base * uniform(.3, 4), logUniform(2. / 24, 3));
      }
      case "B4" -> {
        event = 0;
        fillToCap();
      }
      case "B5" -> {
        int steps = 1 + random.nextInt(3);
        event = LENGTH - 1;
        for (int k = 0; k < steps; k++) {
          int at = DAY + random.nextInt(LENGTH - DAY);
          event = Math.min(event, at);
          double height = base * uniform(.1, 1.5);
          for (int i = at; i < LENGTH; i++) {
            both(i, height);
          }
        }
      }
      case "B6" -> nightly();
      case "B7" -> add(sawtooth());
      case "B8" -> add(wander(base * uniform(.04, .12), uniform(1, 4) * 86400));
      case "B9" -> restarts(0, 1, 5, .3);
      case "B10" -> {
        double height = base * uniform(.03, .12);
        double t0 = uniform(.02, .2);
        for (int i = 0; i < LENGTH; i++) {
          both(i, height * Math.log1p(i / (double) DAY / t0));
        }
      }
      case "B11" -> dataSet();
      case "B12" -> restarts(0, .25, 1.25, .3);
      case "B13" -> restarts(0, 1, 1, .05);
      default -> throw new IllegalArgumentException(family);
    }
  }

  private void leak(String family) {
    onset = (int) (uniform(5, 9) * DAY);
    rate = base * logUniform(.01, .2);
    switch (family) {
      case "L1" -> {
        rate = 3;
        add(daily(base * .02));
        ramp(t -> rate * t);
      }
      case "L2" -> ramp(t -> rate * t);
      case "L3" -> {
        add(daily(base * uniform(.1, .3)));
        ramp(t -> rate * t);
      }
      case "L4" -> loadProportional();
      case "L5" -> bursts();
      case "L6" -> {
        add(sawtooth());
        ramp(t -> rate * t);
      }
      case "L7" -> {
        double acceleration = uniform(2, 6);
        ramp(t -> rate * t * (1 + t / acceleration) * .5);
      }
      case "L8" -> {
        onset = (int) (uniform(0, .2) * DAY);
        warmUp(base * uniform(.3, 2), logUniform(2. / 24, 1));
        ramp(t -> rate * t);
      }
      case "L9" -> {
        int width = (int) (uniform(3, 8) * HOUR);
        int start = random.nextInt(DAY);
        double lost = 0;
        for (int i = onset; i < LENGTH; i++) {
          lost += Math.floorMod(i - start, DAY) < width ? rate / width : 0;
          leak(i, lost);
        }
      }
      case "L10" -> restarts(rate, 1, 5, .3);
      case "L11" -> {
        rate = base * logUniform(.05, .5);
        restarts(rate, .25, 1.25, .05);
      }
      case "L12" -> {
        onset = 0;
        rate = base * logUniform(.05, .5);
        restarts(rate, .25, 1.25, .05);
      }
      case "L13" -> {
        onset = 0;
        rate = base * logUniform(.05, .5);
        restarts(rate, 1, 1, .05);
      }
      case "L14" -> {
        onset = 0;
        restarts(rate, 1, 5, .3);
      }
      default -> throw new IllegalArgumentException(family);
    }
  }

  /** 50 GB within two hours: kept though freed (P1), returned later (P2), really in use (P3). */
  private void held(String family) {
    int start = (int) (uniform(5, 9) * DAY);
    event = start;
    add(daily(base * .05));
    double returned = uniform(0, .1);
    double back = uniform(6, 12) * HOUR;
    double kept = uniform(.7, .95);
    double stays = uniform(.02, .2);
    for (int i = start; i < LENGTH; i++) {
      double since = i - start;
      double grown = 50 * Math.min(1, since / (2 * HOUR));
      double after = Math.max(0, since - 2 * HOUR);
      double freed = Math.min(1, after / HOUR);
      switch (family) {
        case "P1" -> {
          level[i] += grown * (1 - returned * (since > 4 * HOUR ? 1 : 0));
          leaked[i] = grown;
          used[i] += grown * (1 - (1 - stays) * freed);
        }
        case "P2" -> {
          level[i] += grown * (1 - Math.min(1, after / back));
          used[i] += grown * (1 - freed);
        }
        default -> {
          level[i] += grown;
          used[i] += grown * (1 - (1 - kept) * freed);
        }
      }
    }
    if (family.equals("P1")) {
      onset = start;
      rate = 600;
    }
  }

  private void warmUp(double height, double tauDays) {
    for (int i = 0; i < LENGTH; i++) {
      both(i, height * (1 - Math.exp(-i / (double) DAY / tauDays)));
    }
  }

  private void fillToCap() {
    double days = logUniform(.25, 5);
    double cap = base * uniform(.3, 4);
    double eviction = uniform(.005, .03);
    double perDay = uniform(3, 12);
    add(daily(base * uniform(0, .05)));
    for (int i = 0; i < LENGTH; i++) {
      double t = i / (double) DAY;
      double filled = Math.min(t / days, 1) * cap;
      both(i, filled - (t > days ? cap * eviction * (t * perDay % 1) : 0));
    }
  }

  private void nightly() {
    int start = random.nextInt(DAY);
    int width = (int) (uniform(1, 4) * HOUR);
    double height = base * uniform(.4, 1);
    int rise = Math.max(2, width / 2);
    for (int day = 0; day < DAYS; day++) {
      for (int k = 0; k < width; k++) {
        int i = start + day * DAY + k;
        if (i < LENGTH) {
          both(i, k < rise ? height * k / (rise - 1) : height);
        }
      }
    }
    add(daily(base * uniform(0, .05)));
  }

  private void restarts(
      double leakPerDay, double fewestDays, double mostDays, double longestTauDays) {
    int[] life = new int[LENGTH];
    int from = 0;
    int number = 0;
    double sameTau = uniform(longestTauDays / 15, longestTauDays);
    while (from < LENGTH) {
      double tau = mostDays < 2 ? sameTau : uniform(longestTauDays / 15, longestTauDays);
      int to = Math.min(LENGTH, from + (int) (uniform(fewestDays, mostDays) * DAY));
      for (int i = from; i < to; i++) {
        double t = (i - from) / (double) DAY;
        double lost = i < onset || onset < 0 ? 0 : leakPerDay * (i - Math.max(from, onset)) / DAY;
        both(i, base * .6 * -Math.exp(-t / tau));
        leak(i, lost);
        life[i] = number;
      }
      from = to;
      number++;
    }
    incarnation = life;
  }

  private void dataSet() {
    double[] busy = daily(1);
    load = new double[LENGTH];
    double objects = 1;
    double growth = uniform(.005, .05);
    for (int i = 0; i < LENGTH; i++) {
      objects += growth / DAY * (2 * busy[i]) + .0002 * random.nextGaussian();
      load[i] = objects * 1e6;
      both(i, base * (objects - 1));
    }
  }

  private void loadProportional() {
    double[] busy = daily(1);
    double mean = Math.max(1e-9, Arrays.stream(busy).average().orElseThrow());
    double amplitude = base * uniform(.05, .2);
    load = busy.clone();
    double lost = 0;
    for (int i = 0; i < LENGTH; i++) {
      lost += i >= onset ? rate * busy[i] / DAY / mean : 0;
      both(i, amplitude * busy[i]);
      leak(i, lost);
    }
  }

  private void bursts() {
    double perDay = uniform(4, 40);
    double lost = 0;
    for (int i = onset; i < LENGTH; i++) {
      double expected = perDay / DAY;
      if (random.nextDouble() < 1 - Math.exp(-expected)) {
        lost += rate / perDay * -Math.log(1 - random.nextDouble());
      }
      leak(i, lost);
    }
  }

  private double[] sawtooth() {
    double period = logUniform(2, 12 * HOUR);
    double height = base * uniform(.15, .5);
    double[] saw = new double[LENGTH];
    double phase = 0;
    for (int i = 0; i < LENGTH; i++) {
      phase += Math.exp(.15 * random.nextGaussian()) / period;
      if (phase >= 1) {
        phase = 0;
      }
      saw[i] = height * phase;
    }
    return saw;
  }

  private double[] daily(double amplitude) {
    double shift = random.nextDouble();
    double power = uniform(.7, 2.5);
    double weekend = uniform(.4, 1);
    int firstDay = random.nextInt(7);
    double[] day = new double[DAYS + 3];
    for (int d = 0; d < day.length; d++) {
      double jitter = Math.max(.4, Math.min(1.6, 1 + .15 * random.nextGaussian()));
      day[d] = jitter * ((d + firstDay) % 7 >= 5 ? weekend : 1);
    }
    double[] wave = new double[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      double t = i / (double) DAY + shift;
      double shape = Math.pow(.5 - .5 * Math.cos(2 * Math.PI * t), power);
      double at = Math.max(0, t - .5);
      int d = (int) at;
      wave[i] = amplitude * shape * (day[d] + (at - d) * (day[d + 1] - day[d]));
    }
    return wave;
  }

  private double[] wander(double sd, double tauSeconds) {
    double a = Math.exp(-STEP_SECONDS / tauSeconds);
    double[] x = new double[LENGTH];
    double value = sd * random.nextGaussian();
    for (int i = 0; i < LENGTH; i++) {
      value = a * value + sd * Math.sqrt(1 - a * a) * random.nextGaussian();
      x[i] = value;
    }
    return x;
  }

  private interface Ramp {
    double at(double days);
  }

  private void ramp(Ramp ramp) {
    for (int i = onset; i < LENGTH; i++) {
      leak(i, ramp.at((i - onset) / (double) DAY));
    }
  }

  private void add(double[] more) {
    for (int i = 0; i < LENGTH; i++) {
      both(i, more[i]);
    }
  }

  private void leak(int i, double bytes) {
    both(i, bytes);
    leaked[i] = bytes;
  }

  private void both(int i, double more) {
    level[i] += more;
    used[i] += more;
  }

  private double uniform(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  private double logUniform(double from, double to) {
    return Math.exp(uniform(Math.log(from), Math.log(to)));
  }
}
