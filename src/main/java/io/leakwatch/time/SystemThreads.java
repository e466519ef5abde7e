package io.leakwatch.time;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Daemon threads of the system; for the entry points. */
public final class SystemThreads implements Workers {
  public static final Workers WORKERS = new SystemThreads();

  private static final int IDLE_SECONDS = 5;

  private SystemThreads() {}

  @Override
  public Queue queue(String name, int threads, int waitingMax) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waitingMax),
            work -> thread(name, work));
    pool.allowCoreThreadTimeOut(true);
    return new Queue() {
      @Override
      public boolean offer(Runnable work) {
        try {
          pool.execute(work);
          return true;
        } catch (RejectedExecutionException e) {
          return false;
        }
      }

      @Override
      public void close() {
        pool.shutdownNow();
      }
    };
  }

  @Override
  public Loop loop(String name, LongSupplier step) {
    SteppingThread loop = new SteppingThread(name, step);
    loop.thread.start();
    return loop;
  }

  private static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  private static final class SteppingThread implements Loop {
    private final LongSupplier step;
    private final Semaphore bell = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    SteppingThread(String name, LongSupplier step) {
      this.step = step;
      this.thread = thread(name, this::run);
    }

    private void run() {
      while (!closed) {
        long pauseNanos = step.getAsLong();
        try {
          if (bell.tryAcquire(pauseNanos, TimeUnit.NANOSECONDS)) {
            bell.drainPermits();
          }
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public void wake() {
      bell.release();
    }

    @Override
    public void close() {
      closed = true;
      thread.interrupt();
    }
  }
}
