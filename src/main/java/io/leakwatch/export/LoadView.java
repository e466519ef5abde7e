package io.leakwatch.export;

import io.leakwatch.sample.LoadSeries;
import java.util.Map;

/**
 * What the metrics endpoint of a process said last.
 *
 * @param endpoint its address, {@code ""} where none is asked or found
 * @param figures the newest, empty where there are none
 * @param problem why there are none, {@code ""} where there are
 */
public record LoadView(String endpoint, Map<LoadSeries, Double> figures, String problem) {

  /** Of a process that is not asked. */
  public static final LoadView NONE = new LoadView("", Map.of(), "");

  public LoadView {
    figures = Map.copyOf(figures);
  }
}
