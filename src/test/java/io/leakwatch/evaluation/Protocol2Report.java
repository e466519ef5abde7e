package io.leakwatch.evaluation;

import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.replay.AlarmRate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of protocol 2 over the scores of one detector. */
public final class Protocol2Report {
  private static final List<String> ALL_KINDS = List.of("danger", "leak", "held");

  /** What is asked of each band of the age at the onset. */
  public enum Goal {
    BIRTH("0-6 h", 5, 100, 36, 60),
    FIRST_DAY("6-24 h", 3, 100, 24, 36),
    FIRST_DAYS("1-3 d", 2, 99, 15, 20),
    MATURE("> 5 d", 1, 99, 8, 12),
    KNOWN("known", 2, 100, 8, 12);

    private final String onset;
    private final double alarms;
    private final double told;
    public final double first;
    private final double leak;

    Goal(String onset, double alarms, double told, double first, double leak) {
      this.onset = onset;
      this.alarms = alarms;
      this.told = told;
      this.first = first;
      this.leak = leak;
    }
  }

  /** The goals for leaks by their onset, in the order of {@link Plan#ONSETS}. */
  public static final List<Goal> ONSET_GOALS =
      List.of(Goal.BIRTH, Goal.FIRST_DAY, Goal.FIRST_DAYS, Goal.MATURE);

  private final List<Score> benign;
  private final List<Score> leaks;
  private final List<Score> benignBefore;
  private final List<Score> leaksBefore;
  private final Ambiguity ambiguity;
  private final StringBuilder out = new StringBuilder();

  /**
   * A report.
   *
   * @param before what an earlier release told on the same series, as far as it is known
   * @param ambiguity of the population that was drawn from
   */
  Protocol2Report(List<Score> scores, List<Score> before, Ambiguity ambiguity) {
    benign = of(scores, Score::benign);
    leaks = of(scores, s -> !s.benign());
    benignBefore = of(before, Score::benign);
    leaksBefore = of(before, s -> !s.benign());
    this.ambiguity = ambiguity;
  }

  String text() {
    goals();
    falseAlarms();
    traits();
    out.append(ambiguity.text());
    leaks();
    reliability();
    return out.toString();
  }

