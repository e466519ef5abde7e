package io.leakwatch.evaluation;

import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Population;
import io.leakwatch.evaluation.population.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What no detector can tell from a leak: the benign rises of a population by how long they last. It
 * is drawn larger than what is judged, since long rises are rare.
 */
final class Ambiguity {
  private static final long FIRST_SEED = 500_000;
  private static final int SEEDS = 100;
  private static final double STEP_SECONDS = 3600;

  /** What may be wrong in 1000 days by the age at the alarm; the fourth band takes the third's. */
  private static final double[] BUDGET = {5, 3, 2, 2, 1};

  private static final double ALIKE = 2;

  private final List<Scenario.Rise> rises = new ArrayList<>();
  private final double[] days = new double[Score.BANDS.size()];
  private final double lambda;
  private long fills;

  private Ambiguity(double lambda) {
    this.lambda = lambda;
  }

  static Ambiguity of(boolean heldOut, double lambda) {
    Ambiguity ambiguity = new Ambiguity(lambda);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      for (Plan plan : Plan.benign(seed, STEP_SECONDS, heldOut, lambda)) {
        ambiguity.add(Population.make(plan));
      }
    }
    return ambiguity;
  }

  private void add(Scenario s) {
    rises.addAll(s.rises());
    fills += s.traits().stream().filter(trait -> trait.endsWith("late fill")).count();
    for (int i = 1; i < s.length(); i++) {
      days[Score.band(s.ageSeconds()[i])] += (s.seconds()[i] - s.seconds()[i - 1]) / 86400;
    }
  }

  private double allDays() {
    double sum = 0;
    for (double band : days) {
      sum += band;
    }
    return sum;
  }

  /**
   * The shortest growth, in hours, after which alarms keep to the budget, had a detector nothing
   * but a straight line to go by.
   *
   * @param rate of a leak: then only what rises half to twice as steeply is in doubt; -1 for any
   */
  double boundHours(int onsetBand, int rate) {
    double from = Plan.ONSET_FROM[onsetBand];
    double to = onsetBand == 3 ? Double.MAX_VALUE : Plan.ONSET_TO[onsetBand];
    for (int hours = 0; ; hours++) {
      double needed = hours / 24.0;
      int[] wrong = new int[BUDGET.length];
      for (Scenario.Rise rise : rises) {
        if (rise.straight()
            && (rate < 0 || alike(rise.perDay(), Plan.PER_DAY[rate]))
            && rise.ageDays() >= from
            && rise.ageDays() < to
            && rise.days() > needed) {
          wrong[Score.band((rise.ageDays() + needed) * 86400)]++;
        }
      }
      boolean within = true;
      for (int b = 0; b < wrong.length; b++) {
        within &= 1000.0 * wrong[b] <= BUDGET[b] * days[b];
      }
      if (within) {
        return hours;
      }
    }
  }

  private static boolean alike(double perDay, double rate) {
    return perDay > rate / ALIKE && perDay < rate * ALIKE;
  }

  /** The bound for any slope, and for the slopes of each of the slow rates. */
  String bounds(int onsetBand) {
    StringBuilder out = new StringBuilder();
    out.append(String.format(Locale.ROOT, "%.0f h;", boundHours(onsetBand, -1)));
    for (int rate = 0; rate < Plan.B; rate++) {
      out.append(String.format(Locale.ROOT, " %.0f", boundHours(onsetBand, rate)));
    }
    return out.toString();
  }

  String text() {
    StringBuilder out = new StringBuilder();
    double all = allDays();
    out.append(
        String.format(
            Locale.ROOT,
            "Late fills: %d in %.0f days of such a population, lambda %.4f a day (asked for %.4f).%n"
                + "Benign rises by how long they are seen, in 1000 process-days (lambda x 1000)%n"
                + "%-26s %6s %8s %8s %8s %8s %8s%n",
            fills,
            all,
            fills / all,
            lambda,
            "",
            "n",
            "> 1 h",
            "> 6 h",
            "> 12 h",
            "> 24 h",
            "> 48 h"));
    Map<String, List<Scenario.Rise>> by = new TreeMap<>();
    for (Scenario.Rise rise : rises) {
      by.computeIfAbsent(
              rise.kind() + (rise.straight() ? ", straight" : ", bent"), key -> new ArrayList<>())
          .add(rise);
    }
    by.forEach(
        (kind, of) -> {
          out.append(String.format(Locale.ROOT, "%-26s %6d", kind, of.size()));
          for (double hours : new double[] {1, 6, 12, 24, 48}) {
            long longer = of.stream().filter(r -> r.days() * 24 > hours).count();
            out.append(String.format(Locale.ROOT, " %8.2f", 1000 * longer / all));
          }
          out.append(String.format("%n"));
        });
    return out.append(String.format("%n")).toString();
  }
}
