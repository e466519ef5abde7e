package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.Incident;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread of the heavy looks, when a look does not end well. */
class DiagnosisQueueTest {
  private static final ProcessId PROCESS = new ProcessId(1, 1, "boot", 0);
  private static final Incident INCIDENT =
      new Incident(
          "mds-1", "mds", "leak", Severity.WARNING, Instant.EPOCH, null, Incident.Evidence.NONE);

  @TempDir private Path directory;

  private DiagnosisQueue queue(Supplier<DiagnosisResult> look) {
    Diagnoser heavy =
        new Diagnoser() {
          @Override
          public DiagnosisResult diagnose(ProcessId process) {
            return look.get();
          }

          @Override
          public void close() {}
        };
    return new DiagnosisQueue(
        heavy, directory.resolve("history.db"), 4, SystemTime.TIME, SystemThreads.WORKERS);
  }

  private static DiagnosisQueue.Found await(DiagnosisQueue queue) {
    DiagnosisQueue.Found found = queue.poll();
    while (found == null) {
      Thread.onSpinWait();
      found = queue.poll();
    }
    return found;
  }

  @Test
  void errorShouldReachTheHandlerOfUncaughtOnes() throws Exception {
    CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> uncaught.complete(error));
    OutOfMemoryError error = new OutOfMemoryError("of a test");
    try (DiagnosisQueue queue =
        queue(
            () -> {
              throw error;
            })) {
      assertTrue(queue.ask(INCIDENT, PROCESS));
      assertEquals(error, uncaught.get(60, TimeUnit.SECONDS));
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void exceptionShouldBeTheResultOfItsLookAlone() {
    try (DiagnosisQueue queue =
        queue(
            () -> {
              throw new IllegalStateException("odd bytes");
            })) {
      assertTrue(queue.ask(INCIDENT, PROCESS));
      assertTrue(queue.ask(INCIDENT, PROCESS));
      for (int i = 0; i < 2; i++) {
        DiagnosisQueue.Found found = await(queue);
        assertEquals(
            new DiagnosisResult.Failed(
                "the diagnosis failed: java.lang.IllegalStateException: odd bytes"),
            found.result());
        assertEquals("", found.series());
        assertTrue(found.seriesMissing().contains("no history is recorded"), found::toString);
      }
    }
  }
}
