package io.leakwatch.trend;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.statistics.Floors;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How fast each signal of a process rose since its growth began, as far back as is remembered.
 *
 * <p>A heap walk is rarer than a sample, and after a pause of the agent the first walk comes later
 * than the first sample. Each rate is therefore measured by its signal's own time, a straight line
 * stands for what was not seen, and two signals are compared over the time that both were seen in.
 */
final class Rates {
  private static final int DAYS = 3;

  /** More than any process has: no process has the memory of all runtimes and allocators. */
  private static final int FOLLOWED_MAX = 28;

  /** Limits, what has a rate of its own, and what is said of a process and not used by it. */
  private static final Set<Signal> NOT_RATED =
      EnumSet.of(
          Signal.LIMIT_BYTES,
          Signal.PROCESS_AGE_SECONDS,
          Signal.CGROUP_LIMIT_BYTES,
          Signal.ADDRESS_SPACE_LIMIT_BYTES,
          Signal.DATA_LIMIT_BYTES,
          Signal.MAPPING_LIMIT,
          Signal.THREAD_LIMIT,
          Signal.DESCRIPTOR_LIMIT,
          Signal.SIBLING_DAYS,
          Signal.STATED_BYTES);

  private final TrendSettings settings;
  private final Map<Signal, Floors> seen = new EnumMap<>(Signal.class);
  private Trend.Signals measured = Trend.Signals.NONE;

  Rates(TrendSettings settings) {
    this.settings = settings;
  }

  void clear() {
    seen.values().forEach(Floors::clear);
    measured = Trend.Signals.NONE;
  }

  void accept(long bin, Sample sample) {
    for (Signal signal : Signal.values()) {
      double value = sample.get(signal);
      if (Detector.isFigure(value) && !NOT_RATED.contains(signal)) {
        follow(signal, bin, value);
      }
    }
  }

  private void follow(Signal signal, long bin, double value) {
    Floors floors = seen.get(signal);
    if (floors == null && seen.size() < FOLLOWED_MAX) {
      floors = ring();
      seen.put(signal, floors);
    }
    if (floors != null) {
      floors.accept(bin, value);
    }
  }

  private Floors ring() {
    return new Floors(DAYS * TrendSettings.HOURS_PER_DAY);
  }

  /** Measures from stretch {@code firstBin} to now. */
  void measure(long firstBin) {
    Map<Signal, Double> rate = new EnumMap<>(Signal.class);
    Map<Signal, Double> value = new EnumMap<>(Signal.class);
    seen.forEach(
        (signal, floors) -> {
          if (floors.size() >= 2) {
            long end = floors.openBin() - 1;
            long begin = begin(firstBin, floors.firstBin(), end);
            value.put(signal, floors.at(begin));
            rate.put(signal, rise(floors, begin, end) / (end - begin) / settings.hourSeconds());
          }
        });
    Floors resident = seen.getOrDefault(Signal.RSS_ANON_BYTES, seen.get(Signal.RSS_BYTES));
    measured =
        new Trend.Signals(
            Collections.unmodifiableMap(rate),
            Collections.unmodifiableMap(value),
            share(seen.get(Signal.IN_USE_BYTES), resident, firstBin),
            share(seen.get(Signal.UNTOUCHED_BYTES), resident, firstBin));
  }

  private static double share(@Nullable Floors part, @Nullable Floors whole, long firstBin) {
    if (part == null || whole == null) {
      return 0;
    }
    long oldest = Math.max(part.firstBin(), whole.firstBin());
    long end = Math.min(part.openBin(), whole.openBin()) - 1;
    if (end <= oldest) {
      return 0;
    }
    long begin = begin(firstBin, oldest, end);
    return rise(part, begin, end) / Math.max(1, rise(whole, begin, end));
  }

  /** Not before what is remembered, and at least one stretch ago. */
  private static long begin(long firstBin, long oldest, long end) {
    return Math.max(oldest, Math.min(end - 1, firstBin));
  }

  private static double rise(Floors floors, long from, long to) {
    return floors.at(to) - floors.at(from);
  }

  /** As of the last time. */
  Trend.Signals measured() {
    return measured;
  }

  long retainedBytes() {
    return seen.values().stream().mapToLong(Floors::retainedBytes).sum();
  }
}
