package io.leakwatch.history;

import io.leakwatch.text.Quantity;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How much of the past is kept, and where.
 *
 * @param path the database file; its directory is created when it is missing
 * @param maxBytes bound on the file and its write-ahead log together; what is oldest goes first
 * @param retention samples older than this are forgotten
 * @param rawRetention samples older than this are consolidated
 * @param consolidatedInterval one consolidated sample stands for this much time
 * @param maxPendingSamples samples held in memory while the file cannot be written
 * @param maxIncidentsPerProcess incidents kept of one process: the first, the worst, the last ones
 * @param maxIncidentBytes bound on the text of all incidents
 */
public record HistorySettings(
    Path path,
    long maxBytes,
    Duration retention,
    Duration rawRetention,
    Duration consolidatedInterval,
    int maxPendingSamples,
    int maxIncidentsPerProcess,
    long maxIncidentBytes) {
  private static final long MIN_BYTES = 1 << 20;

  public HistorySettings {
    if (maxBytes < MIN_BYTES) {
      throw new IllegalArgumentException("max-bytes must be at least " + Quantity.size(MIN_BYTES));
    }
  }
}
