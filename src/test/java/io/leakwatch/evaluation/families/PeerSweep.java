package io.leakwatch.evaluation.families;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What leakwatch and the published detectors did on the same recordings, the latter at each
 * threshold of their sweep. Only at equal false alarms do delays compare.
 */
final class PeerSweep {
  static final String LEAKWATCH = "**leakwatch**, working set alone";
  static final List<String> HEALTHY = List.of("B1–B9", "bitbrains", "alibaba");
  static final List<String> LEAKING = Corpus.LEAKS.subList(0, 9);

  private final Map<String, Map<String, Tally>> cells = new LinkedHashMap<>();

  /** Judges a recording that lies on the grid by everybody. */
  void add(String column, Recording recording) {
    cell(LEAKWATCH, column).add(recording, Alarms.of(recording, false));
    Peers peers = new Peers(recording);
    for (Peers.Named named : Peers.ALL) {
      double[] scores = peers.scores(named);
      for (int k = 0; k < Peers.SWEEP_STEPS; k++) {
        cell(name(named, k), column)
            .add(recording, Peers.alarms(recording, named, scores, named.sweep().threshold(k)));
      }
    }
  }

  static String name(Peers.Named named, int step) {
    return named.name() + (step == 0 ? "" : " #" + step);
  }

  synchronized Tally cell(String detector, String column) {
    return cells
        .computeIfAbsent(detector, key -> new LinkedHashMap<>())
        .computeIfAbsent(column, key -> new Tally());
  }

  boolean has(String column) {
    return cells.get(LEAKWATCH).containsKey(column);
  }

  /** All of several columns together. */
  Tally together(String detector, List<String> columns) {
    Tally sum = new Tally();
    columns.stream().filter(this::has).forEach(column -> sum.add(cell(detector, column)));
    return sum;
  }

  /** The first step of the sweep with at most so many false alarms; -1 where there is none. */
  int stepFor(Peers.Named named, double perThousandDays) {
    for (int k = 0; k < Peers.SWEEP_STEPS; k++) {
      if (together(name(named, k), HEALTHY).perThousandDays() <= perThousandDays) {
        return k;
      }
    }
    return -1;
  }

  /** False alarms per 1000 days and recall of the leaks, one point a step. */
  List<double[]> curve(Peers.Named named, boolean recall) {
    List<double[]> points = new ArrayList<>();
    for (int k = 0; k < Peers.SWEEP_STEPS; k++) {
      points.add(point(name(named, k), recall));
    }
    return points;
  }

  double[] point(String detector, boolean recall) {
    Tally leaks = together(detector, LEAKING);
    return new double[] {
      together(detector, HEALTHY).perThousandDays(),
      recall ? 100 * leaks.recall() : leaks.delayHours(0.5)
    };
  }
}
