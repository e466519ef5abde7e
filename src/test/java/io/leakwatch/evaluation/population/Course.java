package io.leakwatch.evaluation.population;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The memory of one process while it is put together, in units of its base. Parts are added to each
 * other; time is in days since the first sample.
 */
final class Course {
  static final double GB = 1e9;

  /** Of the allocator's noise, what shows in what the program holds. */
  private static final double NOISE_IN_USE = .2;

  /** Cores of a process at rest, and for each unit of memory that follows the load. */
  private static final double IDLE_CORES = .2;

  private static final double CORES = 10;

  /** Memory follows the load to within so much. */
  private static final double LOAD_FROM = .8;

  private static final double LOAD_TO = 1.2;

  /** Rises shorter than this are not worth telling. */
  private static final double SHORTEST_RISE_DAYS = 1 / 24.0;

  final Plan plan;
  final double base;
  final double[] days;
  final double[] age;
  final int[] life;
  final List<Double> lifeStarts = new ArrayList<>();
  final List<String> traits = new ArrayList<>();
  final List<Scenario.Rise> rises = new ArrayList<>();

  private final double[] level;
  private final double[] used;
  private final double[] busy;
  private final double[] leaked;
  private final StringBuilder shape = new StringBuilder();
  private final List<Integer> lifeOnsets = new ArrayList<>();
  private double quantum;

  /** A part of the level as a function of a time in days. */
  interface Curve {
    double at(double days);
  }

  /**
   * Starts with the base alone.
   *
   * @param base bytes
   * @param ageDays of the process at the first sample
   * @param restarts times at which a new life begins
   */
  Course(Plan plan, double base, double[] days, double ageDays, List<Double> restarts) {
    this.plan = plan;
    this.base = base;
    this.days = days;
    int n = days.length;
    age = new double[n];
    life = new int[n];
    level = new double[n];
    used = new double[n];
    busy = new double[n];
    leaked = new double[n];
    lifeStarts.add(-ageDays);
    lifeStarts.addAll(restarts);
    int at = 0;
    for (int i = 0; i < n; i++) {
      while (at + 1 < lifeStarts.size() && days[i] >= lifeStarts.get(at + 1)) {
        at++;
      }
      life[i] = at;
      age[i] = days[i] - lifeStarts.get(at);
    }
    Arrays.fill(level, 1);
    Arrays.fill(used, .9);
  }

  /** Times of regular samples. */
  static double[] regular(double days, double stepSeconds) {
    double[] times = new double[(int) (days * 86400 / stepSeconds) + 1];
    Arrays.setAll(times, i -> i * stepSeconds / 86400);
    return times;
  }

  int length() {
    return days.length;
  }

  double end() {
    return days[days.length - 1];
  }

  int lives() {
    return lifeStarts.size();
  }

  /** Days since the sample before; at the first one, of the plan's step. */
  double since(int i) {
    return i == 0 ? plan.stepSeconds() / 86400 : days[i] - days[i - 1];
  }

  boolean born(int i) {
    return i > 0 && life[i] != life[i - 1];
  }

  double lifeEnd(int number) {
    return number + 1 < lives() ? lifeStarts.get(number + 1) : end();
  }

  int lifeAt(double time) {
    int number = 0;
    while (number + 1 < lives() && lifeStarts.get(number + 1) <= time) {
      number++;
    }
    return number;
  }

  int index(double time) {
    int at = Arrays.binarySearch(days, time);
    return Math.min(length() - 1, at >= 0 ? at : -at - 1);
  }

  /** Names a part. */
  void trait(String name, String figures, Object... arguments) {
    traits.add(name);
    shape.append(shape.length() > 0 ? "; " : "").append(name);
    if (!figures.isEmpty()) {
      shape.append(' ').append(String.format(figures, arguments));
    }
  }

  /** Notes a benign rise that looks like a leak while it lasts. */
  void rise(String kind, double start, double length, double height, boolean straight) {
    double from = Math.max(0, start);
    int number = lifeAt(from);
    double lasts = Math.min(start + length, lifeEnd(number)) - from;
    if (lasts >= SHORTEST_RISE_DAYS) {
      rises.add(
          new Scenario.Rise(kind, from - lifeStarts.get(number), lasts, height / length, straight));
    }
  }