  /** Without what is the same for all detectors. */
  String brief() {
    goals();
    falseAlarms();
    leaks();
    return out.toString();
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  private static List<Score> of(List<Score> scores, Predicate<Score> which) {
    return scores.stream().filter(which).toList();
  }

  private static boolean slow(Score s) {
    return s.rate() != Plan.B;
  }

  private static boolean grid(Score s) {
    return s.group() == Plan.Group.GRID;
  }

  // Goals.

  private void goals() {
    line("Goals | reached (false alarms strict, sum of all kinds; delays in hours, slow leaks)");
    line(
        "%-13s %-22s %-14s %-14s %-14s %-12s %s",
        "onset, age",
        "false / 1000 d",
        "told %",
        "first median",
        "leak median",
        "unannounced",
        "d*");
    for (Goal goal : ONSET_GOALS) {
      int band = goal.ordinal();
      int alarmBand = band == 3 ? 4 : band;
      row(
          goal.onset,
          goal,
          a -> Score.band(a.ageSeconds()) == alarmBand,
          s -> s.daysByAge()[alarmBand],
          s -> grid(s) && s.band() == band && slow(s),
          ambiguity.bounds(band));
    }
    row(
        "known*",
        Goal.KNOWN,
        Score.Alarm::known,
        Score::knownDays,
        s -> slow(s) && (s.group() == Plan.Group.OLD || s.group() == Plan.Group.FOURTH),
        "");
    for (boolean young : new boolean[] {true, false}) {
      Predicate<Score> which = s -> !slow(s) && grid(s) && (s.band() < 3) == young;
      surges(young ? "B, young" : "B, mature", young ? "30" : "15", of(leaks, which));
      if (!leaksBefore.isEmpty()) {
        surges("  " + Recorded.RELEASE, "", of(leaksBefore, which));
      }
    }
    List<Score> near = of(leaks, s -> grid(s) && s.limitHours() < 12 && slow(s) && s.band() == 0);
    if (!near.isEmpty()) {
      line(
          "slow leaks from 0-6 h with a limit less than 12 h off: %d, way at first word median %s",
          near.size(), share(quantile(near, Score::way, .5)));
    }
    line(
        "* age > 5 d at the first sample, or three lives before; the row above 5 d takes alarms"
            + " above 7 d, 3-7 d stand below");
    line(
        "d*: the shortest growth after which alarms keep to the budget, were straightness all there"
            + " is to go by: at any slope; at half to twice 2, 5, 15, 50 %% a day");
    line("");
  }

  private void row(
      String name,
      Goal goal,
      Predicate<Score.Alarm> which,
      ToDoubleFunction<Score> daysOf,
      Predicate<Score> cell,
      String bound) {
    double days = days(daysOf);
    row(name, goal, alarms(benign, which).size(), days, of(leaks, cell), bound);
    if (!benignBefore.isEmpty() || !leaksBefore.isEmpty()) {
      double daysBefore = benignBefore.stream().mapToDouble(daysOf).sum();
      row(
          "  " + Recorded.RELEASE,
          null,
          alarms(benignBefore, which).size(),
          daysBefore,
          of(leaksBefore, cell),
          "");
    }
  }

  private void row(
      String name, @Nullable Goal goal, int alarms, double days, List<Score> cell, String bound) {
    line(
        "%-13s %-22s %-14s %-14s %-14s %-12s %s",
        name,
        goal(goal == null ? Double.NaN : goal.alarms) + rate(alarms, days),
        goal(goal == null ? Double.NaN : goal.told) + percent(told(cell), cell.size()),
        goal(goal == null ? Double.NaN : goal.first) + hours(quantile(cell, Score::firstHours, .5)),
        goal(goal == null ? Double.NaN : goal.leak) + hours(quantile(cell, Score::leakHours, .5)),
        (goal == null ? "    " : "0 | ") + unannounced(cell),
        bound);
  }

  private static String goal(double value) {
    return Double.isNaN(value) ? "     " : String.format(Locale.ROOT, "%-3.0f| ", value);
  }

  private void surges(String name, String goal, List<Score> cell) {
    line(
        "%-13s %-22s %-14s %-14s %-14s %-12s %s",
        name,
        goal.isEmpty() ? "" : "within these",
        (goal.isEmpty() ? "     " : "100| ") + percent(told(cell), cell.size()),
        String.format(
            "%-3s%s %s min",
            goal, goal.isEmpty() ? " " : "|", minutes(quantile(cell, Score::firstHours, .5))),
        "",
        (goal.isEmpty() ? "    " : "0 | ") + unannounced(cell),
        "way at first word, median " + share(quantile(cell, Score::way, .5)));
  }

  // False alarms.

  private void falseAlarms() {
    line(
        "%d benign series, %.0f days; alarms / 1000 days, exact 95 %% intervals. Sum of the kinds,"
            + " strict; \"episodes\": alarms of any kind after a day without any.",
        benign.size(), days(Score::days));
    line(
        "%-16s %7s  %-22s %7s %6s %5s  %8s  %s",
        "age at alarm", "days", "all, strict", "danger", "leak", "held", "episodes", "not excused");
    for (int b = 0; b < Score.BANDS.size(); b++) {
      int band = b;
      alarmRow(
          Score.BANDS.get(b), s -> s.daysByAge()[band], a -> Score.band(a.ageSeconds()) == band);
    }
    line("time of watch");
    for (int b = 0; b < Score.BANDS.size(); b++) {
      int band = b;
      alarmRow(
          Score.BANDS.get(b),
          s -> s.daysByWatch()[band],
          a -> Score.band(a.watchSeconds()) == band);
    }
    alarmRow("known*", Score::knownDays, Score.Alarm::known);
    alarmRow("all", Score::days, a -> true);
    alarmRow("before an onset", leaks, leaksBefore, Score::days, a -> true);
    double changes = benign.stream().mapToDouble(Score::changes).sum();
    List<Score> whole = of(benign, s -> s.days() >= 1);
    line(
        "Changes of the word: %.2f a day; of the series of a day and more, worst %.1f a day, %s with"
            + " more than one a day.",
        changes / Math.max(1e-9, days(Score::days)),
        whole.stream().mapToDouble(s -> s.changes() / s.days()).max().orElse(0),
        percent(whole.stream().filter(s -> s.changes() > s.days()).count(), whole.size()) + " %");
    line("");
  }

  private void alarmRow(String name, ToDoubleFunction<Score> daysOf, Predicate<Score.Alarm> which) {
    alarmRow(name, benign, benignBefore, daysOf, which);
  }

  private void alarmRow(
      String name,
      List<Score> scores,
      List<Score> before,
      ToDoubleFunction<Score> daysOf,
      Predicate<Score.Alarm> which) {
    List<Score.Alarm> alarms = alarms(scores, which);
    double days = scores.stream().mapToDouble(daysOf).sum();
    line(
        "%-16s %7.0f  %-22s %7d %6d %5d  %8d  %-18s %s",
        name,
        days,
        alarms.size() + " = " + rate(alarms.size(), days),
        count(alarms, Score.Message.DANGER),
        count(alarms, Score.Message.LEAK),
        count(alarms, Score.Message.HELD),
        alarms.stream().filter(Score.Alarm::first).count(),
        rate((int) alarms.stream().filter(a -> !a.excused()).count(), days),
        before.isEmpty()
            ? ""
            : rate(alarms(before, which).size(), before.stream().mapToDouble(daysOf).sum()));
  }

  private static long count(List<Score.Alarm> alarms, Score.Message message) {
    return alarms.stream().filter(a -> a.message() == message).count();
  }

  private double days(ToDoubleFunction<Score> of) {
    return benign.stream().mapToDouble(of).sum();
  }

  private static List<Score.Alarm> alarms(List<Score> scores, Predicate<Score.Alarm> which) {
    return scores.stream().flatMap(s -> s.alarms().stream()).filter(which).toList();
  }

  /** Alarms in 1000 days with the interval. */
  static String rate(int alarms, double days) {
    return days <= 0
        ? "-"
        : String.format(
            Locale.ROOT,
            "%.1f (%.1f-%.1f)",
            1000 * alarms / days,
            1000 * AlarmRate.bound(alarms, false) / days,
            1000 * AlarmRate.bound(alarms, true) / days);
  }

  private void traits() {
    Map<String, List<Score>> by = new TreeMap<>();
    for (Score s : benign) {
      s.traits().stream()
          .distinct()
          .forEach(trait -> by.computeIfAbsent(trait, key -> new ArrayList<>()).add(s));
    }
    line("What the population is made of, and its alarms");
    line(
        "%-28s %8s %8s %8s %6s %6s   %s",
        "part", "series %", "days", "danger", "leak", "held", "/ 1000 d");
    for (Map.Entry<String, List<Score>> entry : by.entrySet()) {
      List<Score> with = entry.getValue();
      long[] kinds = new long[ALL_KINDS.size()];
      with.forEach(s -> s.alarms().forEach(a -> kinds[a.message().ordinal()]++));
      double days = with.stream().mapToDouble(Score::days).sum();
      line(
          "%-28s %8.1f %8.0f %8d %6d %6d   %.1f",
          entry.getKey(),
          100.0 * with.size() / benign.size(),
          days,
          kinds[0],
          kinds[1],
          kinds[2],
          1000 * (kinds[0] + kinds[1] + kinds[2]) / Math.max(1e-9, days));
    }
    line("");
  }

  // Leaks.

  private void leaks() {
    line(
        "%-24s %4s %6s  %-15s %6s  %-15s %6s  %-12s %-12s %s",
        "leaks",
        "n",
        "told %",
        "first med / p90",
        "leak %",
        "leak med / p90",
        "held %",
        "into limit",
        "unannounced",
        leaksBefore.isEmpty() ? "" : Recorded.RELEASE + ": told, first, unannounced");
    for (int b = 0; b < Plan.ONSETS.size(); b++) {
      int band = b;
      leakRow("onset " + Plan.ONSETS.get(b), s -> grid(s) && s.band() == band);
      for (int r = 0; r < Plan.RATES.size(); r++) {
        int rate = r;
        leakRow("  " + Plan.RATES.get(r), s -> grid(s) && s.band() == band && s.rate() == rate);
      }
    }
    List<String> modes = leaks.stream().map(Score::mode).distinct().sorted().toList();
    for (String mode : modes) {
      leakRow("over " + mode, s -> grid(s) && slow(s) && s.mode().equals(mode));
    }
    for (Plan.Group group : List.of(Plan.Group.OLD, Plan.Group.FOURTH, Plan.Group.EVERY)) {
      leakRow(title(group), s -> s.group() == group && slow(s));
      leakRow("  B", s -> s.group() == group && !slow(s));
    }
    leakRow("all", s -> true);
    lives();
    against();
    double[] leads =
        leaks.stream()
            .filter(Score::ranIntoLimit)
            .mapToDouble(s -> Math.max(0, s.leadHours()))
            .sorted()
            .toArray();
    if (leads.length > 0) {
      line(
          "Lead before the limit, h, 0 where unannounced: least %.2f, a tenth below %.2f, median %.1f of %d.",
          leads[0], leads[leads.length / 10], leads[leads.length / 2], leads.length);
    }
    line("");
  }

  private void leakRow(String name, Predicate<Score> which) {
    List<Score> cell = of(leaks, which);
    if (cell.isEmpty()) {
      return;
    }
    List<Score> before = of(leaksBefore, which);
    long limit = cell.stream().filter(Score::ranIntoLimit).count();
    line(
        "%-24s %4d %6s  %-15s %6s  %-15s %6s  %-12d %-12s %s",
        name,
        cell.size(),
        percent(told(cell), cell.size()),
        pair(cell, Score::firstHours),
        percent(count(cell, Score::leakHours), cell.size()),
        pair(cell, Score::leakHours),
        percent(count(cell, Score::heldHours), cell.size()),
        limit,
        unannounced(cell),
        before.isEmpty()
            ? ""
            : String.format(
                "%s %%, %s, %s",
                percent(told(before), before.size()),
                pair(before, Score::firstHours),
                unannounced(before)));
  }

  /** How many leaks are told sooner and later than by the release before. */
  private void against() {
    Map<String, Score> before = new HashMap<>();
    leaksBefore.forEach(s -> before.put(s.id(), s));
    int sooner = 0;
    int later = 0;
    for (Score s : leaks) {
      Score then = before.get(s.id());
      if (then != null && s.firstHours() != then.firstHours()) {
        double slack = s.rate() == Plan.B ? .1 : 1;
        sooner += s.firstHours() < then.firstHours() - slack ? 1 : 0;
        later += s.firstHours() > then.firstHours() + slack ? 1 : 0;
      }
    }
    if (!before.isEmpty()) {
      line(
          "Against %s, by more than an hour (B: six minutes): %d of %d leaks told sooner, %d later.",
          Recorded.RELEASE, sooner, before.size(), later);
    }
  }

  /** What a group of leaks beside the grid is called. */
  public static String title(Plan.Group group) {
    return switch (group) {
      case OLD -> "old when met";
      case FOURTH -> "in the fourth life";
      default -> "in every life";
    };
  }

  private void lives() {
    for (boolean surge : new boolean[] {false, true}) {
      double[] delays =
          leaks.stream()
              .filter(s -> s.group() == Plan.Group.EVERY && slow(s) != surge)
              .flatMapToDouble(s -> Arrays.stream(s.lives()))
              .toArray();
      long told = Arrays.stream(delays).filter(Double::isFinite).count();
      long soon = Arrays.stream(delays).filter(d -> d <= .25).count();
      if (delays.length > 0) {
        line(
            "%s in every life: told in %s %% of %d lives, within 15 minutes in %s %%.",
            surge ? "B" : "Slow leak",
            percent(told, delays.length),
            delays.length,
            percent(soon, delays.length));
      }
    }
  }

  private void reliability() {
    List<double[]> all =
        Stream.concat(benign.stream(), leaks.stream())
            .flatMap(s -> s.forecasts().stream())
            .sorted(Comparator.comparingDouble(f -> f[0]))
            .toList();
    if (all.isEmpty()) {
      line("Reliability: no danger was told with a probability.");
      return;
    }
    line("Reliability of dangers: told probability, came true");
    double brier = all.stream().mapToDouble(f -> (f[0] - f[1]) * (f[0] - f[1])).average().orElse(0);
    for (int k = 0; k < 10; k++) {
      double from = k / 10.0;
      List<double[]> bin =
          all.stream().filter(f -> f[0] >= from && (f[0] < from + .1 || from > .85)).toList();
      if (!bin.isEmpty()) {
        line(
            "%3.0f-%3.0f %%: n %4d, mean told %3.0f %%, came true %3.0f %%",
            100 * from,
            100 * from + 10,
            bin.size(),
            100 * bin.stream().mapToDouble(f -> f[0]).average().orElse(0),
            100 * bin.stream().mapToDouble(f -> f[1]).average().orElse(0));
      }
    }
    line("Brier score %.3f over %d dangers.", brier, all.size());
  }

  private static long told(List<Score> cell) {
    return count(cell, Score::firstHours);
  }

  private static long count(List<Score> cell, ToDoubleFunction<Score> of) {
    return cell.stream().filter(s -> Double.isFinite(of.applyAsDouble(s))).count();
  }

  private static String unannounced(List<Score> cell) {
    return String.valueOf(cell.stream().filter(Score::unannounced).count());
  }

  private static double quantile(List<Score> cell, ToDoubleFunction<Score> of, double q) {
    double[] sorted =
        cell.stream().mapToDouble(of).filter(x -> !Double.isNaN(x)).sorted().toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
  }

  private static String pair(List<Score> cell, ToDoubleFunction<Score> of) {
    return hours(quantile(cell, of, .5)) + " / " + hours(quantile(cell, of, .9));
  }

  private static String hours(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.1f", value) : "-";
  }

  private static String minutes(double hours) {
    return Double.isFinite(hours) ? String.format(Locale.ROOT, "%.0f", 60 * hours) : "-";
  }

  private static String share(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.0f %%", 100 * value) : "-";
  }

  private static String percent(long count, int of) {
    return of == 0 ? "-" : String.format(Locale.ROOT, "%.0f", 100.0 * count / of);
  }
}
