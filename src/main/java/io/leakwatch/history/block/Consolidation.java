package io.leakwatch.history.block;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds the samples of a window of time into one.
 *
 * <p>What grows without bound is seen in the floor: the least of a window is free of request
 * bursts, arena peaks and batch jobs, and it is what the slow trend tests read in any case. So a
 * figure in bytes or a count, and every series of load, becomes its least observed value; the
 * processor time becomes its mean, because work adds up. A window never spans a restart. The
 * sample's time is that of the window's first observation, so that times rise strictly.
 */
public final class Consolidation {
  private static final Column CORES = new Column.OfSignal(Signal.LOAD);

  private Consolidation() {}

  /**
   * Folds samples into one for each window.
   *
   * @param samples in rising order of time
   * @param windowMillis windows start at multiples of it
   */
  public static List<Sample> floors(List<Sample> samples, long windowMillis) {
    List<Sample> floors = new ArrayList<>();
    for (int first = 0; first < samples.size(); ) {
      int next = first + 1;
      while (next < samples.size()
          && sameWindow(samples.get(first), samples.get(next), windowMillis)) {
        next++;
      }
      floors.add(floor(samples.subList(first, next)));
      first = next;
    }
    return floors;
  }

  public static boolean sameWindow(Sample a, Sample b, long windowMillis) {
    return Math.floorDiv(SampleBlock.toMillis(a.timeSeconds()), windowMillis)
            == Math.floorDiv(SampleBlock.toMillis(b.timeSeconds()), windowMillis)
        && a.incarnation().equals(b.incarnation());
  }

  private static Sample floor(List<Sample> window) {
    Sample first = window.get(0);
    Sample.Builder floor = Sample.at(first.timeSeconds(), first.incarnation());
    for (Column column : SampleBlock.columns(window)) {
      double least = Double.NaN;
      double sum = 0;
      int count = 0;
      for (Sample sample : window) {
        double value = column.of(sample);
        if (!Double.isNaN(value)) {
          least = count == 0 ? value : Math.min(least, value);
          sum += value;
          count++;
        }
      }
      if (count > 0) {
        column.set(floor, column.equals(CORES) ? (float) (sum / count) : least);
      }
    }
    return floor.build();
  }
}
