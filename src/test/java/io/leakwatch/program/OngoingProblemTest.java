package io.leakwatch.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log says of a problem that lasts. */
class OngoingProblemTest {
  private final ManualTime time = new ManualTime();
  private final List<String> log = new ArrayList<>();
  private final OngoingProblem problem = new OngoingProblem(time, log::add, () -> log.add("ended"));

  @Test
  void reasonsThatAlternateShouldBeLoggedOnce() {
    for (int minute = 0; minute < 100; minute++) {
      problem.note(minute % 3 == 0 ? "full" : minute % 3 == 1 ? "" : "no transaction");
      time.pause(Duration.ofMinutes(1).toNanos());
    }
    assertEquals(List.of("full", "no transaction"), log);
  }

  @Test
  void itsEndShouldBeLoggedWhenNothingHasFailedForAWhile() {
    problem.note("full");
    for (int minute = 0; minute < 20; minute++) {
      time.pause(Duration.ofMinutes(1).toNanos());
      problem.note("");
      assertEquals(minute < 14 ? List.of("full") : List.of("full", "ended"), log);
    }
    problem.note("full");
    assertEquals(List.of("full", "ended", "full"), log);
  }

  @Test
  void endlesslyNewReasonsShouldNotBeLoggedWithoutEnd() {
    for (int i = 0; i < 100; i++) {
      problem.note("reason " + i);
    }
    assertEquals(8, log.size());
  }
}
