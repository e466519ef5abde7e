package io.leakwatch.time;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;

/** The time of the system; for the entry points and for whoever waits on something real. */
public final class SystemTime implements Time {
  public static final Time TIME = new SystemTime();

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private SystemTime() {}

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }

  @Override
  public long cpuNanos() {
    return THREADS.getCurrentThreadCpuTime();
  }

  @Override
  public void pause(long nanos) {
    long untilNanos = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !Thread.currentThread().isInterrupted(); ) {
      LockSupport.parkNanos(left);
      left = untilNanos - System.nanoTime();
    }
  }
}
