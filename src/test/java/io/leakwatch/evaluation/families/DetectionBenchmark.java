package io.leakwatch.evaluation.families;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Defaults;
import io.leakwatch.replay.Replay;
import io.leakwatch.replay.ReplayPlot;
import io.leakwatch.sample.Sample;
import io.leakwatch.trend.Detector;
import io.leakwatch.verdict.ProcessJudge;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole evaluation: {@code mvn -Pbenchmark-detection verify} writes {@code
 * target/detection/report.md} and pictures. The settings were chosen on seeds below 1000 and on
 * every other real series; seeds from 100,000 and the other half are reported.
 */
@Tag("detection")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class DetectionBenchmark {
  private static final Path OUT = Path.of("target/detection");
  private static final long FIRST_SEED = 100_000;
  private static final double FIVE_DAYS_HOURS = 120;
  private static final int SERIES = Integer.getInteger("leakwatch.series.count", 100);
  private static final int CONFUSION_SERIES = Math.min(20, SERIES);
  private static final int PEER_SERIES = Integer.getInteger("leakwatch.peer.count", 20);

  /** Every so many of the unseen real series get leaks put in, to bound the time. */
  private static final int INJECTED_EACH = Integer.getInteger("leakwatch.injected.each", 2);

  private static final List<String> FAMILIES =
      Stream.of(Corpus.BENIGN, Corpus.LEAKS, Corpus.HELD).flatMap(List::stream).toList();

  private final StringBuilder report = new StringBuilder();

  @Test
  void measuresTheDetectorAndItsPeers() throws IOException {
    Files.createDirectories(OUT);
    line("# Detection quality");
    line("");
    cost();
    save();
    synthetic();
    shortLives();
    save();
    confusion();
    save();
    examples();
    real();
    save();
    peers();
    save();
    assertTrue(report.length() > 0);
  }

  private void save() throws IOException {
    Files.writeString(OUT.resolve("report.md"), report);
  }

  private void shortLives() {
    line(
        "Processes restarted after 6 to 30 hours (B12, L11, L12) or every night (B13, L13), beside"
            + " the protocol: the leak begins after a week (L11) or goes on in every life from the"
            + " first on (L12, L13; L14 as L10).");
    line("");
    line("| family | RSS | in use |");
    line("|---|---|---|");
    for (String family : Corpus.SHORT_LIVED) {
      line(
          "| %s | %s | %s |",
          family, run(family, false).falseAlarmCell(), run(family, true).falseAlarmCell());
    }
    for (String family : Corpus.SHORT_LIVED_LEAKS) {
      line(
          "| %s | %s | %s |",
          family, run(family, false).delayCell(), run(family, true).delayCell());
    }
    line("");
  }

  private void synthetic() throws IOException {
    line(
        "Synthetic families, %d series of 21 days each, seeds from %d; RSS alone and with in-use"
            + " bytes. False alarms per 1000 process-days with the exact 95 %% interval; recall /"
            + " median / p90 delay in hours.",
        SERIES, FIRST_SEED);
    line("");
    line(
        "| family | false alarms, RSS | false alarms, in use | verdict at the end, RSS | in use |");
    line("|---|---|---|---|---|");
    Tally all = new Tally();
    Tally allUsed = new Tally();
    for (String family : Corpus.BENIGN) {
      Tally rss = run(family, false);
      Tally used = run(family, true);
      benignRow(family, rss, used);
      if (!family.equals("B10") && !family.equals("B11")) {
        all.add(rss);
        allUsed.add(used);
      }
    }
    benignRow("**B1–B9**", all, allUsed);
    line("");
    line(
        "| family | RSS: recall / median / p90 | bound, median | share of the bound | leaked at the"
            + " alarm, median GB | of the headroom | in use: recall / median / p90 | within five days,"
            + " RSS and in use | before onset, RSS | reachable: of all, recall, RSS |");
    line("|---|---|---|---|---|---|---|---|---|---|");
    Chart delays =
        new Chart(
            "Share of the leaks found, in-use bytes not given",
            "hours since the onset",
            0.1,
            1000,
            "%",
            100);
    List<String> leaks = new ArrayList<>(Corpus.LEAKS);
    leaks.add("P1");
    for (String family : leaks) {
      Tally rss = run(family, false);
      Tally used = run(family, true);
      delays.add(family, distribution(rss.delays()));
      line(
          "| %s | %s | %.1f | %.0f %% | %.2f | %.0f %% | %s | %.0f and %.0f %% | %s | %.0f %%,"
              + " %.0f %% |",
          family,
          rss.delayCell(),
          rss.boundHours(),
          100 * rss.boundHours() / rss.delayHours(0.5),
          rss.leakedGigabytes(),
          100 * rss.headroomShare(),
          used.delayCell(),
          100 * rss.recall(FIVE_DAYS_HOURS),
          100 * used.recall(FIVE_DAYS_HOURS),
          rss.falseAlarmCell(),
          100 * rss.reachableShare(),
          100 * rss.reachableRecall());
    }
    line("");
    reachable();
    line("| family | verdict at the end, in use given |");
    line("|---|---|");
    for (String family : Corpus.HELD) {
      line("| %s | %s |", family, run(family, true).finals());
    }
    line("");
    Files.writeString(OUT.resolve("delays.svg"), delays.svg());
  }

  /** Share of the leaks found up to each delay. */
  private static List<double[]> distribution(List<Double> delays) {
    List<Double> sorted = delays.stream().sorted().toList();
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      points.add(new double[] {sorted.get(i), 100.0 * i / sorted.size()});
      points.add(new double[] {sorted.get(i), 100.0 * (i + 1) / sorted.size()});
    }
    return points;
  }

  /** A picture of one series of each family, as {@code replay --plot} draws it. */
  private static void examples() throws IOException {
    for (String family : FAMILIES) {
      Recording recording = Corpus.series(family, FIRST_SEED);
      ReplayPlot plot = new ReplayPlot(recording.name());
      Replay replay =
          new Replay(
              new ProcessJudge(Defaults.TREND), new Escalation(Defaults.SEVERITY), plot::change);
      for (int i = 0; i < recording.length(); i++) {
        Sample sample = recording.sample(i, true);
        replay.accept(sample);
        plot.sample(sample);
      }
      replay.newest().ifPresent(plot::end);
      Files.writeString(OUT.resolve("example-" + family + ".svg"), plot.svg());
    }
  }

  private void benignRow(String name, Tally rss, Tally used) {
    line(
        "| %s | %s | %s | %s | %s |",
        name, rss.falseAlarmCell(), used.falseAlarmCell(), rss.finals(), used.finals());
  }

  private static Tally run(String family, boolean inUse) {
    Tally tally = new Tally();
    seeds(SERIES)
        .forEach(
            seed -> {
              Recording recording = Corpus.series(family, seed);
              tally.add(recording, Alarms.of(recording, inUse));
            });
    return tally;
  }

  private static LongStream seeds(int count) {
    return LongStream.range(FIRST_SEED, FIRST_SEED + count).parallel();
  }

  private void confusion() {
    line(
        "What is it 6, 24 and 72 hours after it began (%d series a family, in-use bytes given)? Rows"
            + " are the truth, columns what was told; shares of a row in %%.",
        CONFUSION_SERIES);
    line("");
    int horizons = Shape.HORIZON_HOURS.length;
    Confusion[] told = new Confusion[horizons];
    Confusion[] blind = new Confusion[horizons];
    Arrays.setAll(told, k -> new Confusion());
    Arrays.setAll(blind, k -> new Confusion());
    for (String family : FAMILIES) {
      seeds(CONFUSION_SERIES)
          .forEach(
              seed -> {
                Recording recording = Corpus.series(family, seed);
                count(told, recording, true);
                count(blind, recording, false);
              });
    }
    for (int k = 0; k < horizons; k++) {
      matrix(Shape.HORIZON_HOURS[k], told[k], blind[k]);
    }
  }

  private static void count(Confusion[] horizons, Recording recording, boolean inUse) {
    List<Shape> shapes = Alarms.of(recording, inUse).shapes();
    for (int k = 0; k < shapes.size(); k++) {
      horizons[k].add(Shape.truth(recording.family()), shapes.get(k));
    }
  }

  private void matrix(int hours, Confusion told, Confusion blind) {
    StringBuilder head = new StringBuilder();
    for (Shape shape : Shape.values()) {
      head.append(" ").append(shape.name().toLowerCase(Locale.ROOT)).append(" |");
    }
    line("| after %d h |%s", hours, head);
    line("|---|%s", "---|".repeat(Shape.values().length));
    for (Shape truth : Shape.values()) {
      int all = 0;
      for (Shape shape : Shape.values()) {
        all += told.count(truth, shape);
      }
      StringBuilder row = new StringBuilder();
      for (Shape shape : Shape.values()) {
        row.append(" ").append(Math.round(100.0 * told.count(truth, shape) / Math.max(1, all)));
        row.append(" |");
      }
      line("| **%s** |%s", truth.name().toLowerCase(Locale.ROOT), row);
    }
    line("");
    line(
        "Macro-F1 %.2f; from the working set alone %.2f, where held cannot be told from a step.",
        told.macroF1(), blind.macroF1());
    line("");
  }

  private void real() {
    if (!RealSeries.present()) {
      line("Real series: skipped, they are not at %s.", RealSeries.HOME);
      return;
    }
    line("Real benign series; the settings were chosen on one half of each set.");
    line("");
    line("| set | half used for tuning | unseen half | both, days |");
    line("|---|---|---|---|");
    List<Recording> benign = RealSeries.labelled("benign");
    for (String set : List.of("bitbrains", "alibaba", "eso", "gc")) {
      Tally[] halves = {new Tally(), new Tally()};
      IntStream.range(0, benign.size())
          .parallel()
          .filter(i -> benign.get(i).family().equals(set))
          .forEach(i -> halves[i % 2].add(benign.get(i), Alarms.of(benign.get(i), false)));
      line(
          "| %s | %d: %s | %d: %s | %.0f |",
          set,
          halves[0].episodes(),
          halves[0].falseAlarmCell(),
          halves[1].episodes(),
          halves[1].falseAlarmCell(),
          halves[0].days() + halves[1].days());
    }
    line("");
    injected(benign);
    Tally leaks = new Tally();
    for (Recording leak : RealSeries.labelled("leak")) {
      Alarms alarms = Alarms.of(leak, false);
      leaks.add(leak, alarms);
      line("Real leak %s: %s, at the end %s.", leak.name(), leaks.delayCell(), leaks.finals());
    }
    Tally aging = new Tally();
    RealSeries.labelled("aging").forEach(r -> aging.add(r, Alarms.of(r, false)));
    line(
        "Ageing hosts (neither right nor wrong): %d episodes in %.0f days.",
        aging.episodes(), aging.days());
    line("");
  }

  private void injected(List<Recording> benign) {
    line(
        "Leaks put into every %d. series of the unseen real half; recall within 14 days / median /"
            + " p90 delay in hours. The bound knows the noise (an AR(1) fitted to the week before),"
            + " the rate and the onset.",
        INJECTED_EACH);
    line("");
    line("| %% of the median a day | linear | bursts | with the load | bound, median |");
    line("|---|---|---|---|---|");
    for (int rate = 0; rate < RealSeries.RATES; rate++) {
      StringBuilder row = new StringBuilder();
      StringBuilder reachable = new StringBuilder();
      Tally all = new Tally();
      for (RealSeries.Injection kind : RealSeries.Injection.values()) {
        Tally tally = new Tally();
        int index = rate;
        IntStream.range(0, benign.size())
            .parallel()
            .filter(i -> i % (2 * INJECTED_EACH) == 1)
            .mapToObj(i -> RealSeries.inject(benign.get(i), kind, index, FIRST_SEED))
            .filter(Objects::nonNull)
            .forEach(leak -> tally.add(leak, Alarms.of(leak, false)));
        row.append(" ").append(tally.delayCell()).append(" |");
        reachable.append(String.format(" %s: %s |", tally.reachableCount(), tally.reachableCell()));
        all.add(tally);
      }
      line("| %s |%s %.0f |", RealSeries.rateName(rate), row, all.boundHours());
      line("| of those reachable |%s |", reachable);
    }
    line("");
    reachable();
  }

  private void reachable() {
    line(
        "Reachable is a leak that lasts, until the series ends or the limit is reached, at least as"
            + " long as its own bound, and whose bound is 14 days at most: it depends on the series and"
            + " the leak alone, not on the detector.");
    line("");
  }

  private void peers() throws IOException {
    PeerSweep sweep = new PeerSweep();
    for (String family : Corpus.BENIGN.subList(0, 9)) {
      seeds(PEER_SERIES).forEach(seed -> sweep.add("B1–B9", Corpus.series(family, seed)));
    }
    List<String> leaks = new ArrayList<>(Corpus.LEAKS);
    leaks.add("P1");
    for (String family : leaks) {
      seeds(PEER_SERIES).forEach(seed -> sweep.add(family, Corpus.series(family, seed)));
    }
    if (RealSeries.present()) {
      List<Recording> benign = RealSeries.labelled("benign");
      IntStream.range(0, benign.size())
          .parallel()
          .filter(i -> i % 2 == 1 && benign.get(i).days() > 3)
          .forEach(i -> sweep.add(benign.get(i).family(), Peers.onGrid(benign.get(i))));
    }
    published(sweep, leaks);
    equalFalseAlarms(sweep);
    precision(sweep);
    pictures(sweep);
  }

  private void published(PeerSweep sweep, List<String> leaks) {
    line(
        "Published detectors on the same input, %d series per family, the unseen half of the real"
            + " sets: false alarms per 1000 process-days, and recall / median delay in hours.",
        PEER_SERIES);
    line("");
    line(
        "| detector | B1–B9 | Bitbrains | Alibaba | %s | L1–L9, of those reachable |",
        String.join(" | ", leaks));
    line("|---|---|---|---|%s", "---|".repeat(leaks.size() + 1));
    List<String> detectors = new ArrayList<>(List.of(PeerSweep.LEAKWATCH));
    Peers.ALL.forEach(named -> detectors.add(named.name()));
    for (String detector : detectors) {
      StringBuilder row = new StringBuilder();
      for (String set : PeerSweep.HEALTHY) {
        row.append(
            sweep.has(set)
                ? String.format(Locale.ROOT, " %.2f |", sweep.cell(detector, set).perThousandDays())
                : " skipped |");
      }
      for (String family : leaks) {
        Tally tally = sweep.cell(detector, family);
        double median = tally.delayHours(0.5);
        row.append(
            String.format(
                Locale.ROOT,
                " %.0f %%%s |",
                100 * tally.recall(),
                Double.isFinite(median) ? String.format(Locale.ROOT, " / %.0f", median) : ""));
      }
      Tally leaking = sweep.together(detector, PeerSweep.LEAKING);
      row.append(
          String.format(
              Locale.ROOT,
              " %.0f %% of %s |",
              100 * leaking.reachableRecall(),
              leaking.reachableCount()));
      line("| %s |%s", detector, row);
    }
    line("");
  }

  private void equalFalseAlarms(PeerSweep sweep) {
    line(
        "Delays at equal false alarms: the main threshold of each detector (limit's multiple, slope,"
            + " z, R², filling, sum) is raised until B1–B9 and the real sets together have at most"
            + " 10 and at most 1 false alarm per 1000 process-days. Recall of L1–L9 / median delay of"
            + " L1 / of L1–L9, hours.");
    line("");
    line("| detector | published | at most 10 | at most 1 |");
    line("|---|---|---|---|");
    line(
        "| %s | %s | as it is | as it is |",
        PeerSweep.LEAKWATCH, swept(sweep, PeerSweep.LEAKWATCH));
    for (Peers.Named named : Peers.ALL) {
      StringBuilder row = new StringBuilder();
      for (double budget : new double[] {10, 1}) {
        int step = sweep.stepFor(named, budget);
        row.append(
            step < 0
                ? " not reached |"
                : String.format(
                    Locale.ROOT,
                    " above %.3g: %s |",
                    named.sweep().threshold(step),
                    swept(sweep, PeerSweep.name(named, step))));
      }
      line("| %s | %s |%s", named.name(), swept(sweep, named.name()), row);
    }
    line("");
  }

  private static String swept(PeerSweep sweep, String detector) {
    Tally leaks = sweep.together(detector, PeerSweep.LEAKING);
    return String.format(
        Locale.ROOT,
        "%.2f false; %.0f %% / %s / %s",
        sweep.together(detector, PeerSweep.HEALTHY).perThousandDays(),
        100 * leaks.recall(),
        sweep.cell(detector, "L1").hours(0.5),
        leaks.hours(0.5));
  }

  private void precision(PeerSweep sweep) {
    line(
        "Precision: if one in so many processes leaks (L1–L9) and the others are like B1–B9, this"
            + " share of the processes with an alarm within three weeks leaks.");
    line("");
    line("| detector | 0.1 %% leak | 1 %% | 5 %% |");
    line("|---|---|---|---|");
    List<String> detectors = new ArrayList<>(List.of(PeerSweep.LEAKWATCH));
    Peers.ALL.forEach(named -> detectors.add(named.name()));
    for (String detector : detectors) {
      double recall = sweep.together(detector, PeerSweep.LEAKING).recall();
      double wrong = sweep.cell(detector, "B1–B9").alarmedShare();
      StringBuilder row = new StringBuilder();
      for (double prevalence : new double[] {0.001, 0.01, 0.05}) {
        double right = prevalence * recall;
        double precision = right / Math.max(1e-12, right + (1 - prevalence) * wrong);
        row.append(String.format(Locale.ROOT, " %.1f %% |", 100 * precision));
      }
      line("| %s |%s", detector, row);
    }
    line("");
  }

  private static void pictures(PeerSweep sweep) throws IOException {
    for (boolean recall : new boolean[] {true, false}) {
      Chart chart =
          new Chart(
              recall ? "Recall of L1–L9 at equal false alarms" : "Delay at equal false alarms",
              "false alarms per 1000 process-days, healthy synthetic and real",
              0.1,
              1000,
              recall ? "% within 14 days" : "median delay of L1–L9, hours",
              recall ? 100 : 200);
      chart.add(PeerSweep.LEAKWATCH, List.of(sweep.point(PeerSweep.LEAKWATCH, recall)));
      Peers.ALL.forEach(named -> chart.add(named.name(), sweep.curve(named, recall)));
      Files.writeString(
          OUT.resolve(recall ? "recall-false-alarms.svg" : "delay-false-alarms.svg"), chart.svg());
    }
  }

  private void cost() {
    List<Recording> recordings = new ArrayList<>();
    for (String family : List.of("B1", "B2", "B8", "L3", "P1")) {
      recordings.add(Corpus.series(family, FIRST_SEED));
    }
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long bytes = 0;
    long nanos = 0;
    long samples = 0;
    for (int round = 0; round < 20; round++) {
      for (Recording recording : recordings) {
        Detector detector = new Detector(Defaults.TREND);
        long begin = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < recording.length(); i++) {
          detector.accept(recording.sample(i, true));
        }
        if (round >= 5) {
          nanos += thread.getCurrentThreadCpuTime() - begin;
          samples += recording.length();
        }
        bytes = Math.max(bytes, detector.retainedBytes());
      }
    }
    line(
        "Cost: %.1f µs per five-minute sample with in-use bytes, %.1f kB of state per process; 200"
            + " processes at one sample a minute take %.4f %% of a core.",
        nanos / 1e3 / samples, bytes / 1e3, 100 * 200 / 60.0 * nanos / 1e9 / samples);
  }

  private void line(String format, Object... arguments) {
    report.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
