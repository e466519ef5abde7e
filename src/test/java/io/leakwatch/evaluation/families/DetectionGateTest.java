package io.leakwatch.evaluation.families;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.verdict.VerdictKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run of the evaluation, so that a change of the detector cannot quietly spoil it. */
class DetectionGateTest {
  private static final long FIRST_SEED = 200_000;

  private static Tally run(String family, int count, boolean inUse) {
    Tally tally = new Tally();
    for (int k = 0; k < count; k++) {
      Recording recording = Corpus.series(family, FIRST_SEED + k);
      tally.add(recording, Alarms.of(recording, inUse));
    }
    return tally;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldStaySilentOnHealthyProcesses(boolean inUse) {
    Tally tally = new Tally();
    for (String family : Corpus.BENIGN.subList(0, 9)) {
      // B4 fills up straight from its birth on, for up to five days; nothing can tell that before.
      if (!family.equals("B4")) {
        tally.add(run(family, 10, inUse));
      }
    }
    assertTrue(
        tally.episodes() <= 12,
        () -> tally.episodes() + " false alarms in " + tally.days() + " days");
  }

  @ParameterizedTest
  @CsvSource({
    "L1, false, 1.0, 20",
    "L2, false, 0.9, 30",
    "L3, false, 0.9, 48",
    "L4, false, 0.9, 48",
    "L5, false, 0.9, 40",
    "L6, false, 0.9, 48",
    "L7, false, 0.9, 48",
    "L8, false, 0.8, 150",
    "L9, false, 0.9, 48",
    "P1, false, 0.9, 0.7",
    "L1, true, 0.9, 8",
    "L2, true, 0.9, 8",
    "L5, true, 0.9, 10",
    "L6, true, 0.9, 14",
    "L7, true, 0.9, 10",
    "L9, true, 0.9, 14"
  })
  void shouldFindLeaks(String family, boolean inUse, double recall, double medianHours) {
    Tally tally = run(family, 10, inUse);
    assertTrue(tally.recall() >= recall, () -> family + ": " + tally.delayCell());
    assertTrue(tally.delayHours(0.5) <= medianHours, () -> family + ": " + tally.delayCell());
  }

  /** B11: a data set that grows, with the number of its objects as load. */
  @Test
  void shouldCallAGrowingDataSetLoad() {
    Tally tally = run("B11", 10, true);
    assertTrue(tally.finalShare(VerdictKind.LOAD) >= 0.9, tally::finals);
  }

  @Test
  void shouldTellWhatIsHeldFromWhatIsInUse() {
    Tally held = run("P1", 10, true);
    assertTrue(held.finalShare(VerdictKind.HELD, VerdictKind.PINNED) >= 0.9, held::finals);
    Tally used = run("P3", 10, true);
    assertTrue(used.finalShare(VerdictKind.HELD, VerdictKind.PINNED) <= 0.1, used::finals);
  }
}
