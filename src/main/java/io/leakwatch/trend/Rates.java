package io.leakwatch.trend;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How fast each signal of a process rose since its growth began, as far back as is remembered.
 *
 * <p>A heap walk is rarer than a sample, and after a pause of the agent the first walk comes later
 * than the first sample. Each rate is therefore measured by its signal's own time, a straight line
 * stands for what was not seen, and two signals are compared over the time that both were seen in.
 */
final class Rates {
  private static final int CYCLES = 3;

  private final TrendSettings settings;
  private final @Nullable Floors[] seen = new @Nullable Floors[Signal.values().length];
  private Map<Signal, Double> perSecond = Map.of();
  private Map<Signal, Double> before = Map.of();
  private double inUseShare;

  Rates(TrendSettings settings) {
    this.settings = settings;
  }

  void clear() {
    for (Floors floors : seen) {
      if (floors != null) {
        floors.clear();
      }
    }
    perSecond = Map.of();
    before = Map.of();
    inUseShare = 0;
  }

  void accept(long bin, Sample sample) {
    for (Signal signal : Signal.values()) {
      double value = sample.get(signal);
      if (Detector.isFigure(value)) {
        floors(signal).accept(bin, value);
      }
    }
  }

  private Floors floors(Signal signal) {
    Floors floors = seen[signal.ordinal()];
    if (floors == null) {
      floors = new Floors(CYCLES * settings.floorsPerCycle(), Integer.MAX_VALUE, 0);
      seen[signal.ordinal()] = floors;
    }
    return floors;
  }

  /**
   * Measures from stretch {@code firstBin} to now.
   *
   * @param resident the working set, whichever signal it was taken from
   */
  void measure(long firstBin, Floors resident) {
    Map<Signal, Double> rate = new EnumMap<>(Signal.class);
    Map<Signal, Double> value = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      Floors floors = seen[signal.ordinal()];
      if (floors == null || floors.size() < 2) {
        continue;
      }
      int newest = floors.size() - 1;
      int from = (int) Math.max(0, Math.min(newest - 1, firstBin - floors.firstBin()));
      double then = floors.get(from);
      value.put(signal, then);
      rate.put(signal, (floors.get(newest) - then) / (newest - from) / settings.floorSeconds());
    }
    perSecond = Collections.unmodifiableMap(rate);
    before = Collections.unmodifiableMap(value);
    Floors anonymous = seen[Signal.RSS_ANON_BYTES.ordinal()];
    inUseShare =
        share(
            seen[Signal.IN_USE_BYTES.ordinal()],
            anonymous == null || anonymous.size() == 0 ? resident : anonymous,
            firstBin);
  }

  private static double share(@Nullable Floors part, Floors whole, long firstBin) {
    if (part == null) {
      return 0;
    }
    long oldest = Math.max(part.firstBin(), whole.firstBin());
    long end = Math.min(part.firstBin() + part.size(), whole.firstBin() + whole.size()) - 1;
    long begin = Math.max(oldest, Math.min(end - 1, firstBin));
    return end <= begin ? 0 : rise(part, begin, end) / Math.max(1, rise(whole, begin, end));
  }

  private static double rise(Floors floors, long from, long to) {
    long first = floors.firstBin();
    return floors.get((int) (to - first)) - floors.get((int) (from - first));
  }

  Map<Signal, Double> perSecond() {
    return perSecond;
  }

  Map<Signal, Double> before() {
    return before;
  }

  double inUseShare() {
    return inUseShare;
  }

  long retainedBytes() {
    long bytes = 0;
    for (Floors floors : seen) {
      bytes += floors == null ? 0 : floors.retainedBytes();
    }
    return bytes;
  }
}
