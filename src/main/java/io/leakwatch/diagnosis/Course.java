package io.leakwatch.diagnosis;

import java.time.Duration;
import java.time.Instant;

/**
 * The time of a diagnosis: when its readings are taken, and how the second one comes after the
 * first.
 */
interface Course {
  /** Seconds of a clock that only goes forward. */
  double seconds();

  Instant time();

  /**
   * Goes on to the second reading.
   *
   * @param span between the two
   * @param from when the first one ended
   * @param readingSeconds what it took
   * @param between takes a cheap reading on the way, where there is time for some
   */
  void toSecond(Duration span, double from, double readingSeconds, Runnable between);

  /** Whether the process runs on behind the second reading, and can be looked at once more. */
  boolean goesOn();
}
