package io.leakwatch.inspection;

import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.time.Time;

/** Keeps a walk to so many bytes a second: it waits where the walk is ahead of its time. */
public final class BytePace implements ReadPace {
  /** Shorter waits are put off: waking up costs more than they bring. */
  private static final long PAUSE_NANOS_MIN = 1_000_000;

  private final double nanosPerByte;
  private final Time time;
  private final long beganNanos;
  private long readBytes;

  /** One that begins now. */
  public BytePace(long bytesPerSecond, Time time) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
    this.time = time;
    this.beganNanos = time.nanos();
  }

  /** One that begins now where reads are paced at all. */
  public static ReadPace when(boolean paced, long bytesPerSecond, Time time) {
    return paced ? new BytePace(bytesPerSecond, time) : ReadPace.UNPACED;
  }

  @Override
  public void read(long bytes) {
    readBytes += bytes;
    long aheadNanos = aheadNanos();
    if (aheadNanos >= PAUSE_NANOS_MIN) {
      time.pause(aheadNanos);
    }
  }

  private long aheadNanos() {
    return (long) (readBytes * nanosPerByte) - (time.nanos() - beganNanos);
  }
}
