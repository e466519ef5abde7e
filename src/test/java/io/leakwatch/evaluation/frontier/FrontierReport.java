package io.leakwatch.evaluation.frontier;

import io.leakwatch.evaluation.Protocol2Report;
import io.leakwatch.evaluation.Score;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.trend.HourFigures;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a learner reaches at given false alarms, and the shipped detector in the same form. */
final class FrontierReport {
  private final List<ScoredSeries> learner;
  private final List<Score> shipped;
  private final Thresholds thresholds;
  private final StringBuilder out = new StringBuilder();

  /**
   * What became of a slow leak.
   *
   * @param delay hours from the onset to the first word, infinite where there is none
   * @param limit hours from the onset to the limit, infinite where it is not reached
   */
  private record Outcome(
      Plan.Group group, int band, double delay, double limit, boolean unannounced) {

    static Outcome of(ScoredSeries s, double[] thresholds) {
      double delay = s.delay(thresholds);
      double limit = s.limitHours();
      return new Outcome(
          s.group(), s.band(), delay, limit, Double.isFinite(limit) && delay >= limit);
    }

    static Outcome of(Score s) {
      return new Outcome(s.group(), s.band(), s.firstHours(), s.limitHours(), s.unannounced());
    }

    /** Nobody needs a word after the limit. */
    double toldAfter() {
      return delay <= limit ? delay : Double.POSITIVE_INFINITY;
    }
  }

  FrontierReport(List<ScoredSeries> learner, List<Score> shipped) {
    this.learner = learner;
    this.shipped = shipped;
    thresholds = new Thresholds(learner);
  }

  String text() {
    return out.toString();
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  void header(Frontier.Settings settings, List<String> mostTelling) {
    line("What a learner reaches that was taught this very population: an upper bound");
    line("");
    line(
        "Gradient-boosted trees over %s figures of each hour, taught on the development shapes of",
        HourFigures.names().size());
    line(
        "seeds %s, one hour in %d, and judged on every hour of the %s shapes of seeds",
        settings.train(), settings.every(), settings.heldOut() ? "unseen" : "development");
    line("%s. An alarm is a score above a threshold in two successive hours.", settings.judged());
    line("");
    line("It is a bound in favour of the learner:");
    line("- it has learnt by heart how leaks and healthy processes are drawn here, and how often;");
    line("- its thresholds, one for each band of age, are chosen on the series it is judged by;");
    line("- an alarm that is on at the onset counts as told at once.");
    line(
        "Against it: it is given no limits and no number of former lives, by which it would learn");
    line(
        "how they are drawn%s.",
        settings.heldOut() ? ", and the unseen shapes have other formulae than it was taught" : "");
    line("");
    line("Goal: median hours to the first word. A word after the limit is not counted as told.");
    line("Most telling: %s.", String.join(", ", mostTelling));
    line("");
  }

  /** What the learner reaches within a budget of false alarms. */
  void learner(String name, double[] budget) {
    double[] chosen = thresholds.within(budget);
    line("Learner, false alarms within %s", name);
    ages();
    alarms("  budget", budget);
    alarms("  false / 1000 d", thresholds.rates(chosen));
    leaks(learner.stream().filter(s -> !s.benign()).map(s -> Outcome.of(s, chosen)).toList());
  }

  /** What the shipped detector reaches on the same series. */
  void shipped() {
    line("Shipped detector");
    ages();
    alarms("  episodes / 1000 d", rates(Score.Alarm::first));
    alarms("  sum of kinds", shippedRates());
    leaks(shipped.stream().filter(s -> !s.benign()).map(Outcome::of).toList());
  }

  /** False alarms of the shipped detector in 1000 days, all kinds, by age. */
  double[] shippedRates() {
    return rates(alarm -> true);
  }

  private double[] rates(Predicate<Score.Alarm> which) {
    List<Score> benign = shipped.stream().filter(Score::benign).toList();
    double[] rates = new double[Score.BANDS.size()];
    for (int band = 0; band < rates.length; band++) {
      int age = band;
      double days = benign.stream().mapToDouble(s -> s.daysByAge()[age]).sum();
      long alarms =
          benign.stream()
              .flatMap(s -> s.alarms().stream())
              .filter(alarm -> which.test(alarm) && Score.band(alarm.ageSeconds()) == age)
              .count();
      rates[band] = 1000 * alarms / Math.max(1e-9, days);
    }
    return rates;
  }

  private void ages() {
    StringBuilder cells = new StringBuilder();
    Score.BANDS.forEach(age -> cells.append(String.format(" %8s", age)));
    line("%-20s%s", "  age at alarm", cells);
  }

  private void alarms(String name, double[] rates) {
    StringBuilder cells = new StringBuilder();
    for (double rate : rates) {
      cells.append(String.format(Locale.ROOT, " %8.1f", rate));
    }
    line("%-20s%s", name, cells);
  }

  private void leaks(List<Outcome> outcomes) {
    line(
        "  %-18s %5s %8s %8s %8s %8s %12s",
        "leak, onset", "n", "told %", "goal", "median h", "p90 h", "unannounced");
    for (Protocol2Report.Goal goal : Protocol2Report.ONSET_GOALS) {
      int band = goal.ordinal();
      row(
          Plan.ONSETS.get(band),
          goal,
          outcomes.stream().filter(o -> o.group() == Plan.Group.GRID && o.band() == band).toList());
    }
    for (Plan.Group group : List.of(Plan.Group.OLD, Plan.Group.FOURTH, Plan.Group.EVERY)) {
      row(
          Protocol2Report.title(group),
          group == Plan.Group.EVERY ? null : Protocol2Report.Goal.KNOWN,
          outcomes.stream().filter(o -> o.group() == group).toList());
    }
    line("");
  }

  private void row(String name, Protocol2Report.@Nullable Goal goal, List<Outcome> cell) {
    if (cell.isEmpty()) {
      return;
    }
    double[] delays = cell.stream().mapToDouble(Outcome::toldAfter).sorted().toArray();
    long told = Arrays.stream(delays).filter(Double::isFinite).count();
    line(
        "  %-18s %5d %8.0f %8s %8s %8s %12d",
        name,
        cell.size(),
        100.0 * told / cell.size(),
        goal == null ? "" : String.format(Locale.ROOT, "%.0f", goal.first),
        quantile(delays, .5),
        quantile(delays, .9),
        cell.stream().filter(Outcome::unannounced).count());
  }

  private static String quantile(double[] sorted, double q) {
    double value = sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.1f", value) : "-";
  }
}
