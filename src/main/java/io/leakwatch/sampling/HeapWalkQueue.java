package io.leakwatch.sampling;

import io.leakwatch.inspection.AllocatorReports;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where heap walks are asked for and delivered. A walk through a large heap takes seconds, and must
 * not keep the sampler from its round; so one thread of its own does them, one after the other, and
 * rests after each for as long as the node's share of a core for walks demands.
 */
final class HeapWalkQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeapWalkQueue.class);

  private final BiFunction<ProcessId, List<String>, Walked> walker;
  private final double share;
  private final Deque<Desk> waiting = new ArrayDeque<>();
  private final Thread thread;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private volatile boolean closed;
  private String toldFailure = "";

  /**
   * Starts the walking thread.
   *
   * @param walker does one walk through what a process has by the allocators named, paced
   * @param share of one core that walks may take in all
   */
  HeapWalkQueue(BiFunction<ProcessId, List<String>, Walked> walker, double share) {
    this.walker = walker;
    this.share = share;
    this.thread = new Thread(this::work, "walker");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * What came of a walk.
   *
   * @param outcome the reports, or why there are none
   * @param nanos when it ended, {@link System#nanoTime} time
   * @param spentNanos time inside the kernel's readers
   * @param longestNanos the longest single read
   */
  record Walked(
      Outcome<AllocatorReports> outcome, long nanos, long spentNanos, long longestNanos) {}

  /** One process' place at the desk. */
  final class Desk {
    private final ProcessId id;
    private volatile @Nullable Walked last;
    private List<String> allocators = List.of();
    private boolean queued;

    private Desk(ProcessId id) {
      this.id = id;
    }

    /** Asks for a walk; nothing happens when one is asked for already. */
    void ask(List<String> allocatorsSeen) {
      synchronized (waiting) {
        allocators = allocatorsSeen;
        if (!queued && !closed) {
          queued = true;
          waiting.add(this);
          waiting.notifyAll();
        }
      }
    }

    /** Takes back what was asked for. */
    void leave() {
      synchronized (waiting) {
        waiting.remove(this);
        queued = false;
      }
    }

    /** The last walk, null before the first. */
    @Nullable Walked last() {
      return last;
    }
  }

  Desk open(ProcessId id) {
    return new Desk(id);
  }

  private void work() {
    while (true) {
      Desk next;
      List<String> allocators;
      synchronized (waiting) {
        while (waiting.isEmpty() && !closed) {
          try {
            waiting.wait();
          } catch (InterruptedException e) {
            return;
          }
        }
        if (closed) {
          return;
        }
        next = waiting.remove();
        allocators = next.allocators;
      }
      long cpuBefore = threads.getCurrentThreadCpuTime();
      next.last = walk(next.id, allocators);
      synchronized (waiting) {
        next.queued = false;
      }
      rest(Cadence.rest(threads.getCurrentThreadCpuTime() - cpuBefore, share));
    }
  }

  /** Heap bytes are foreign: should one of them surprise us, the next walk must still come. */
  private Walked walk(ProcessId id, List<String> allocators) {
    try {
      return walker.apply(id, allocators);
    } catch (RuntimeException e) {
      if (!e.toString().equals(toldFailure)) {
        toldFailure = e.toString();
        log.error("a heap walk of pid {} failed; it is dropped", id.pid(), e);
      }
      return new Walked(Outcome.vanished(), System.nanoTime(), 0, 0);
    }
  }

  private void rest(long restNanos) {
    long fromNanos = System.nanoTime();
    while (!closed) {
      long left = fromNanos + restNanos - System.nanoTime();
      if (left <= 0) {
        return;
      }
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.clear();
      waiting.notifyAll();
    }
    thread.interrupt();
  }
}
