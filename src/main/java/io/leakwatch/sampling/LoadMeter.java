package io.leakwatch.sampling;

import io.leakwatch.proc.file.Status;

/** The CPU cores that a process has used since it was asked last. */
final class LoadMeter {
  private long ticksBefore = -1;
  private long nanosBefore;
  private double lastCores = Double.NaN;

  /** Cores used since the call before, {@code NaN} at the first. */
  double cores(long cpuTicks, long nowNanos) {
    double cores = Double.NaN;
    if (ticksBefore >= 0 && nowNanos > nanosBefore && cpuTicks >= ticksBefore) {
      cores =
          (cpuTicks - ticksBefore)
              / (double) Status.TICKS_PER_SECOND
              / ((nowNanos - nanosBefore) / 1e9);
    }
    ticksBefore = cpuTicks;
    nanosBefore = nowNanos;
    lastCores = cores;
    return cores;
  }

  /** What the last call returned, {@code NaN} before the first. */
  double lastCores() {
    return lastCores;
  }
}
