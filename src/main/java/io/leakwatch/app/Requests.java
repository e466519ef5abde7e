package io.leakwatch.app;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What signals ask of the sampling loop; it looks between two rounds. A stop outranks a reload. */
final class Requests {
  /** What was asked for. */
  enum Request {
    NONE,
    RELOAD,
    STOP
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();
  private boolean stop;
  private boolean reload;

  void stop() {
    lock.lock();
    try {
      stop = true;
      asked.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void reload() {
    lock.lock();
    try {
      reload = true;
      asked.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a request, until a time at most, and takes it. */
  Request await(long untilNanos) {
    lock.lock();
    try {
      while (!stop && !reload) {
        long left = untilNanos - System.nanoTime();
        if (left <= 0) {
          return Request.NONE;
        }
        asked.awaitNanos(Math.min(left, TimeUnit.HOURS.toNanos(1)));
      }
      if (stop) {
        return Request.STOP;
      }
      reload = false;
      return Request.RELOAD;
    } catch (InterruptedException e) {
      return Request.STOP;
    } finally {
      lock.unlock();
    }
  }
}
