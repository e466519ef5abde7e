package io.leakwatch.evaluation.families;

import io.leakwatch.replay.AlarmRate;
import io.leakwatch.verdict.VerdictKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What one detector did on the series of one family. */
final class Tally {
  private long episodes;
  private long alarmedSeries;
  private long series;
  private double days;
  private final List<Double> delayHours = new ArrayList<>();
  private final List<Double> reachableDelayHours = new ArrayList<>();
  private final List<Double> boundHours = new ArrayList<>();
  private final List<Double> leakedBytes = new ArrayList<>();
  private final List<Double> headroomShares = new ArrayList<>();
  private final Map<VerdictKind, Integer> finals = new EnumMap<>(VerdictKind.class);

  synchronized void add(Recording recording, Alarms alarms) {
    long wrong = alarms.falseAlarms(recording);
    episodes += wrong;
    alarmedSeries += wrong > 0 ? 1 : 0;
    series++;
    finals.merge(alarms.last(), 1, Integer::sum);
    if (recording.benign()) {
      days += recording.days();
      return;
    }
    days += (recording.seconds()[recording.onset()] - recording.seconds()[0]) / 86400;
    double delay = alarms.delaySeconds(recording) / 3600;
    double delayOrNever = Double.isNaN(delay) ? Double.POSITIVE_INFINITY : delay;
    delayHours.add(delayOrNever);
    if (recording.reachable()) {
      reachableDelayHours.add(delayOrNever);
    }
    if (recording.noiseBytes() > 0) {
      boundHours.add(recording.boundHours());
    }
    if (Double.isFinite(delay) && recording.leaked().length > 0) {
      int onset = recording.onset();
      double leaked = recording.leaked()[recording.at(alarms.firstAfterOnset())];
      leakedBytes.add(leaked);
      headroomShares.add(leaked / (recording.limit()[onset] - recording.bytes()[onset]));
    }
  }

  synchronized void add(Tally other) {
    episodes += other.episodes;
    alarmedSeries += other.alarmedSeries;
    series += other.series;
    days += other.days;
    delayHours.addAll(other.delayHours);
    reachableDelayHours.addAll(other.reachableDelayHours);
    boundHours.addAll(other.boundHours);
    leakedBytes.addAll(other.leakedBytes);
    headroomShares.addAll(other.headroomShares);
    other.finals.forEach((kind, count) -> finals.merge(kind, count, Integer::sum));
  }

  long episodes() {
    return episodes;
  }

  long series() {
    return series;
  }

  double days() {
    return days;
  }

  double perThousandDays() {
    return days > 0 ? 1000 * episodes / days : Double.NaN;
  }

  double recall() {
    return recall(Double.MAX_VALUE);
  }

  /** Share of the leaks that are found within so many hours. */
  double recall(double hours) {
    return share(delayHours, hours);
  }

  private static double share(List<Double> delays, double hours) {
    return delays.isEmpty()
        ? Double.NaN
        : delays.stream().filter(delay -> delay <= hours).count() / (double) delays.size();
  }

  /** How many of the leaks a detector that knows noise, rate and onset would find. */
  double reachableShare() {
    return reachableDelayHours.size() / (double) Math.max(1, delayHours.size());
  }

  /** Share of those leaks that are found. */
  double reachableRecall() {
    return share(reachableDelayHours, Double.MAX_VALUE);
  }

  double delayHours(double quantile) {
    return quantile(delayHours, quantile);
  }

  double boundHours() {
    return quantile(boundHours, 0.5);
  }

  /** Median share of the room between the level at the onset and the limit that had leaked. */
  double headroomShare() {
    return quantile(headroomShares, 0.5);
  }

  /** Share of the series with a false alarm. */
  double alarmedShare() {
    return alarmedSeries / (double) Math.max(1, series);
  }

  List<Double> delays() {
    return List.copyOf(delayHours);
  }

  double leakedGigabytes() {
    return quantile(leakedBytes, 0.5) / 1e9;
  }

  double finalShare(VerdictKind... kinds) {
    long count = 0;
    for (VerdictKind kind : kinds) {
      count += finals.getOrDefault(kind, 0);
    }
    return count / (double) Math.max(1, series);
  }

  String finals() {
    return finals.entrySet().stream()
        .map(
            e ->
                String.format(
                    Locale.ROOT,
                    "%s %.0f %%",
                    e.getKey().wireName(),
                    100.0 * e.getValue() / Math.max(1, series)))
        .collect(Collectors.joining(", "));
  }

  private static double quantile(List<Double> values, double q) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(q * sorted.size())));
  }

  /**
   * False alarms for 1000 process-days with the exact 95 % interval, e.g. {@code 0.4 (0.1-1.1)}.
   */
  String falseAlarmCell() {
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f–%.2f)",
        perThousandDays(),
        1000 * AlarmRate.bound(episodes, false) / days,
        1000 * AlarmRate.bound(episodes, true) / days);
  }

  String delayCell() {
    return String.format(Locale.ROOT, "%.0f %% / %s / %s", 100 * recall(), hours(0.5), hours(0.9));
  }

  /** The same of the reachable leaks alone. */
  String reachableCell() {
    return reachableDelayHours.isEmpty()
        ? "none"
        : String.format(
            Locale.ROOT,
            "%.0f %% / %s / %s",
            100 * reachableRecall(),
            hoursOf(quantile(reachableDelayHours, 0.5)),
            hoursOf(quantile(reachableDelayHours, 0.9)));
  }

  /** How many are reachable, e.g. {@code 71 of 80}. */
  String reachableCount() {
    return reachableDelayHours.size() + " of " + delayHours.size();
  }

  /** A delay in hours; a dash where fewer are found. */
  String hours(double q) {
    return hoursOf(delayHours(q));
  }

  private static String hoursOf(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "–";
  }
}
