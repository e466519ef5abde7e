package io.leakwatch.evaluation;

import io.leakwatch.evaluation.families.RealSeries;
import io.leakwatch.evaluation.families.Recording;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Scenario;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The recorded series of real machines by the rules of protocol 2: every alarm counts, and beside
 * it those that nothing excuses. The age of these processes is not known, so time is that of the
 * watch.
 */
final class RealReport {
  private static final List<String> SETS = List.of("bitbrains", "alibaba", "eso", "gc");

  private final StringBuilder out = new StringBuilder();

  private RealReport() {}

  /** Which of the benign series: those the settings were chosen on, or the others. */
  enum Half {
    TUNING,
    UNSEEN;

    boolean has(int index) {
      return index % 2 == ordinal();
    }
  }

  /** Scores of one half of the benign series, in order. */
  static List<Score> run(Half half, Supplier<Contestant> contestant) {
    List<Recording> benign = RealSeries.labelled("benign");
    return IntStream.range(0, benign.size())
        .filter(half::has)
        .parallel()
        .mapToObj(i -> Score.of(scenario(benign.get(i)), contestant.get(), Scenario.Given.NOTHING))
        .toList();
  }

  private static Scenario scenario(Recording real) {
    int n = real.length();
    double[] unknown = new double[n];
    Arrays.fill(unknown, Double.NaN);
    boolean leaks = !real.benign();
    return new Scenario(
        "real/" + real.name(),
        leaks ? Plan.Group.GRID : Plan.Group.BENIGN,
        -1,
        -1,
        "",
        List.of(real.family()),
        real.name(),
        real.seconds(),
        real.bytes(),
        new double[0],
        real.load(),
        unknown,
        new int[n],
        real.limit(),
        real.onset(),
        leaks ? new double[n] : new double[0],
        leaks ? new int[] {real.onset()} : new int[0],
        List.of());
  }

  static String text(Half half, List<Score> scores, List<Score> before) {
    RealReport report = new RealReport();
    report.line(
        "Real benign series, the half %s; alarms / 1000 days by time of watch",
        half == Half.TUNING ? "that settings were chosen on" : "that no setting was chosen on");
    report.line(
        "%-22s %7s  %-22s %7s %6s %5s  %-18s %s",
        "",
        "days",
        "all, strict",
        "danger",
        "leak",
        "held",
        "not excused",
        before.isEmpty() ? "" : Recorded.RELEASE);
    for (int b = 0; b < Score.BANDS.size(); b++) {
      report.row(Score.BANDS.get(b), scores, before, b);
    }
    for (String set : SETS) {
      report.row(set, of(scores, set), of(before, set), -1);
    }
    report.row("all", scores, before, -1);
    double changes = scores.stream().mapToDouble(Score::changes).sum();
    double days = scores.stream().mapToDouble(Score::days).sum();
    report.line(
        "Changes of the word: %.2f a day; worst %.1f a day.",
        changes / days,
        scores.stream()
            .filter(s -> s.days() >= 1)
            .mapToDouble(s -> s.changes() / s.days())
            .max()
            .orElse(0));
    return report.out.toString();
  }

  private static List<Score> of(List<Score> scores, String set) {
    return scores.stream().filter(s -> s.traits().contains(set)).toList();
  }

  private void row(String name, List<Score> scores, List<Score> before, int band) {
    List<Score.Alarm> alarms = alarms(scores, band);
    int[] kinds = new int[Score.Message.values().length];
    alarms.forEach(a -> kinds[a.message().ordinal()]++);
    double days = days(scores, band);
    line(
        "%-22s %7.0f  %-22s %7d %6d %5d  %-18s %s",
        name,
        days,
        alarms.size() + " = " + Protocol2Report.rate(alarms.size(), days),
        kinds[0],
        kinds[1],
        kinds[2],
        Protocol2Report.rate((int) alarms.stream().filter(a -> !a.excused()).count(), days),
        before.isEmpty()
            ? ""
            : Protocol2Report.rate(alarms(before, band).size(), days(before, band)));
  }

  private static List<Score.Alarm> alarms(List<Score> scores, int band) {
    List<Score.Alarm> alarms = new ArrayList<>();
    for (Score s : scores) {
      s.alarms().stream()
          .filter(a -> band < 0 || Score.band(a.watchSeconds()) == band)
          .forEach(alarms::add);
    }
    return alarms;
  }

  private static double days(List<Score> scores, int band) {
    return scores.stream().mapToDouble(s -> band < 0 ? s.days() : s.daysByWatch()[band]).sum();
  }

  /** When each real leak is told. */
  static String leaks(Supplier<Contestant> contestant) {
    RealReport report = new RealReport();
    for (Recording real : RealSeries.labelled("leak")) {
      Score score = Score.of(scenario(real), contestant.get(), Scenario.Given.NOTHING);
      report.line(
          "Real leak %s: first word %s, leak %s, in %.1f h.",
          real.name(),
          Protocol2.hours(score.firstHours()),
          Protocol2.hours(score.leakHours()),
          24 * real.days());
    }
    return report.out.toString();
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }
}
