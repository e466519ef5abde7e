package io.leakwatch.time;

import java.time.Instant;

/** What time it is, and how to let it pass. For any thread. */
public interface Time {
  /** Nanoseconds since an arbitrary origin; never goes back, whatever happens to the clock. */
  long nanos();

  /** Milliseconds since 1970 by the clock of the node, which may jump. */
  long millis();

  /** Processor time that the calling thread has used, nanoseconds. */
  long cpuNanos();

  /** Lets time pass for the calling thread; less where it is interrupted. */
  void pause(long nanos);

  /** Seconds since 1970 by the clock of the node. */
  default double seconds() {
    return millis() / 1e3;
  }

  /** The clock of the node. */
  default Instant now() {
    return Instant.ofEpochMilli(millis());
  }
}
