package io.leakwatch.inspection;

import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.time.Time;

/**
 * Times every read that holds the target's mmap_lock, and pauses after it, so that a writer which
 * waits in the target (mmap, munmap, brk) gets its turn before the next read. Lowering our priority
 * instead would make things worse: a preempted reader keeps the lock for seconds.
 */
public final class PacedMeter implements ReadMeter {
  private static final long PAUSE_NANOS_MIN = 50_000;
  private static final long PAUSE_NANOS_MAX = 5_000_000;

  private final Time time;
  private long beganNanos;
  private long spentNanos;
  private long longestNanos;
  private long reads;

  public PacedMeter(Time time) {
    this.time = time;
  }

  @Override
  public void before() {
    beganNanos = time.nanos();
  }

  @Override
  public void after() {
    long took = time.nanos() - beganNanos;
    spentNanos += took;
    longestNanos = Math.max(longestNanos, took);
    reads++;
    time.pause(Math.min(PAUSE_NANOS_MAX, Math.max(PAUSE_NANOS_MIN, took)));
  }

  /** Forgets what was measured, before the next reading. */
  public void reset() {
    spentNanos = 0;
    longestNanos = 0;
    reads = 0;
  }

  /** Time inside the kernel's readers since the last reset. */
  public long spentNanos() {
    return spentNanos;
  }

  /** The longest single read since the last reset: the most that a target may have stalled. */
  public long longestNanos() {
    return longestNanos;
  }

  long reads() {
    return reads;
  }
}
