package io.leakwatch.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What reading may cost, and what it is said to have cost. */
class NodeBudgetTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;

  /** The clock may begin anywhere. */
  private static final long BEGAN = -7 * MINUTE;

  private final NodeBudget budget = new NodeBudget(0.01, BEGAN);

  private double usedAt(long nanos) {
    return budget.usedRatio(BEGAN + nanos);
  }

  @Test
  void shouldNotSayWhatWasUsedBeforeFiveMinutesHavePassed() {
    budget.spend(SECOND, BEGAN + SECOND);
    assertTrue(Double.isNaN(usedAt(5 * MINUTE - 1)));
    assertEquals(1 / 300.0, usedAt(5 * MINUTE), 1e-9);
  }

  /** A burst at the start was told of for days when the mean ran since then. */
  @Test
  void shouldForgetWhatIsOlderThanFiveMinutes() {
    budget.spend(30 * SECOND, BEGAN + SECOND);
    for (long t = 10; t <= 3600; t += 10) {
      budget.spend(SECOND / 20, BEGAN + t * SECOND);
    }
    assertEquals(0.005, usedAt(60 * MINUTE), 3e-4);
    assertEquals(0, usedAt(70 * MINUTE), 1e-9);
    budget.spend(3 * SECOND, BEGAN + 70 * MINUTE);
    assertEquals(0.01, usedAt(70 * MINUTE), 1e-4);
    assertEquals(0.01, usedAt(74 * MINUTE), 3e-4);
  }

  @Test
  void shouldPostponeLooksUntilWhatTheyCostIsWorkedOff() {
    assertTrue(budget.admits(BEGAN));
    budget.spend(SECOND / 10, BEGAN);
    assertFalse(budget.admits(BEGAN + 9 * SECOND));
    assertEquals(1, budget.postponed());
    budget.beginRound(BEGAN + 10 * SECOND);
    assertTrue(budget.admits(BEGAN + 10 * SECOND));
  }

  @Test
  void shouldEndTheLooksOfARoundAfterTenSecondsHoweverLargeTheShare() {
    NodeBudget whole = new NodeBudget(1, BEGAN);
    whole.beginRound(BEGAN + 3 * SECOND);
    assertTrue(whole.admits(BEGAN + 13 * SECOND - 1));
    assertFalse(whole.admits(BEGAN + 13 * SECOND));
    assertEquals(1, whole.postponed());
    whole.beginRound(BEGAN + 14 * SECOND);
    assertTrue(whole.admits(BEGAN + 14 * SECOND));
  }

  /** Division by it overflowed, and what was to be looked at least was looked at always. */
  @Test
  void aTinyShareShouldMeanALongRest() {
    Cadence cadence = new Cadence(SECOND, 1e-300, BEGAN);
    assertTrue(cadence.isDue(BEGAN));
    cadence.done(BEGAN, SECOND / 10);
    assertFalse(cadence.isDue(BEGAN + 60 * 24 * 60 * MINUTE));
    cadence.hasten();
    assertFalse(cadence.isDue(BEGAN + 60 * 24 * 60 * MINUTE));
  }
}
