package io.leakwatch.agent;

import io.leakwatch.export.SeriesSource;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.StepMeans;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the history file holds, for the API. The file may be another after a reload. */
public final class RecordedSeries implements SeriesSource {
  private static final int CHANGES_MAX = 200;

  private volatile Path file = Path.of("");

  /** Reads from this file from now on. */
  public void open(Path history) {
    file = history;
  }

  @Override
  public Recorded read(String process, Range range) throws IOException {
    List<Sample> samples = new ArrayList<>();
    StepMeans means = new StepMeans(range.stepSeconds(), samples::add);
    try (HistoryReader reader = HistoryReader.open(file)) {
      reader.read(process, range.fromSeconds(), range.toSeconds(), means);
      means.finish();
      List<Change> changes = new ArrayList<>(reader.changes(process));
      changes.removeIf(
          change ->
              change.isFirst()
                  || change.timeSeconds() < range.fromSeconds()
                  || change.timeSeconds() > range.toSeconds());
      int surplus = Math.max(0, changes.size() - CHANGES_MAX);
      return new Recorded(samples, changes.subList(surplus, changes.size()));
    }
  }
}
