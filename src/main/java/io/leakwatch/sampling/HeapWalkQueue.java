package io.leakwatch.sampling;

import io.leakwatch.inspection.HeapWalk;
import io.leakwatch.inspection.SampledNode;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The heap walks that are requested. A walk through a large heap takes seconds, and must not keep
 * the sampler from its round; so one thread of its own walks, one process after the other, and
 * rests after each walk for as long as the node's share of a core for walks demands.
 */
final class HeapWalkQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeapWalkQueue.class);

  private final SampledNode node;
  private final double share;
  private final Time time;
  private final Workers.Queue queue;
  private String loggedFailure = "";

  /**
   * A queue without a request.
   *
   * @param share of one core that walks may take in all
   */
  HeapWalkQueue(SampledNode node, double share, Time time, Workers workers) {
    this.node = node;
    this.share = share;
    this.time = time;
    this.queue = workers.queue("walker", 1, Integer.MAX_VALUE);
  }

  /** The requests for walks through one process; one waits or is under way at most. */
  final class Request {
    private final ProcessId id;
    private volatile @Nullable HeapWalk last;
    private List<String> allocators = List.of();
    private boolean queued;
    private boolean closed;

    private Request(ProcessId id) {
      this.id = id;
    }

    /** Requests a walk; nothing happens when one is requested already. */
    synchronized void ask(List<String> allocatorsSeen) {
      allocators = allocatorsSeen;
      if (!queued && !closed) {
        queued = queue.offer(this::work);
      }
    }

    /** The process is watched no longer: a walk that has not begun is dropped. */
    synchronized void close() {
      closed = true;
    }

    /** The last walk, null before the first. */
    @Nullable HeapWalk last() {
      return last;
    }

    private synchronized @Nullable List<String> begin() {
      return closed ? null : allocators;
    }

    private synchronized void end() {
      queued = false;
    }

    private void work() {
      List<String> wanted = begin();
      if (wanted == null) {
        return;
      }
      long cpuBefore = time.cpuNanos();
      last = walk(id, wanted);
      end();
      time.pause(Cadence.rest(time.cpuNanos() - cpuBefore, share));
    }
  }

  Request open(ProcessId id) {
    return new Request(id);
  }

  /** Heap bytes are foreign: should one of them surprise us, the next walk must still come. */
  private HeapWalk walk(ProcessId id, List<String> allocators) {
    try {
      return node.walk(id, allocators);
    } catch (RuntimeException e) {
      if (!e.toString().equals(loggedFailure)) {
        loggedFailure = e.toString();
        log.error("a heap walk of pid {} failed; its result is dropped", id.pid(), e);
      }
      return new HeapWalk(Outcome.vanished(), time.nanos(), 0, 0);
    }
  }

  @Override
  public void close() {
    queue.close();
  }
}
