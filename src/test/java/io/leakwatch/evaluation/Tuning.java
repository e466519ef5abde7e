package io.leakwatch.evaluation;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.diagnose.Judge;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.diagnose.VerdictKind;
import io.leakwatch.history.Sample;
import io.leakwatch.trend.Channel;
import io.leakwatch.trend.Detector;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import io.leakwatch.trend.TrendSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A quick look at this detector alone while its rules are worked on: false alarms and delays of
 * some families on the seeds and real series that may be used for tuning.
 *
 * <p>{@code java -cp … io.leakwatch.evaluation.Tuning B8,L1,L1+,real,inject 100 0}: families (a
 * plus adds in-use bytes), series per family, first seed. {@code pieces} are the real series cut
 * into three weeks each, so that many more young processes are seen. {@code -Dverbose=true} tells
 * of each false alarm and each miss.
 */
final class Tuning {
  private static final int REAL_EACH = Integer.getInteger("each", 1);
  private static final boolean VERBOSE = Boolean.getBoolean("verbose");

  private static final double PIECE_DAYS = 21;

  private Tuning() {}

  public static void main(String[] arguments) {
    String families =
        arguments.length > 0
            ? arguments[0]
            : "B1,B2,B3,B4,B5,B6,B7,B8,B9,L1,L2,L3,L4,L5,L6,L7,L8,L9,L10,P1";
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 40;
    int first = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
    if (first >= 100_000) {
      throw new IllegalArgumentException("the seeds from 100,000 are for the report alone");
    }
    Tally benign = new Tally();
    for (String family : families.split(",")) {
      if (family.equals("real")) {
        for (String set : List.of("bitbrains", "alibaba")) {
          List<Recording> half = tuningHalf().stream().filter(r -> r.family().equals(set)).toList();
          print(set, run(half, false));
        }
      } else if (family.equals("pieces")) {
        print("pieces", run(tuningHalf().stream().flatMap(Tuning::pieces).toList(), false));
      } else if (family.equals("inject")) {
        for (int rate = 3; rate < RealSeries.RATES; rate++) {
          for (RealSeries.Injection kind : RealSeries.Injection.values()) {
            List<Recording> leaks = new ArrayList<>();
            for (Recording real : tuningHalf()) {
              Recording leak = RealSeries.inject(real, kind, rate, 7);
              if (leak != null) {
                leaks.add(leak);
              }
            }
            print(kind + " " + RealSeries.rateName(rate), run(leaks, false));
          }
        }
      } else {
        boolean inUse = family.endsWith("+");
        String name = inUse ? family.substring(0, family.length() - 1) : family;
        Tally tally = run(name, count, first, inUse);
        print(family, tally);
        if (name.matches("B[1-9]")) {
          benign.add(tally);
        }
      }
    }
    print("B1-B9", benign);
  }

  private static List<Recording> tuningHalf() {
    List<Recording> all = RealSeries.labelled("benign");
    return IntStream.range(0, all.size())
        .filter(i -> i % 2 == 0 && i / 2 % REAL_EACH == 0)
        .mapToObj(all::get)
        .toList();
  }

  private static Stream<Recording> pieces(Recording real) {
    int days = (int) (real.days() / PIECE_DAYS);
    return IntStream.range(0, days)
        .mapToObj(
            k ->
                real.part(
                    real.at(real.seconds()[0] + k * PIECE_DAYS * 86400),
                    real.at(real.seconds()[0] + (k + 1) * PIECE_DAYS * 86400)));
  }

  private static Tally run(String family, int count, int first, boolean inUse) {
    Tally tally = new Tally();
    IntStream.range(0, count)
        .parallel()
        .forEach(k -> look(Corpus.series(family, first + k), inUse, tally));
    return tally;
  }

  private static Tally run(List<Recording> recordings, boolean inUse) {
    Tally tally = new Tally();
    recordings.parallelStream().forEach(recording -> look(recording, inUse, tally));
    return tally;
  }

  private static void look(Recording recording, boolean inUse, Tally tally) {
    Detector detector = new Detector(TrendSettings.defaults());
    Judge judge = new Judge();
    Escalation escalation = new Escalation(SeveritySettings.defaults());
    Alarms.Collector collector = new Alarms.Collector(recording);
    VerdictKind last = VerdictKind.UNKNOWN;
    for (int i = 0; i < recording.length(); i++) {
      Sample sample = recording.sample(i, inUse);
      Trend trend = detector.accept(sample);
      Verdict verdict = judge.judge(trend, sample, List.of());
      Severity severity = escalation.update(verdict, sample.timeSeconds());
      last = verdict.kind();
      collector.accept(i, severity != Severity.NONE && last.isAlarming(), last + " " + why(trend));
    }
    Alarms alarms = collector.alarms(last);
    tally.add(recording, alarms);
    boolean missed =
        !recording.benign() && !(alarms.delaySeconds(recording) < Double.POSITIVE_INFINITY);
    if (VERBOSE && (missed || alarms.falseAlarms(recording) > 0)) {
      System.out.printf(
          Locale.ROOT,
          "   %s %s onset %.2f rate %.1f %% noise %.2f %% length %.1f: %s%n",
          missed ? "missed" : "false",
          recording.name(),
          recording.onset() < 0 ? -1 : recording.onset() * recording.days() / recording.length(),
          100 * recording.bytesPerDay() / recording.bytes()[0],
          100 * recording.noiseBytes() / recording.bytes()[0],
          recording.days(),
          alarms.why());
    }
  }

  private static String why(Trend trend) {
    Map<String, String> found = new TreeMap<>();
    for (Growth growth : Arrays.asList(trend.anonymous(), trend.inUse())) {
      if (growth != null && growth.channel() != Channel.NONE) {
        found.put(growth.signal().name(), growth.channel().name() + growth.floors());
      }
    }
    return found.toString();
  }

  private static void print(String name, Tally tally) {
    System.out.printf(
        Locale.ROOT,
        "%-12s FA %3d in %6.0f d  %-20s  %-24s %s bound %.1f  %s%n",
        name,
        tally.episodes(),
        tally.days(),
        tally.falseAlarmCell(),
        Double.isNaN(tally.recall()) ? "" : tally.delayCell(),
        Double.isNaN(tally.recall()) ? "" : String.format("5d %.1f %%", 100 * tally.recall(120)),
        tally.boundHours(),
        tally.finals());
    if (!Double.isNaN(tally.recall())) {
      System.out.printf(
          Locale.ROOT,
          "%-12s reachable %s: %s%n",
          "",
          tally.reachableCount(),
          tally.reachableCell());
    }
  }
}
