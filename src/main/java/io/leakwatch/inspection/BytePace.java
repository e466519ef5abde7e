package io.leakwatch.inspection;

import io.leakwatch.heap.memory.ReadPace;
import java.util.concurrent.locks.LockSupport;

/** Keeps a walk to so many bytes a second: it waits where the walk is ahead of its time. */
public final class BytePace implements ReadPace {
  /** Shorter waits are put off: waking up costs more than they bring. */
  private static final long PAUSE_NANOS_MIN = 1_000_000;

  private final double nanosPerByte;
  private final long beganNanos;
  private long readBytes;

  public BytePace(long bytesPerSecond, long nowNanos) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
    this.beganNanos = nowNanos;
  }

  /** One that begins now where reads are paced at all. */
  public static ReadPace when(boolean paced, long bytesPerSecond) {
    return paced ? new BytePace(bytesPerSecond, System.nanoTime()) : ReadPace.UNPACED;
  }

  @Override
  public void read(long bytes) {
    readBytes += bytes;
    long aheadNanos = aheadNanos(System.nanoTime());
    while (aheadNanos >= PAUSE_NANOS_MIN && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(aheadNanos);
      aheadNanos = aheadNanos(System.nanoTime());
    }
  }

  private long aheadNanos(long nowNanos) {
    return (long) (readBytes * nanosPerByte) - (nowNanos - beganNanos);
  }
}
