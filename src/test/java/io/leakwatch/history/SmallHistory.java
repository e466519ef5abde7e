package io.leakwatch.history;

import java.nio.file.Path;
import java.time.Duration;

/** Settings of a history in a directory of a test: few samples wait, few incidents are kept. */
final class SmallHistory {
  private SmallHistory() {}

  static HistorySettings in(Path directory, long maxBytes) {
    return in(directory, maxBytes, Duration.ofDays(30), Duration.ofDays(7));
  }

  static HistorySettings in(Path directory, long maxBytes, Duration retention, Duration raw) {
    return new HistorySettings(
        directory.resolve("history.db"),
        maxBytes,
        retention,
        raw,
        Duration.ofMinutes(5),
        500,
        5,
        100_000);
  }
}
