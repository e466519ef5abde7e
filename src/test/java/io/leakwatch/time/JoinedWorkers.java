package io.leakwatch.time;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/**
 * The system's threads, whose queues are closed only when no piece of work is under way: what a
 * test has given to a queue touches none of its files any more when the test removes them.
 */
public final class JoinedWorkers implements Workers {
  @Override
  public Queue queue(String name, int threads, int waitingMax) {
    Queue queue = SystemThreads.WORKERS.queue(name, threads, waitingMax);
    return new JoinedQueue(queue);
  }

  @Override
  public Loop loop(String name, LongSupplier step) {
    return SystemThreads.WORKERS.loop(name, step);
  }

  private static final class JoinedQueue implements Queue {
    private final Queue queue;
    private final ReadWriteLock underWay = new ReentrantReadWriteLock();
    private boolean closed;

    JoinedQueue(Queue queue) {
      this.queue = queue;
    }

    @Override
    public boolean offer(Runnable work) {
      return queue.offer(() -> run(work));
    }

    private void run(Runnable work) {
      underWay.readLock().lock();
      try {
        if (!closed) {
          work.run();
        }
      } finally {
        underWay.readLock().unlock();
      }
    }

    @Override
    public void close() {
      queue.close();
      underWay.writeLock().lock();
      try {
        closed = true;
      } finally {
        underWay.writeLock().unlock();
      }
    }
  }
}
