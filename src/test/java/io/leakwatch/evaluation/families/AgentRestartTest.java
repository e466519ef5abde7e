package io.leakwatch.evaluation.families;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was judged before the agent was restarted, and what is judged from its history after it. */
class AgentRestartTest {
  private static final long FIRST_SEED = 100;
  private static final int SERIES = 3;
  private static final int RESTART_DAY = 12;
  private static final int REPORTED_SAMPLES = 4 * Corpus.DAY;
  private static final Duration CONSOLIDATED = Duration.ofMinutes(10);
  private static final double OTHERWISE_MAX = 0.01;

  @TempDir private Path directory;

  /** What is told at a time. */
  private record Told(VerdictKind kind, Severity severity) {}

  /** From samples to what is told, as the daemon does it. */
  private static final class Line {
    private final ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    private final Escalation escalation = new Escalation(Defaults.SEVERITY);

    Told accept(Sample sample) {
      Verdict verdict = judge.accept(sample, List.of());
      return new Told(verdict.kind(), escalation.update(verdict, sample.timeSeconds()));
    }
  }

  private static List<Told> uninterrupted(Recording recording, boolean inUse) {
    Line line = new Line();
    List<Told> told = new ArrayList<>();
    for (int i = 0; i < recording.length(); i++) {
      told.add(line.accept(recording.sample(i, inUse)));
    }
    return told;
  }

  /** What is kept of the samples before {@code to}, the older of them as floors, judged anew. */
  private Line rebuilt(Recording recording, boolean inUse, int to) throws IOException {
    HistorySettings settings =
        Defaults.history(
            directory.resolve(recording.name() + ".db"),
            "consolidated-interval = %ds, max-pending-samples = %d"
                .formatted(CONSOLIDATED.toSeconds(), recording.length()));
    Line line = new Line();
    try (HistoryStore store = new HistoryStore(settings)) {
      List<Observation> waiting = new ArrayList<>();
      for (int i = 0; i < to; i++) {
        waiting.add(new Observation("p", recording.sample(i, inUse)));
        if (i % Corpus.HOUR == 0 || i == to - 1) {
          store.appendAll(recording.seconds()[i], waiting);
          waiting.clear();
        }
      }
      assertNotEquals(0, store.counts().consolidatedSamples());
      try (HistoryReader reader = store.reader()) {
        reader.read("p", 0, recording.seconds()[to], line::accept);
      }
    }
    return line;
  }

  private static int restart(Recording recording) {
    return Math.min(RESTART_DAY * Corpus.DAY, recording.length() - Corpus.DAY);
  }

  @ParameterizedTest
  @CsvSource({"L1, false", "L2, true", "L3, false", "P1, true", "B3, false", "B2, false"})
  void verdictsShouldGoOnAsIfTheAgentHadNotBeenRestarted(String family, boolean inUse)
      throws IOException {
    for (int k = 0; k < SERIES; k++) {
      Recording recording = Corpus.series(family, FIRST_SEED + k);
      List<Told> expected = uninterrupted(recording, inUse);
      int restart = restart(recording);
      Line line = rebuilt(recording, inUse, restart);
      int end = Math.min(recording.length(), restart + REPORTED_SAMPLES);
      int otherwise = 0;
      for (int i = restart; i < end; i++) {
        Told told = line.accept(recording.sample(i, inUse));
        if (i == restart) {
          assertEquals(expected.get(i), told, recording.name() + ", first sample");
        }
        otherwise += told.equals(expected.get(i)) ? 0 : 1;
      }
      double share = otherwise / (double) (end - restart);
      assertTrue(share <= OTHERWISE_MAX, () -> recording.name() + ": otherwise in " + share);
    }
  }

  /** The machine is maintained for hours while the process runs on. */
  @ParameterizedTest
  @CsvSource({"L1, 3", "L1, 9", "L1, 40", "L2, 9", "L7, 9"})
  void anAlertShouldOutlastAPauseOfTheAgent(String family, int pauseHours) throws IOException {
    int alerts = 0;
    for (int k = 0; k < SERIES; k++) {
      Recording recording = Corpus.series(family, FIRST_SEED + k);
      int restart = restart(recording);
      int back = restart + pauseHours * Corpus.HOUR;
      List<Told> expected = uninterrupted(recording, false);
      if (back >= recording.length() || expected.get(restart - 1).severity() == Severity.NONE) {
        continue;
      }
      alerts++;
      Line line = rebuilt(recording, false, restart);
      for (int i = back; i < Math.min(recording.length(), back + Corpus.DAY); i++) {
        Told told = line.accept(recording.sample(i, false));
        assertNotEquals(Severity.NONE, told.severity(), recording.name() + " at " + i);
      }
    }
    assertNotEquals(0, alerts);
  }

  /** An unseen night under a daily load is no rise. */
  @ParameterizedTest
  @ValueSource(ints = {3, 6, 9})
  void noAlertShouldComeOfAPauseOfTheAgent(int pauseHours) throws IOException {
    for (int k = 0; k < SERIES; k++) {
      Recording recording = Corpus.series("B2", FIRST_SEED + k);
      int restart = restart(recording);
      Line line = rebuilt(recording, false, restart);
      for (int i = restart + pauseHours * Corpus.HOUR; i < recording.length(); i++) {
        Told told = line.accept(recording.sample(i, false));
        assertEquals(Severity.NONE, told.severity(), recording.name() + " at " + i);
      }
    }
  }
}
