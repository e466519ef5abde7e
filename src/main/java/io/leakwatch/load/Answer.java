package io.leakwatch.load;

import io.leakwatch.sample.LoadSeries;
import java.util.Map;

/** What the answer of a metrics endpoint has in it. */
public sealed interface Answer {

  /**
   * Figures that were asked for.
   *
   * @param figures finite ones alone; a name that nothing fits is not there
   * @param lines metrics in the answer, wanted or not
   * @param overlongLines lines that were passed over because of their length
   * @param brpc whether they are those of a brpc server
   */
  record Figures(Map<LoadSeries, Double> figures, long lines, long overlongLines, boolean brpc)
      implements Answer {
    public Figures {
      figures = Map.copyOf(figures);
    }
  }

  /**
   * No metrics.
   *
   * @param why what it is instead
   */
  record Refused(String why) implements Answer {}
}
