package io.leakwatch.incident;

import io.leakwatch.export.Incident;
import io.leakwatch.export.json.SeriesJson;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sample.Sample;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The diagnoses that are requested: one after the other, on a thread that ends when there is
 * nothing to do. What cannot be had is said in the result, and never keeps the rest from being
 * there. An Error ends the thread by its handler: it is no result.
 */
public final class DiagnosisQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DiagnosisQueue.class);
  private static final int SAMPLES_MAX = 120;

  private final Diagnoser diagnoser;
  private final Path history;
  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private final Time time;
  private final Workers.Queue queue;
  private volatile boolean closed;

  /**
   * Nothing is diagnosed yet.
   *
   * @param history file of the recorded samples
   * @param waitingMax diagnoses that may wait for the one that is under way
   */
  public DiagnosisQueue(
      Diagnoser diagnoser, Path history, int waitingMax, Time time, Workers workers) {
    this.diagnoser = diagnoser;
    this.history = history;
    this.time = time;
    this.queue = workers.queue("diagnosis", 1, waitingMax);
  }

  /**
   * What was found for an incident.
   *
   * @param series the newest recorded samples, {@code ""} where they could not be read
   * @param seriesMissing why, {@code ""} where they could
   */
  record Found(Incident incident, DiagnosisResult result, String series, String seriesMissing) {}

  /** Requests a diagnosis of the process of an incident; false when too many wait already. */
  boolean ask(Incident incident, ProcessId process) {
    return queue.offer(() -> diagnose(incident, process));
  }

  /** The next result, null when there is none. */
  @Nullable Found poll() {
    return found.poll();
  }

  private void diagnose(Incident incident, ProcessId process) {
    DiagnosisResult result;
    try {
      result = diagnoser.diagnose(process);
    } catch (InterruptedException e) {
      return; // The queue is closed.
    } catch (RuntimeException e) { // What a process shows must not end the evidence of others.
      log.error("a diagnosis failed", e);
      result = new DiagnosisResult.Failed("the diagnosis failed: " + e);
    }
    Found all;
    try {
      all = new Found(incident, result, series(incident.process()), "");
    } catch (IOException e) {
      all = new Found(incident, result, "", "series: " + e.getMessage());
    }
    if (!closed) {
      found.add(all);
    }
  }

  private String series(String process) throws IOException {
    Deque<Sample> newest = new ArrayDeque<>();
    try (HistoryReader reader = HistoryReader.open(history)) {
      reader.read(
          process,
          Double.NEGATIVE_INFINITY,
          time.seconds() + 1.0,
          sample -> {
            if (newest.size() == SAMPLES_MAX) {
              newest.removeFirst();
            }
            newest.add(sample);
          });
    }
    return SeriesJson.of(newest);
  }

  @Override
  public void close() {
    closed = true;
    queue.close();
    diagnoser.close();
  }
}
