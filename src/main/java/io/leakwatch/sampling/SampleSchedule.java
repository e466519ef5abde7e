package io.leakwatch.sampling;

import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.file.Status;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import java.time.Duration;

/**
 * When the next sample of one process is taken: an interval after the last one, or at the next tick
 * where something runs out too fast to wait for that.
 */
final class SampleSchedule {
  private final long intervalNanos;
  private final Urgency urgency = new Urgency();
  private long dueNanos;

  /** The first sample is due now. */
  SampleSchedule(Duration interval, long nowNanos) {
    this.intervalNanos = interval.toNanos();
    this.dueNanos = nowNanos;
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }

  /** A sample is taken now. */
  void begin(long nowNanos) {
    long next = dueNanos + intervalNanos;
    dueNanos = next - nowNanos > 0 ? next : nowNanos + intervalNanos;
  }

  /** What the sample said. */
  void sampled(Sample sample) {
    urgency.sampled(sample);
  }

  /**
   * Makes the next sample due where something runs out too fast; whether it does.
   *
   * @param anonymousBytes now
   * @param mappingsMax so many mappings there may be, -1 when unknown
   */
  boolean hasten(
      Status counters,
      long anonymousBytes,
      SampledProcess process,
      MappingCounter mappings,
      long mappingsMax,
      long nowNanos) {
    boolean urgent =
        urgency.isUrgent(Resource.MEMORY, anonymousBytes)
            || urgency.isUrgent(Resource.ADDRESS_SPACE, counters.space().sizeBytes())
            || urgency.isUrgent(Resource.DATA, counters.space().dataBytes())
            || urgency.isUrgent(Resource.THREADS, counters.threads())
            || urgency.isUrgent(Resource.DESCRIPTORS, process.descriptorsTold())
            || (mappings.countBetweenSamples(counters, mappingsMax)
                && urgency.isUrgent(Resource.MAPPINGS, mappings.count()));
    if (urgent) {
      dueNanos = nowNanos;
    }
    return urgent;
  }
}
