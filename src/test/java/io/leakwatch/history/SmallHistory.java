package io.leakwatch.history;

import io.leakwatch.config.Defaults;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of a history in a directory of a test: few samples wait, few incidents are kept. */
final class SmallHistory {
  private SmallHistory() {}

  static HistorySettings in(Path directory, long maxBytes) {
    return in(directory, maxBytes, Duration.ofDays(30), Duration.ofDays(7));
  }

  static HistorySettings in(Path directory, long maxBytes, Duration retention, Duration raw) {
    return Defaults.history(
        directory.resolve("history.db"),
        """
        max-bytes = %d
        retention = %dms
        raw-retention = %dms
        max-pending-samples = 500
        max-incidents-per-process = 5
        max-incident-bytes = 100000
        """
            .formatted(maxBytes, retention.toMillis(), raw.toMillis()));
  }
}
