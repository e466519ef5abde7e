package io.leakwatch.evaluation.families;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.trend.Detector;
import io.leakwatch.trend.Trend;
import io.leakwatch.verdict.Judge;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * When a detector fired on a recording. An episode begins with the first firing after a day of
 * quiet.
 */
record Alarms(
    List<Double> episodes,
    double firstAfterOnset,
    VerdictKind last,
    String why,
    List<Shape> shapes) {
  private static final double QUIET_SECONDS = 86400;
  static final double RECALL_SECONDS = 14 * 86400;
  private static final Set<VerdictKind> FIRED =
      EnumSet.of(VerdictKind.LEAK, VerdictKind.GROWING, VerdictKind.HELD, VerdictKind.PINNED);

  static Alarms of(Recording recording, boolean withInUse) {
    Detector detector = new Detector(Defaults.TREND);
    Judge judge = new Judge();
    Escalation escalation = new Escalation(Defaults.SEVERITY);
    Collector collector = new Collector(recording);
    VerdictKind last = VerdictKind.UNKNOWN;
    for (int i = 0; i < recording.length(); i++) {
      Sample sample = recording.sample(i, withInUse);
      Trend trend = detector.accept(sample);
      Verdict verdict = judge.judge(trend, sample, List.of());
      Severity severity = escalation.update(verdict, recording.seconds()[i]);
      last = verdict.kind();
      collector.shape(i, Shape.of(last, trend));
      collector.accept(
          i,
          severity != Severity.NONE && FIRED.contains(last),
          verdict.reasons().isEmpty() ? "" : verdict.reasons().get(0));
    }
    return collector.alarms(last);
  }

  /** Gathers episodes while time goes on. */
  static final class Collector {
    private final Recording recording;
    private final List<Double> episodes = new ArrayList<>();
    private double lastFiring = Double.NEGATIVE_INFINITY;
    private boolean before;
    private double firstAfterOnset = Double.NaN;
    private final List<Shape> shapes = new ArrayList<>();
    private final StringBuilder why = new StringBuilder();

    Collector(Recording recording) {
      this.recording = recording;
    }

    void accept(int i, boolean fires, String reason) {
      double now = recording.seconds()[i];
      if (fires && now - lastFiring > QUIET_SECONDS) {
        episodes.add(now);
        if (why.length() < 200) {
          why.append(reason)
              .append('@')
              .append(String.format("%.2f ", (now - recording.seconds()[0]) / 86400));
        }
      }
      if (fires
          && !before
          && Double.isNaN(firstAfterOnset)
          && recording.onset() >= 0
          && i >= recording.onset()) {
        firstAfterOnset = now;
      }
      before = fires;
      lastFiring = fires ? now : lastFiring;
    }

    /** Keeps the shape at each of the horizons after the event. */
    void shape(int i, Shape shape) {
      double since = recording.seconds()[i] - recording.seconds()[recording.event()];
      if (shapes.size() < Shape.HORIZON_HOURS.length
          && since >= 3600.0 * Shape.HORIZON_HOURS[shapes.size()]) {
        shapes.add(shape);
      }
    }

    Alarms alarms(VerdictKind last) {
      return new Alarms(
          List.copyOf(episodes), firstAfterOnset, last, why.toString(), List.copyOf(shapes));
    }
  }

  /** Seconds from the onset to the alarm; infinite when missed. */
  double delaySeconds(Recording recording) {
    double delay = firstAfterOnset - recording.seconds()[recording.onset()];
    return delay <= RECALL_SECONDS ? delay : Double.POSITIVE_INFINITY;
  }

  /** Episodes that begin where nothing leaks. */
  long falseAlarms(Recording recording) {
    double end =
        recording.benign() ? Double.POSITIVE_INFINITY : recording.seconds()[recording.onset()];
    return episodes.stream().filter(time -> time < end).count();
  }
}
