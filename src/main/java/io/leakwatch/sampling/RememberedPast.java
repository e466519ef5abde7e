package io.leakwatch.sampling;

import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.sample.Sample;
import io.leakwatch.sampling.load.RememberedMemory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a process itself remembers of the time before its first sample, until that is recorded. */
final class RememberedPast {
  /** A pause of fewer samples, as a restart of the agent makes, stays one. */
  private static final int INTERVALS_MIN = 10;

  private final String name;
  private final ProcessInfo info;
  private final double leastSeconds;
  private double firstSampleSeconds = Double.NaN;
  private @Nullable RememberedMemory memory;
  private @Nullable Sample beside;

  /**
   * Nothing is remembered yet.
   *
   * @param interval between two samples
   */
  RememberedPast(String name, ProcessInfo info, Duration interval) {
    this.name = name;
    this.info = info;
    this.leastSeconds = INTERVALS_MIN * interval.toMillis() / 1e3;
  }

  /**
   * Takes the next sample.
   *
   * @param answer what the process has said since the sample before of the past; null for nothing
   */
  void sampled(Sample sample, @Nullable RememberedMemory answer) {
    if (Double.isNaN(firstSampleSeconds)) {
      firstSampleSeconds = sample.timeSeconds();
    }
    if (answer != null) {
      memory = answer;
      beside = sample;
    }
  }

  /** What is to be recorded in front of the first sample; empty where there is nothing. */
  Optional<SamplingLoop.EarlierPast> earlier() {
    RememberedMemory remembered = memory;
    Sample live = beside;
    if (remembered == null || live == null) {
      return Optional.empty();
    }
    List<Sample> samples = remembered.samples(info, live);
    if (samples.isEmpty()) {
      recorded();
      return Optional.empty();
    }
    return Optional.of(
        new SamplingLoop.EarlierPast(name, samples, firstSampleSeconds, leastSeconds));
  }

  /** It is recorded, as far as it was news. */
  void recorded() {
    memory = null;
    beside = null;
  }
}
