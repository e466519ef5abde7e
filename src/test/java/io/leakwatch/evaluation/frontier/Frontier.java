package io.leakwatch.evaluation.frontier;

import io.github.metarank.lightgbm4j.LGBMException;
import io.leakwatch.evaluation.Contestant;
import io.leakwatch.evaluation.Score;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Population;
import io.leakwatch.evaluation.population.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How early could any detector tell the slow leaks of protocol 2? Trees are taught on this very
 * population what an hour looks like in which something leaks, and are judged beside the shipped
 * detector on the same series.
 *
 * <p>They see what the detector sees of the working set and the age, {@link
 * io.leakwatch.trend.HourFigures}, but no limits. Their alarms are tuned on the series that they
 * are judged by. So what they reach is a bound in favour of the learner: a detector that was not
 * taught how this population is drawn is not expected to beat it at the same false alarms.
 *
 * <p>Arguments, with their defaults: {@code train=1000:300} (first seed and count, always of the
 * development shapes), {@code judged=200000:60}, {@code heldout=true} (the judged shapes), {@code
 * every=3} (one of so many hours is learnt from).
 *
 * <p>{@code mvn -Pbenchmark-detection verify -Dleakwatch.frontier=true} writes {@code
 * target/detection/frontier.txt} beside the rest; with {@code -Dtest=FrontierBenchmark} nothing
 * else, and with {@code -Dleakwatch.frontier.arguments="train=1000:20 judged=200000:5"} by other
 * arguments. The defaults take 6 GB of memory and ten minutes of processor time.
 */
final class Frontier {
  private static final Path OUT = Path.of("target/detection/frontier.txt");
  private static final List<String> ARGUMENTS = List.of("train", "judged", "heldout", "every");

  /** What is asked of each band of age: false alarms in 1000 days. */
  private static final double[] GOALS = {5, 3, 2, 2, 1};

  private static final double STEP_SECONDS = 300;
  private static final double LATE_FILLS = .01;
  private static final int NAMED_FIGURES = 12;

  private Frontier() {}

  /** A range of seeds. */
  record Seeds(long first, int count) {
    static Seeds of(String text) {
      String[] parts = text.split(":", -1);
      return new Seeds(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
    }

    /** All series but the surges. */
    List<Plan> plans(boolean heldOut) {
      List<Plan> plans = new ArrayList<>();
      for (long seed = first; seed < first + count; seed++) {
        plans.addAll(Plan.benign(seed, STEP_SECONDS, heldOut, LATE_FILLS));
        plans.addAll(Plan.leaks(seed, STEP_SECONDS, heldOut, LATE_FILLS));
      }
      plans.removeIf(Plan::surges);
      return plans;
    }

    @Override
    public String toString() {
      return first + " to " + (first + count - 1);
    }
  }

  /** What is to be run. */
  record Settings(Seeds train, Seeds judged, boolean heldOut, int every) {
    static Settings of(String... arguments) {
      Map<String, String> given = new HashMap<>();
      for (String argument : arguments) {
        int at = argument.indexOf('=');
        given.put(at < 0 ? argument : argument.substring(0, at), argument.substring(at + 1));
      }
      Settings settings =
          new Settings(
              Seeds.of(given.getOrDefault("train", "1000:300")),
              Seeds.of(given.getOrDefault("judged", "200000:60")),
              Boolean.parseBoolean(given.getOrDefault("heldout", "true")),
              Integer.parseInt(given.getOrDefault("every", "3")));
      given.keySet().removeAll(ARGUMENTS);
      if (!given.isEmpty()) {
        throw new IllegalArgumentException("Unknown: " + given.keySet());
      }
      return settings;
    }
  }

  public static void main(String... arguments) throws IOException, LGBMException {
    write(Settings.of(arguments));
  }

  static void write(Settings settings) throws IOException, LGBMException {
    String text = report(settings);
    System.out.print(text);
    Files.createDirectories(OUT.getParent());
    Files.writeString(OUT, text);
  }

  private static String report(Settings settings) throws IOException, LGBMException {
    try (BoostedTrees trees = BoostedTrees.learn(training(settings))) {
      List<Plan> plans = settings.judged().plans(settings.heldOut());
      List<Judged> judged = plans.parallelStream().map(plan -> judge(plan, trees)).toList();
      FrontierReport report =
          new FrontierReport(
              judged.stream().map(Judged::learner).toList(),
              judged.stream().map(Judged::shipped).toList());
      report.header(settings, trees.mostTelling(NAMED_FIGURES));
      for (int factor : new int[] {1, 3, 6}) {
        double[] budget = Arrays.stream(GOALS).map(goal -> factor * goal).toArray();
        report.learner(factor == 1 ? "the goals" : factor + " times the goals", budget);
      }
      report.learner("the rates of the shipped detector", report.shippedRates());
      report.shipped();
      return report.text();
    }
  }

  private static List<HourlySeries> training(Settings settings) {
    List<Plan> plans = settings.train().plans(false);
    int every = settings.every();
    return IntStream.range(0, plans.size())
        .parallel()
        .mapToObj(i -> HourlySeries.of(Population.make(plans.get(i)), every, i % every))
        .toList();
  }

  /** What the trees and the shipped detector say of a series. */
  private record Judged(ScoredSeries learner, Score shipped) {}

  private static Judged judge(Plan plan, BoostedTrees trees) {
    Scenario scenario = Population.make(plan);
    HourlySeries series = HourlySeries.of(scenario, 1, 0);
    return new Judged(
        ScoredSeries.of(series, trees.scores(series)),
        Score.of(scenario, new Contestant.Shipped(), Scenario.Given.NOTHING));
  }
}
