package io.leakwatch.sampling;

import io.leakwatch.export.ProcessView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What reading one process has cost so far, by source. */
final class ReadCosts {
  private final Map<String, ProcessView.ReadCost> bySource = new TreeMap<>();

  /** Charges one reading. */
  void book(String source, long spentNanos, long longestNanos) {
    ProcessView.ReadCost one =
        new ProcessView.ReadCost(source, 1, spentNanos / 1e9, longestNanos / 1e9);
    bySource.merge(source, one, ReadCosts::plus);
  }

  private static ProcessView.ReadCost plus(ProcessView.ReadCost a, ProcessView.ReadCost b) {
    return new ProcessView.ReadCost(
        a.source(),
        a.count() + b.count(),
        a.seconds() + b.seconds(),
        Math.max(a.longestSeconds(), b.longestSeconds()));
  }

  List<ProcessView.ReadCost> list() {
    return new ArrayList<>(bySource.values());
  }
}
