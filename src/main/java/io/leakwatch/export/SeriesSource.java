package io.leakwatch.export;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.util.List;

/** Where the API finds what was recorded. Called by several threads at once; bounded. */
public interface SeriesSource {

  /** Nothing is recorded. */
  SeriesSource NONE = (process, range) -> new Recorded(List.of(), List.of());

  /**
   * A time, and how closely it is wanted.
   *
   * @param fromSeconds since 1970-01-01 UTC
   * @param stepSeconds all samples of so long a time become one
   */
  record Range(double fromSeconds, double toSeconds, double stepSeconds) {}

  /**
   * What was recorded of a process in a range.
   *
   * @param samples means of the steps, in rising order of time
   * @param changes beside its memory, in rising order of time, bounded
   */
  record Recorded(List<Sample> samples, List<Change> changes) {
    public Recorded {
      samples = List.copyOf(samples);
      changes = List.copyOf(changes);
    }
  }

  /**
   * Reads what was recorded.
   *
   * @throws IOException with one line, where it cannot be read
   */
  Recorded read(String process, Range range) throws IOException;
}
