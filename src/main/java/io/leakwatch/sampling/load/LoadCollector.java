package io.leakwatch.sampling.load;

import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the metrics endpoints of processes for their load. An endpoint may be slow, hang or drip,
 * and must keep neither the sampler from its round nor the others from their answers; so a few
 * threads of their own ask, and one that does not answer is left in peace for longer each time.
 */
public final class LoadCollector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoadCollector.class);
  private static final int THREADS = 4;
  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;

  /** An endpoint that answers otherwise but not this is asked for its memory no more often. */
  private static final int MEMORY_QUESTIONS_MAX = 3;

  private final ProcFs procFs;
  private final ScrapeSettings settings;
  private final Outbound network;
  private final Time time;
  private final Workers.Queue queue;

  public LoadCollector(
      ProcFs procFs, ScrapeSettings settings, Outbound network, Time time, Workers workers) {
    this.procFs = procFs;
    this.settings = settings;
    this.network = network;
    this.time = time;
    this.queue = workers.queue("load", THREADS, Integer.MAX_VALUE);
  }

  /** What one process is asked, and what it answered. */
  public final class Question {
    private final @Nullable LoadEndpoint endpoint;
    private Map<LoadSeries, Double> fresh = Map.of();
    private LoadView last = LoadView.NONE;
    private boolean asked;
    private boolean left;
    private @Nullable RememberedMemory memory;
    private int memoryQuestions;
    private long pauseNanos;
    private long nextNanos = time.nanos();

    private Question(@Nullable LoadEndpoint endpoint) {
      this.endpoint = endpoint;
    }

    /** Asks for an answer; nothing happens while one is awaited, or in a pause after failures. */
    public synchronized void ask() {
      if (endpoint != null && !asked && !left && time.nanos() - nextNanos >= 0) {
        asked = true;
        queue.offer(this::work);
      }
    }

    /** The figures that came since the last call, empty when none did. */
    public synchronized Map<LoadSeries, Double> take() {
      Map<LoadSeries, Double> taken = fresh;
      fresh = Map.of();
      return taken;
    }

    /** The newest answer, taken or not. */
    public synchronized LoadView view() {
      return last;
    }

    /** What the process remembers of its memory, once after it has answered; null else. */
    public synchronized @Nullable RememberedMemory takeMemory() {
      RememberedMemory taken = memory;
      memory = null;
      return taken;
    }

    /** The process is watched no longer. */
    public synchronized void leave() {
      left = true;
    }

    private synchronized boolean isLeft() {
      return left;
    }

    /** Asks a brpc server for its memory, until it has answered once. */
    private void askMemory(LoadEndpoint brpc) {
      if (brpc.isBrpc() && memoryQuestions < MEMORY_QUESTIONS_MAX) {
        memoryQuestions++;
        brpc.remembered().ifPresent(this::putMemory);
      }
    }

    private synchronized void putMemory(RememberedMemory answer) {
      memory = answer;
      memoryQuestions = MEMORY_QUESTIONS_MAX;
    }

    private void work() {
      LoadView scrape = LoadView.NONE;
      try {
        if (endpoint != null && !isLeft()) {
          scrape = endpoint.scrape();
          askMemory(endpoint);
        }
      } catch (RuntimeException e) { // An answer is foreign: the next one must be asked for still.
        log.error("reading the load failed", e);
      }
      synchronized (this) {
        boolean good = !scrape.figures().isEmpty();
        pauseNanos =
            good
                ? 0
                : Math.min(
                    settings.backoffLimit().toNanos(), Math.max(FIRST_PAUSE_NANOS, 2 * pauseNanos));
        nextNanos = time.nanos() + pauseNanos;
        fresh = scrape.figures();
        last = scrape;
        asked = false;
      }
    }
  }

  /**
   * What one process is asked with.
   *
   * @param target empty for a process that is not asked
   */
  public Question open(ProcessId id, Optional<LoadTarget> target) {
    return new Question(
        target
            .map(load -> new LoadEndpoint(procFs, id, load, settings, network, time))
            .orElse(null));
  }

  @Override
  public void close() {
    queue.close();
  }
}
