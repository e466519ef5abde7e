package io.leakwatch.time;

/** Time that passes only when a test, or a pause, lets it. */
public final class ManualTime implements Time {
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  private long nanos;

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long millis() {
    return EPOCH_MILLIS + nanos / 1_000_000;
  }

  @Override
  public long cpuNanos() {
    return 0;
  }

  @Override
  public void pause(long pauseNanos) {
    nanos += Math.max(0, pauseNanos);
  }
}
