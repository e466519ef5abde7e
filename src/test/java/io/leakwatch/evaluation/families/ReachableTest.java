package io.leakwatch.evaluation.families;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.verdict.VerdictKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which leaks count as reachable, whatever a detector made of them. */
class ReachableTest {
  private static final double GB = 1e9;
  private static final double NOISE_SECONDS = 1800;

  /** A leak of 3 GB a day from the sixth day on, which lasts so long. */
  private static Recording leak(double noiseGigabytes, double lastsHours) {
    int onset = 6 * Corpus.DAY;
    int length = onset + (int) (lastsHours * Corpus.HOUR) + 1;
    double[] seconds = new double[length];
    double[] bytes = new double[length];
    for (int i = 0; i < length; i++) {
      seconds[i] = (double) i * Corpus.STEP_SECONDS;
      bytes[i] = 10 * GB + Math.max(0, i - onset) * 3 * GB / Corpus.DAY;
    }
    return new Recording(
        "leak",
        "leak",
        seconds,
        bytes,
        new double[0],
        new double[0],
        new int[0],
        bytes,
        onset,
        noiseGigabytes * GB,
        NOISE_SECONDS,
        3 * GB,
        new double[0],
        onset);
  }

  @Test
  void aLeakThatEndsBeforeItsBoundShouldBeOutOfReach() {
    double bound = leak(0.3, 24).boundHours();
    assertEquals(7.1, bound, 0.3);
    assertTrue(leak(0.3, bound + 0.1).reachable());
    assertFalse(leak(0.3, bound - 0.1).reachable());
  }

  @Test
  void aLeakThatNoiseHidesForMoreThanTwoWeeksShouldBeOutOfReach() {
    Recording hidden = leak(200, 40 * 24);
    assertTrue(hidden.boundHours() > 14 * 24 && hidden.boundHours() < 40 * 24);
    assertFalse(hidden.reachable());
  }

  @Test
  void aMissShouldCountAgainstThoseReachableAloneWhereItIsOne() {
    Alarms none = new Alarms(List.of(), Double.NaN, VerdictKind.STEADY, "", List.of());
    Recording reachable = leak(0.3, 48);
    Alarms found = new Alarms(List.of(), 6 * 86400 + 10 * 3600, VerdictKind.LEAK, "", List.of());
    Tally tally = new Tally();
    tally.add(reachable, found);
    tally.add(leak(0.3, 2), none);
    assertEquals(0.5, tally.recall());
    assertEquals("1 of 2", tally.reachableCount());
    assertEquals(1, tally.reachableRecall());
    tally.add(reachable, none);
    assertEquals(0.5, tally.reachableRecall());
    assertEquals("50 % / – / –", tally.reachableCell());
  }
}
