package io.leakwatch.config;

import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.holders.HolderSettings;
import io.leakwatch.text.Quantity;
import java.time.Duration;

/**
 * What the diagnosis of a suspected process may take.
 *
 * @param onAlert whether the daemon diagnoses a process when it begins to alarm
 * @param span between its two readings
 * @param timeout after which it is given up, and one that could not be started is tried again
 * @param pause between two of the same process; one that did not read the process does not count
 * @param memoryBytes heap of the process that diagnoses
 * @param reportBytesMax of what it may find
 * @param waitingMax diagnoses that may be queued while one is running
 * @param content what it reads, and what of it may be shown
 * @param holders what the search for those who hold it may cost
 */
public record DiagnosisSettings(
    boolean onAlert,
    Duration span,
    Duration timeout,
    Duration pause,
    long memoryBytes,
    int reportBytesMax,
    int waitingMax,
    ContentSettings content,
    HolderSettings holders) {

  public DiagnosisSettings {
    if (memoryBytes < MEMORY_BYTES_MIN) {
      throw new IllegalArgumentException(
          "memory-bytes must be at least " + Quantity.size(MEMORY_BYTES_MIN));
    }
    if (timeout.compareTo(span) <= 0) {
      throw new IllegalArgumentException("timeout must be longer than span");
    }
  }

  private static final long MEMORY_BYTES_MIN = 32L << 20;
}
