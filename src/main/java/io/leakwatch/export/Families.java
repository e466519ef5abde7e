package io.leakwatch.export;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Metric families under construction: points are added in any order and end in one family per name.
 * What is unknown ({@code NaN}) is left out, because absent is not zero; a second point with equal
 * labels is left out as well, because it would make the whole scrape fail.
 */
final class Families {
  private static final int LABEL_CHARACTERS_MAX = 256;

  private final Map<String, GaugeSnapshot.Builder> gauges = new TreeMap<>();
  private final Map<String, CounterSnapshot.Builder> counters = new TreeMap<>();
  private final Map<String, SummarySnapshot.Builder> summaries = new TreeMap<>();
  private final Map<String, InfoSnapshot.Builder> infos = new TreeMap<>();
  private final Set<Series> seen = new HashSet<>();

  private record Series(String name, Labels labels) {}

  /**
   * @param labels name, value, name, value…
   */
  void gauge(String name, String help, Number value, String... labels) {
    Labels set = bounded(labels);
    if (!Double.isNaN(value.doubleValue()) && seen.add(new Series(name, set))) {
      gauges
          .computeIfAbsent(name, n -> GaugeSnapshot.builder().name(n).help(help))
          .dataPoint(
              GaugeSnapshot.GaugeDataPointSnapshot.builder()
                  .labels(set)
                  .value(value.doubleValue())
                  .build());
    }
  }

  /**
   * @param name without {@code _total}
   */
  void counter(String name, String help, Number value, String... labels) {
    Labels set = bounded(labels);
    if (value.doubleValue() >= 0 && seen.add(new Series(name, set))) {
      counters
          .computeIfAbsent(name, n -> CounterSnapshot.builder().name(n).help(help))
          .dataPoint(
              CounterSnapshot.CounterDataPointSnapshot.builder()
                  .labels(set)
                  .value(value.doubleValue())
                  .build());
    }
  }

  void summary(String name, String help, long count, double sum, String... labels) {
    Labels set = bounded(labels);
    if (seen.add(new Series(name, set))) {
      summaries
          .computeIfAbsent(name, n -> SummarySnapshot.builder().name(n).help(help))
          .dataPoint(
              SummarySnapshot.SummaryDataPointSnapshot.builder()
                  .labels(set)
                  .count(count)
                  .sum(sum)
                  .build());
    }
  }

  /**
   * @param name without {@code _info}
   */
  void info(String name, String help, String... labels) {
    Labels set = bounded(labels);
    if (seen.add(new Series(name, set))) {
      infos
          .computeIfAbsent(name, n -> InfoSnapshot.builder().name(n).help(help))
          .dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder().labels(set).build());
    }
  }

  MetricSnapshots build() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    gauges.values().forEach(family -> all.metricSnapshot(family.build()));
    counters.values().forEach(family -> all.metricSnapshot(family.build()));
    summaries.values().forEach(family -> all.metricSnapshot(family.build()));
    infos.values().forEach(family -> all.metricSnapshot(family.build()));
    return all.build();
  }

  /** A watched process chooses its name and paths: they are cut, and made valid Unicode. */
  private static Labels bounded(String... labels) {
    String[] cut = labels.clone();
    for (int i = 1; i < cut.length; i += 2) {
      cut[i] = Foreign.text(cut[i], LABEL_CHARACTERS_MAX);
    }
    return Labels.of(cut);
  }
}
