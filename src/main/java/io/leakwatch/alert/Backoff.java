package io.leakwatch.alert;

import java.time.Duration;
import java.time.Instant;

/** Pauses that double with each failure in a row, from one second to a limit. */
final class Backoff {
  private final Duration limit;
  private Duration pause = Duration.ZERO;
  private Instant until = Instant.MIN;

  Backoff(Duration limit) {
    this.limit = limit;
  }

  /** Whether the pause is over; it is too where the clock was set back to before it began. */
  boolean allows(Instant now) {
    return !now.isBefore(until) || now.isBefore(until.minus(pause));
  }

  void succeeded() {
    pause = Duration.ZERO;
    until = Instant.MIN;
  }

  void failed(Instant now) {
    Duration next = pause.isZero() ? Duration.ofSeconds(1) : pause.multipliedBy(2);
    pause = next.compareTo(limit) < 0 ? next : limit;
    until = now.plus(pause);
  }
}
