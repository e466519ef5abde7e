package io.leakwatch.app;

import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.export.SeriesJson;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.Sample;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the heavy look at a suspected process is asked for and delivered: one after the other, on a
 * thread that ends when there is nothing to do. What cannot be had is said in the result, and never
 * keeps the rest from being there.
 */
final class DiagnosisDesk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DiagnosisDesk.class);
  private static final int SAMPLES_MAX = 120;
  private static final int IDLE_SECONDS = 5;

  private final ProcFs procFs;
  private final Path history;
  private final DiagnosisChild child;
  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private final ThreadPoolExecutor thread;
  private volatile boolean closed;

  DiagnosisDesk(
      ProcFs procFs, DiagnosisSettings settings, Path history, @Nullable Path configuration) {
    this.procFs = procFs;
    this.history = history;
    this.child = new DiagnosisChild(settings, configuration);
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(settings.waitingMax()),
            work -> {
              Thread worker = new Thread(work, "diagnosis");
              worker.setDaemon(true);
              return worker;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * What was found for an incident.
   *
   * @param json what the look printed, {@code ""} where there was none
   * @param missing what could not be done, and why
   */
  record Found(String incident, String json, String series, List<String> missing) {
    Found {
      missing = List.copyOf(missing);
    }
  }

  /** Asks for a look; false when too many wait already. */
  boolean ask(String incident, String process, ProcessId id) {
    try {
      thread.execute(() -> look(incident, process, id));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** The next result, null when there is none. */
  @Nullable Found poll() {
    return found.poll();
  }

  private void look(String incident, String process, ProcessId id) {
    List<String> missing = new ArrayList<>();
    String json = "";
    String series = "{}";
    try {
      if (procFs.id(id.pid()) instanceof Outcome.Sampled<ProcessId> now && now.value().equals(id)) {
        DiagnosisChild.Result result = child.look(id);
        json = result.json();
        if (!result.problem().isEmpty()) {
          missing.add("suspects and holders: " + result.problem());
        }
      } else {
        missing.add("suspects and holders: the process ended before it could be looked at");
      }
      series = series(process, missing);
    } catch (InterruptedException e) {
      missing.add("suspects and holders: the agent was stopped");
    } catch (RuntimeException e) { // What a process shows must not end the evidence of others.
      log.error("a diagnosis failed", e);
      missing.add("suspects and holders: the look failed: " + e);
    }
    if (!closed) {
      found.add(new Found(incident, json, series, missing));
    }
  }

  private String series(String process, List<String> missing) {
    Deque<Sample> newest = new ArrayDeque<>();
    try (HistoryReader reader = HistoryReader.open(history)) {
      reader.read(
          process,
          Double.NEGATIVE_INFINITY,
          Instant.now().getEpochSecond() + 1.0,
          sample -> {
            if (newest.size() == SAMPLES_MAX) {
              newest.removeFirst();
            }
            newest.add(sample);
          });
    } catch (IOException e) {
      missing.add("series: " + e.getMessage());
    }
    return SeriesJson.of(newest);
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    child.kill();
  }
}
