package io.leakwatch.export.page;

import io.leakwatch.agent.RecordedSeries;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A port behind which 100 processes are watched, one of them for 30 days, minute by minute. */
final class LargeNode {
  static final String RECORDED = "chunkserver-8200";
  private static final int PROCESSES = 100;
  private static final int MINUTES = 30 * 24 * 60;
  private static final int ROUND = 240;

  private LargeNode() {}

  static HttpEndpoint open(Path directory) throws IOException {
    Path history = directory.resolve("history.db");
    record(history);
    RecordedSeries series = new RecordedSeries();
    series.open(history);
    Snapshot snapshot = Views.many(PROCESSES);
    return HttpEndpoint.start(
        Defaults.export(Path.of(""), ""),
        new SnapshotAnswers(
            () -> snapshot,
            new Metrics(() -> snapshot, "test", Path.of("/proc")),
            new Api.Sources(IncidentSource.NONE, series),
            () -> true));
  }

  private static void record(Path file) {
    double first = Views.NOON.getEpochSecond() - MINUTES * 60.0;
    try (HistoryStore store = new HistoryStore(Defaults.history(file))) {
      for (int minute = 0; minute < MINUTES; minute += ROUND) {
        List<Observation> round = new ArrayList<>();
        for (int i = minute; i < minute + ROUND; i++) {
          round.add(new Observation(RECORDED, sample(first + i * 60.0, i)));
        }
        store.appendAll(first + (minute + ROUND) * 60.0, round);
      }
    }
  }

  private static Sample sample(double time, int minute) {
    double grown = 3e9 + minute * 4e4;
    return Sample.at(time, "1")
        .set(Signal.RSS_ANON_BYTES, grown + minute % 17 * 1e5)
        .set(Signal.RSS_BYTES, grown * 1.05)
        .set(Signal.ARENA_BYTES, grown * 0.9)
        .set(Signal.BRK_HEAP_BYTES, grown * 0.1)
        .set(Signal.IN_USE_BYTES, minute % 30 == 0 ? grown * 0.8 : Double.NaN)
        .set(Signal.ARENA_COUNT, 52)
        .set(Signal.MAPPING_COUNT, 1200)
        .build();
  }
}
