package io.leakwatch.history;

import io.leakwatch.history.block.Consolidation;
import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes samples of one process on, those of old time as they would be kept of what was recorded
 * then: folded to the floors of their windows. Holds one window at a time.
 */
final class SampleFolding {
  private final long windowMillis;
  private final long horizonMillis;
  private final Consumer<Sample> folded;
  private final Consumer<Sample> raw;
  private final List<Sample> window = new ArrayList<>();

  /**
   * @param horizonMillis samples of earlier time are folded
   * @param folded takes one sample of each window
   * @param raw takes the others as they are
   */
  SampleFolding(
      long windowMillis, long horizonMillis, Consumer<Sample> folded, Consumer<Sample> raw) {
    this.windowMillis = windowMillis;
    this.horizonMillis = horizonMillis;
    this.folded = folded;
    this.raw = raw;
  }

  /** What the settings keep at a time, by the same horizon and windows as the retention's. */
  static SampleFolding by(
      HistorySettings settings, long nowMillis, Consumer<Sample> folded, Consumer<Sample> raw) {
    return new SampleFolding(
        Math.max(1, settings.consolidatedInterval().toMillis()),
        nowMillis - settings.rawRetention().toMillis(),
        folded,
        raw);
  }

  /** Takes the next sample, in rising order of time. */
  void accept(Sample sample) {
    if (SampleBlock.toMillis(sample.timeSeconds()) >= horizonMillis) {
      finish();
      raw.accept(sample);
      return;
    }
    if (!window.isEmpty() && !Consolidation.sameWindow(window.get(0), sample, windowMillis)) {
      finish();
    }
    window.add(sample);
    if (window.size() == SampleBlock.MAX_SAMPLES) { // A floor of floors is the floor.
      List<Sample> floors = Consolidation.floors(window, windowMillis);
      window.clear();
      window.addAll(floors);
    }
  }

  /** Passes on what is left. */
  void finish() {
    Consolidation.floors(window, windowMillis).forEach(folded);
    window.clear();
  }
}
