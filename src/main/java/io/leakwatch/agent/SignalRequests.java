package io.leakwatch.agent;

import io.leakwatch.time.Time;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What signals ask of the sampling loop; it asks between two rounds. A stop outranks a reload. */
public final class SignalRequests {
  /** What was asked for. */
  public enum Request {
    NONE,
    RELOAD,
    STOP
  }

  private final Time time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();
  private boolean stop;
  private boolean reload;

  public SignalRequests(Time time) {
    this.time = time;
  }

  public void stop() {
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
  public Request await(long untilNanos) {
    lock.lock();
    try {
      while (!stop && !reload) {
        long left = untilNanos - time.nanos();
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
