package io.leakwatch.diagnosis;

import io.leakwatch.config.Configuration;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the daemon has recorded of a process, judged again: the long run behind two readings. */
final class RecordedVerdict {
  private static final String UNREAD = "recorded history: ";
  private static final double OUTDATED_SECONDS = 3600;

  private RecordedVerdict() {}

  /**
   * The verdict of the recorded samples; empty when none are recorded or the newest is old.
   *
   * @param instance name in the history
   * @param missing takes what cannot be read
   */
  static Optional<Verdict> of(
      Configuration configuration, String instance, Instant now, DiagnosisNotes missing) {
    Path path = configuration.history().path();
    if (Files.notExists(path)) {
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
      history.changes(instance).forEach(judge::changed);
      Verdict[] last = new Verdict[1];
      history.read(instance, 0, seconds, sample -> last[0] = judge.accept(sample, List.of()));
      if (history.damagedBlocks() > 0) {
        missing.add(
            UNREAD + history.damagedBlocks() + " of its blocks are damaged and were skipped");
      }
      return Optional.ofNullable(last[0]);
    } catch (IOException e) {
      missing.add(UNREAD + e.getMessage() + "; the verdict rests on the two samples alone");
      return Optional.empty();
    }
  }
}
