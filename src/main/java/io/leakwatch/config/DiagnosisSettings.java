package io.leakwatch.config;

import java.time.Duration;

/**
 * What the heavy look at a suspected process may take.
 *
 * @param span between its two looks
 * @param timeout after which it is given up
 * @param pause between two of the same process
 * @param memoryBytes heap of the process that looks
 */
public record DiagnosisSettings(Duration span, Duration timeout, Duration pause, long memoryBytes) {

  public static final DiagnosisSettings DEFAULTS =
      new DiagnosisSettings(
          Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(6), 256 << 20);
}
