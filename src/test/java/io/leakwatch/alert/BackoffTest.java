package io.leakwatch.alert;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final Backoff backoff = new Backoff(Duration.ofMinutes(2));

  @Test
  void pausesShouldDoubleUpToTheLimit() {
    backoff.failed(NOON);
    assertFalse(backoff.allows(NOON.plusMillis(900)));
    assertTrue(backoff.allows(NOON.plusSeconds(1)));
    for (int i = 0; i < 20; i++) {
      backoff.failed(NOON);
    }
    assertFalse(backoff.allows(NOON.plusSeconds(119)));
    assertTrue(backoff.allows(NOON.plusSeconds(120)));
  }

  @Test
  void aClockThatIsSetBackShouldNotLengthenAPause() {
    backoff.failed(NOON);
    assertTrue(backoff.allows(NOON.minusSeconds(3600)));
  }
}
