package io.leakwatch.evaluation;

import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Population;
import io.leakwatch.evaluation.population.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Protocol 2, to be run in a loop while the detector is worked on.
 *
 * <p>Arguments, with their defaults: {@code seeds=0:15} (first and count), {@code heldout=false},
 * {@code inuse=false}, {@code lambda=.01} (late fills per process-day), {@code only=} ({@code
 * benign} or {@code leaks}), {@code step=300} (seconds; leaks of kind B have 60), {@code
 * threads=2}, {@code detector=leakwatch} ({@code predict}, {@code mk24}, {@code mk72}), {@code
 * match=} (a part of a series' name, parts or mode), {@code verbose} (names each false alarm and
 * each leak that is told late or never), {@code real=} ({@code tuning} or {@code unseen}: the
 * recorded series of real machines instead), {@code export=DIRECTORY} (writes the series as CSV for
 * {@code replay} and judges nothing), {@code load=false} (cores are given), {@code siblings=0}
 * (days that others of the build have lived, given with each sample).
 *
 * <p>Seeds below 1000 are there to choose by; seeds from 100,000 and {@code heldout=true} are for
 * reports.
 */
final class Protocol2 {
  /** Leaks told later are named. */
  private static final double[] LATE_HOURS = {60, 36, 20, 12};

  private static final String SHIPPED = "leakwatch";

  private static final List<String> ARGUMENTS =
      List.of(
          "seeds",
          "heldout",
          "inuse",
          "lambda",
          "only",
          "step",
          "threads",
          "detector",
          "match",
          "verbose",
          "real",
          "export",
          "load",
          "siblings");

  private Protocol2() {}

  /**
   * What is to be run.
   *
   * @param only {@code benign}, {@code leaks} or empty
   * @param match a part of the name; empty takes all
   */
  record Settings(
      long firstSeed,
      int seeds,
      boolean heldOut,
      Scenario.Given given,
      double lambda,
      String only,
      double stepSeconds,
      int threads,
      String detector,
      String match,
      boolean verbose,
      String real,
      String export) {

    static Settings of(String... arguments) {
      Map<String, String> given = new HashMap<>();
      for (String argument : arguments) {
        int at = argument.indexOf('=');
        given.put(at < 0 ? argument : argument.substring(0, at), argument.substring(at + 1));
      }
      String[] seeds = given.getOrDefault("seeds", "0:15").split(":", -1);
      Settings settings =
          new Settings(
              Long.parseLong(seeds[0]),
              seeds.length > 1 ? Integer.parseInt(seeds[1]) : 1,
              Boolean.parseBoolean(given.getOrDefault("heldout", "false")),
              new Scenario.Given(
                  Boolean.parseBoolean(given.getOrDefault("inuse", "false")),
                  Boolean.parseBoolean(given.getOrDefault("load", "false")),
                  Double.parseDouble(given.getOrDefault("siblings", "0"))),
              Double.parseDouble(given.getOrDefault("lambda", ".01")),
              given.getOrDefault("only", ""),
              Double.parseDouble(given.getOrDefault("step", "300")),
              Integer.parseInt(given.getOrDefault("threads", "2")),
              given.getOrDefault("detector", SHIPPED),
              given.getOrDefault("match", ""),
              given.containsKey("verbose"),
              given.getOrDefault("real", ""),
              given.getOrDefault("export", ""));
      given.keySet().removeAll(ARGUMENTS);
      if (!given.isEmpty()) {
        throw new IllegalArgumentException("Unknown: " + given.keySet());
      }
      return settings;
    }

    List<Plan> plans() {
      List<Plan> plans = new ArrayList<>();
      for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
        if (!only.equals("leaks")) {
          plans.addAll(Plan.benign(seed, stepSeconds, heldOut, lambda));
        }
        if (!only.equals("benign")) {
          plans.addAll(Plan.leaks(seed, stepSeconds, heldOut, lambda));
        }
      }
      return plans;
    }

    boolean matches(Scenario s) {
      return match.isEmpty()
          || s.id().contains(match)
          || s.shape().contains(match)
          || s.mode().contains(match);
    }

