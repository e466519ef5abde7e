package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.diagnose.ProcessJudge;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.history.HistoryReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the daemon has recorded of a process, judged anew: the long run behind two looks. */
final class LongRun {
  private static final double OUTDATED_SECONDS = 3600;

  private LongRun() {}

  /**
   * The verdict of the recorded samples; empty when none are recorded or the newest is old.
   *
   * @param instance name in the history
   */
  static Optional<Verdict> of(Configuration configuration, String instance, Instant now) {
    Path path = configuration.history().path();
    if (!Files.isReadable(path)) {
      return Optional.empty();
    }
    try (HistoryReader history = HistoryReader.open(path)) {
      double seconds = now.toEpochMilli() / 1e3;
      boolean recent =
          history.processes().stream()
              .anyMatch(
                  extent ->
                      extent.process().equals(instance)
                          && seconds - extent.lastSeconds() < OUTDATED_SECONDS);
      if (!recent) {
        return Optional.empty();
      }
      ProcessJudge judge = new ProcessJudge(configuration.trend());
      Verdict[] last = new Verdict[1];
      history.read(instance, 0, seconds, sample -> last[0] = judge.accept(sample, List.of()));
      return Optional.ofNullable(last[0]);
    } catch (IOException e) {
      return Optional.empty(); // A history that cannot be read leaves the two looks.
    }
  }
}
