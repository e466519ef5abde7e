package io.leakwatch.export;

import io.leakwatch.region.RegionKind;
import io.leakwatch.sample.Signal;
import java.util.EnumMap;
import java.util.Map;

/** Which kind of memory a signal measures. */
public final class Kinds {
  private static final Map<Signal, String> BY_SIGNAL = bySignal();

  private Kinds() {}

  /** Wire name of the kind, {@code ""} for signals that are not the size of one kind. */
  public static String of(Signal signal) {
    return BY_SIGNAL.getOrDefault(signal, "");
  }

  private static Map<Signal, String> bySignal() {
    Map<Signal, String> found = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      for (RegionKind kind : RegionKind.values()) {
        if (signal.column().equals(kind.wireName() + "_bytes")) {
          found.put(signal, kind.wireName());
        }
      }
    }
    return found;
  }
}