    Supplier<Contestant> contestant() {
      return switch (detector) {
        case SHIPPED -> Contestant.Shipped::new;
        case "predict" -> PeerContestant::predictLinear;
        case "mk24" -> () -> PeerContestant.mannKendall(24);
        case "mk72" -> () -> PeerContestant.mannKendall(72);
        default -> throw new IllegalArgumentException(detector);
      };
    }
  }

  public static void main(String... arguments) throws IOException, InterruptedException {
    Settings settings = Settings.of(arguments);
    if (!settings.export().isEmpty()) {
      export(settings);
      return;
    }
    List<Score> scores;
    if (settings.real().isEmpty()) {
      scores = run(settings);
      System.out.print(report(settings, scores));
    } else {
      RealReport.Half half = RealReport.Half.valueOf(settings.real().toUpperCase(Locale.ROOT));
      scores = RealReport.run(half, settings.contestant());
      System.out.print(RealReport.text(half, scores, Recorded.release().of(scores, false)));
      System.out.print(RealReport.leaks(settings.contestant()));
    }
    if (settings.verbose()) {
      scores.forEach(Protocol2::tell);
    }
  }

  /** The report, beside what the release before told where the same series were recorded. */
  static String report(Settings settings, List<Score> scores) {
    Protocol2Report report =
        new Protocol2Report(
            scores,
            Recorded.release().of(scores, settings.given().inUse()),
            Ambiguity.of(settings.heldOut(), settings.lambda()));
    return String.format(
            Locale.ROOT,
            "Protocol 2: %s, %s shapes, seeds %d to %d, step %.0f s, lambda %s a day%s%n%n",
            settings.detector(),
            settings.heldOut() ? "unseen" : "development",
            settings.firstSeed(),
            settings.firstSeed() + settings.seeds() - 1,
            settings.stepSeconds(),
            settings.lambda(),
            (settings.given().inUse() ? ", in-use bytes given" : "")
                + (settings.given().load() ? ", load given" : ""))
        + (settings.detector().equals(SHIPPED) ? report.text() : report.brief());
  }

  /** Draws and judges all series, in the order of the plans. */
  static List<Score> run(Settings settings) throws InterruptedException {
    List<Plan> plans = settings.plans();
    Score[] scores = new Score[plans.size()];
    AtomicInteger next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Supplier<Contestant> contestants = settings.contestant();
    for (int k = 0; k < settings.threads(); k++) {
      Thread thread =
          new Thread(
              () -> {
                Contestant contestant = contestants.get();
                for (int i = next.getAndIncrement();
                    i < scores.length;
                    i = next.getAndIncrement()) {
                  Scenario scenario = Population.make(plans.get(i));
                  if (settings.matches(scenario)) {
                    scores[i] = Score.of(scenario, contestant, settings.given());
                  }
                }
              });
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.get(0));
    }
    List<Score> judged = new ArrayList<>();
    for (Score score : scores) {
      if (score != null) {
        judged.add(score);
      }
    }
    return judged;
  }

  private static void export(Settings settings) throws IOException {
    Path directory = Path.of(settings.export());
    Files.createDirectories(directory);
    for (Plan plan : settings.plans()) {
      Scenario scenario = Population.make(plan);
      if (settings.matches(scenario)) {
        String name = scenario.id().replace('/', '-');
        scenario.export(directory.resolve(name + ".csv"));
        System.out.printf(
            Locale.ROOT,
            "%s.csv onset %s %s %s%n",
            name,
            scenario.benign()
                ? "none"
                : String.format(
                    Locale.ROOT,
                    "%.1f h",
                    (scenario.seconds()[scenario.onset()] - scenario.seconds()[0]) / 3600),
            scenario.mode(),
            scenario.shape());
      }
    }
  }

  /** Names what went wrong on a series. */
  private static void tell(Score s) {
    for (Score.Alarm alarm : s.alarms()) {
      System.out.printf(
          Locale.ROOT,
          "%s %s %s at %.1f h, age %.1f h%s: %s | %s %s%n",
          s.benign() ? "FALSE" : "EARLY",
          s.id(),
          alarm.message().name().toLowerCase(Locale.ROOT),
          alarm.watchSeconds() / 3600,
          alarm.ageSeconds() / 3600,
          alarm.excused() ? ", excused" : "",
          alarm.reason(),
          s.mode(),
          s.shape());
    }
    if (s.benign()) {
      return;
    }
    double late = s.rate() == Plan.B ? .5 : LATE_HOURS[s.band() < 0 ? 3 : s.band()];
    if (s.unannounced() || !(s.firstHours() <= late)) {
      System.out.printf(
          Locale.ROOT,
          "%s %s %s from %s, %s: first %s, leak %s, limit %s | %s%n",
          s.unannounced() ? "UNANNOUNCED" : Double.isInfinite(s.firstHours()) ? "MISSED" : "LATE",
          s.id(),
          Plan.RATES.get(s.rate()),
          s.band() < 0 ? s.group().word() : Plan.ONSETS.get(s.band()),
          s.mode(),
          hours(s.firstHours()),
          hours(s.leakHours()),
          hours(s.limitHours()),
          s.shape());
    }
  }

  /** A time since the onset. */
  static String hours(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "after %.1f h", value) : "never";
  }
}
