package io.leakwatch.sampling;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often something went wrong in reading a process, and what; the reasons are few, for they
 * become labels.
 */
final class SampleErrors {
  /** Why a reading failed. */
  enum Reason {
    /** The process ended while it was read; its sample was dropped. */
    VANISHED,
    /** A permission is missing. */
    DENIED,
    /** Something is lacking that nobody forbids, or a bound was met. */
    UNABLE,
    /** Lines of smaps or maps that could not be understood. */
    MALFORMED,
    /** The heap could not be read for lack of permission. */
    HEAP_DENIED
  }

  private final Map<Reason, Long> counts = new EnumMap<>(Reason.class);

  void count(Reason reason) {
    count(reason, 1);
  }

  void count(Reason reason, long times) {
    if (times > 0) {
      counts.merge(reason, times, Long::sum);
    }
  }

  /** Counts by wire name. */
  Map<String, Long> byReason() {
    Map<String, Long> named = new TreeMap<>();
    counts.forEach((reason, n) -> named.put(reason.name().toLowerCase(Locale.ROOT), n));
    return named;
  }
}