  void add(int i, double units) {
    level[i] += units;
    used[i] += units;
  }

  /** Adds something that began at a time and goes on until the process ends. */
  void addFrom(double start, Curve curve) {
    int number = lifeAt(start);
    for (int i = index(start); i < length() && life[i] == number; i++) {
      add(i, curve.at(days[i] - start));
    }
  }

  /** What the allocator adds by itself. */
  void noise(int i, double units) {
    level[i] += units;
    used[i] += NOISE_IN_USE * units;
  }

  /** Readings are rounded to multiples of this. */
  void quantise(double units) {
    quantum = units;
  }

  /** The same for a part that follows the load. */
  void addBusy(int i, double units) {
    add(i, units);
    busy[i] += units;
  }

  /** The increments of a leak by time. */
  interface Increments {
    double next(double day, double sinceOnset, double since);
  }

  /** Adds a leak from a time to the end of the life it begins in. */
  void leak(double onset, Increments increments) {
    int from = index(onset);
    double sum = 0;
    lifeOnsets.add(from);
    for (int i = from; i < length() && life[i] == life[from]; i++) {
      double since = Math.min(since(i), Math.max(0, days[i] - onset));
      sum += increments.next(days[i], days[i] - onset, since);
      leaked[i] = sum;
      add(i, sum);
    }
  }

  double levelAt(double time) {
    return level[index(time)];
  }

  double highest(double to) {
    return Arrays.stream(level, 0, Math.max(1, index(to))).max().orElseThrow();
  }

  double median() {
    double[] sorted = level.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** A process that stays below its limit. */
  Scenario benign(double limit, double startSeconds) {
    return scenario(length(), Math.max(limit, 1.01 * highest(Double.MAX_VALUE)), startSeconds);
  }

  /** A process that is killed at its limit, if its leak gets there. */
  Scenario leaking(double limit, double startSeconds) {
    int n = length();
    for (int i = lifeOnsets.get(0); i < n; i++) {
      if (level[i] >= limit && lifeOnsets.size() == 1) {
        n = i + 1;
      }
    }
    return scenario(n, limit, startSeconds);
  }

  private Scenario scenario(int n, double limit, double startSeconds) {
    double[] seconds = new double[n];
    double[] bytes = new double[n];
    double[] inUse = new double[n];
    double[] load = new double[n];
    SplittableRandom random = new SplittableRandom(plan.key());
    double[] ageSeconds = new double[n];
    double[] limits = new double[n];
    double[] leakedBytes = new double[plan.leaks() ? n : 0];
    for (int i = 0; i < n; i++) {
      double units = Math.max(.02, level[i]);
      units = quantum > 0 ? quantum * Math.rint(units / quantum) : units;
      seconds[i] = startSeconds + Math.rint(days[i] * 86400);
      bytes[i] = Math.floor(units * base / 4096) * 4096;
      inUse[i] = Math.floor(Math.max(.01, Math.min(used[i], level[i])) * base / 16) * 16;
      load[i] = IDLE_CORES + CORES * busy[i] * random.nextDouble(LOAD_FROM, LOAD_TO);
      ageSeconds[i] = Math.rint(age[i] * 86400);
      limits[i] = Math.floor(limit * base / 4096) * 4096;
      if (plan.leaks()) {
        leakedBytes[i] = leaked[i] * base;
      }
    }
    return new Scenario(
        plan.id(),
        plan.group(),
        plan.band(),
        plan.rate(),
        plan.mode(),
        List.copyOf(traits),
        String.format("%.1f GB; %s", base / GB, shape),
        seconds,
        bytes,
        inUse,
        load,
        ageSeconds,
        Arrays.copyOf(life, n),
        limits,
        lifeOnsets.isEmpty() ? -1 : lifeOnsets.get(0),
        leakedBytes,
        lifeOnsets.stream().mapToInt(x -> x).filter(x -> x < n).toArray(),
        List.copyOf(rises));
  }
}
