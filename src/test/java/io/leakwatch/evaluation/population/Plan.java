package io.leakwatch.evaluation.population;

import java.util.ArrayList;
import java.util.List;

/**
 * One series to be drawn.
 *
 * @param index within the seed's group
 * @param days how long a benign series is watched
 * @param band of the age at the onset of a leak, {@link #ONSETS}; -1 otherwise
 * @param rate of the leak, {@link #RATES}; -1 in a benign series
 * @param mode how a leak runs, or over what; empty in a benign series
 * @param lambda late fills per process-day
 */
public record Plan(
    long seed,
    Group group,
    int index,
    double days,
    int band,
    int rate,
    String mode,
    double stepSeconds,
    boolean heldOut,
    double lambda) {

  /** What the series is for. */
  public enum Group {
    BENIGN("benign"),
    GRID("leak"),
    OLD("old"),
    FOURTH("fourth"),
    EVERY("every");

    private final String word;

    Group(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  public static final List<String> ONSETS = List.of("0-6 h", "6-24 h", "1-3 d", "> 5 d");
  public static final List<String> RATES = List.of("2 %", "5 %", "15 %", "50 %", "B");
  public static final int B = 4;
  static final double HOUR = 1 / 24.0;
  public static final double[] ONSET_FROM = {0, .25, 1, 5};
  public static final double[] ONSET_TO = {.25, 1, 3, 9};
  public static final double[] PER_DAY = {.02, .05, .15, .5, Double.NaN};

  /** How long a leak is watched. */
  static final double[] LEAK_DAYS = {12, 10, 7, 5, .7};

  /** B is 50 GB in two hours. */
  public static final double SURGE_GIGABYTES = 50;

  public static final double SURGE_DAYS = 2 * HOUR;

  private static final List<String> MODES =
      List.of(
          "straight",
          "warm-up",
          "daily",
          "saw",
          "stairs",
          "office hours",
          "accelerating",
          "red noise",
          "weekly");
  private static final List<String> SURGE_MODES =
      List.of("straight", "warm-up", "daily", "saw", "red noise", "weekly");
  private static final List<String> HELD_OUT_MODES =
      List.of(
          "heavy bursts",
          "nightly job",
          "pauses a day",
          "two peaks",
          "square load",
          "partial release",
          "quantised",
          "irregular",
          "quadratic");
  private static final List<String> HELD_OUT_SURGE_MODES =
      List.of("exponential", "jerks", "square load", "partial release", "quantised", "irregular");

  /**
   * Benign series of one seed by length: many short ones, so that each band of age has its days.
   */
  private static final int[] COUNTS = {124, 34, 14, 8, 6};

  private static final double[] SHORTEST = {.26, 1, 3, 7, 14};
  private static final double[] LONGEST = {.4, 1.4, 4, 9, 24};

  public boolean leaks() {
    return group != Group.BENIGN;
  }

  public boolean surges() {
    return rate == B;
  }

  String id() {
    return String.format("%s/%d/%s/%d", heldOut ? "unseen" : "dev", seed, group.word(), index);
  }

  /** The start of all draws of this series. */
  long key() {
    return seed * 1_000_003
        + group.ordinal() * 7_919_001L
        + index * 104_729L
        + (heldOut ? 0x5DEECE66DL : 0);
  }

  public static List<Plan> benign(long seed, double step, boolean heldOut, double lambda) {
    List<Plan> plans = new ArrayList<>();
    int index = 0;
    for (int k = 0; k < COUNTS.length; k++) {
      for (int j = 0; j < COUNTS[k]; j++) {
        double days = new Draw(seed * 1009 + index).logUniform(SHORTEST[k], LONGEST[k]);
        plans.add(new Plan(seed, Group.BENIGN, index, days, -1, -1, "", step, heldOut, lambda));
        index++;
      }
    }
    return plans;
  }

  /** Leaks of one seed: each band of age by each rate, the modes taking turns; and special ones. */
  public static List<Plan> leaks(long seed, double step, boolean heldOut, double lambda) {
    List<Plan> plans = new ArrayList<>();
    for (int band = 0; band < ONSETS.size(); band++) {
      for (int rate = 0; rate < RATES.size(); rate++) {
        plans.add(
            leak(seed, Group.GRID, band * RATES.size() + rate, band, rate, step, heldOut, lambda));
      }
    }
    for (Group group : List.of(Group.OLD, Group.FOURTH, Group.EVERY)) {
      for (int rate = 0; rate < RATES.size(); rate++) {
        plans.add(leak(seed, group, rate, -1, rate, step, heldOut, lambda));
      }
    }
    return plans;
  }

  private static Plan leak(
      long seed,
      Group group,
      int index,
      int band,
      int rate,
      double step,
      boolean heldOut,
      double lambda) {
    boolean surge = rate == B;
    List<String> modes =
        heldOut ? surge ? HELD_OUT_SURGE_MODES : HELD_OUT_MODES : surge ? SURGE_MODES : MODES;
    String mode = modes.get((int) ((seed + 4L * index + 2L * group.ordinal()) % modes.size()));
    return new Plan(
        seed,
        group,
        index,
        Double.NaN,
        band,
        rate,
        mode,
        surge ? Math.min(60, step) : step,
        heldOut,
        lambda);
  }
}
