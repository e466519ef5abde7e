package io.leakwatch.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import org.junit.jupiter.api.Test;

/** When a sample is taken sooner. */
class UrgencyTest {
  private final Urgency haste = new Urgency();

  private void sampled(double threads, double limit) {
    haste.sampled(
        Sample.at(0, "").set(Signal.THREAD_COUNT, threads).set(Signal.THREAD_LIMIT, limit).build());
  }

  private boolean isUrgent(long threads) {
    return haste.isUrgent(Resource.THREADS, threads);
  }

  @Test
  void aQuarterOfWhatWasLeftShouldBeUrgent() {
    assertFalse(isUrgent(1_000_000), "before anything was seen");
    sampled(1_000, 9_000);
    assertFalse(isUrgent(3_000));
    assertTrue(isUrgent(3_001));
    assertFalse(isUrgent(0), "unknown");
    assertFalse(haste.isUrgent(Resource.DESCRIPTORS, 1 << 20));
    haste.sampled(Sample.at(1, "").set(Signal.THREAD_COUNT, 5_000).build());
    assertTrue(isUrgent(3_001), "a sample without a limit tells nothing new");
  }

  @Test
  void whatStandsNearItsLimitShouldNotBeUrgent() {
    sampled(9_990, 10_000);
    assertFalse(isUrgent(10_000));
    sampled(10_000, 10_000);
    assertFalse(isUrgent(10_100));
  }

  /** What goes at one pace is sampled a bounded number of times more, however near its end. */
  @Test
  void theSamplesMoreShouldBeFew() {
    int samples = 0;
    sampled(0, 65_530);
    for (int used = 0; used <= 65_530; used += 10) {
      if (isUrgent(used)) {
        sampled(used, 65_530);
        samples++;
      }
    }
    assertEquals(11, samples, 2);
  }
}
