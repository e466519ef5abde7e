package io.leakwatch.export.metrics;

import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import java.util.Arrays;
import java.util.List;

/**
 * One metric family: what it is called, and where its points come from.
 *
 * @param name without the ending that its type brings ({@code _total}, {@code _info})
 * @param labels of every point, in the order in which its source gives their values
 */
record MetricFamily(String name, Type type, String help, List<String> labels, Source source) {

  /** What its points are. */
  enum Type {
    GAUGE,
    COUNTER,
    /** A count and a sum. */
    SUMMARY,
    /** Nothing but labels. */
    INFO
  }

  /** Gives the points that a snapshot has. */
  interface Source {
    void add(Snapshot snapshot, MetricPoints to);
  }

  /** Gives the points of one process. */
  interface ProcessSource {
    void add(ProcessView view, MetricPoints to);
  }

  MetricFamily {
    labels = List.copyOf(labels);
  }

  /** A family whose points have the labels that are named. */
  static MetricFamily of(String name, Type type, String help, Source source, String... labels) {
    return new MetricFamily(name, type, help, Arrays.asList(labels), source);
  }

  /** A family with points of every process. */
  static MetricFamily ofProcesses(
      String name, Type type, String help, ProcessSource source, String... labels) {
    return of(
        name,
        type,
        help,
        (snapshot, to) -> snapshot.processes().forEach(view -> source.add(view, to)),
        labels);
  }
}
