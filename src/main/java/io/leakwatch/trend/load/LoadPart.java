package io.leakwatch.trend.load;

import io.leakwatch.trend.statistics.Floors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The part of a memory that follows the load. It is taken away before growth is searched for, so
 * that a busy day is not taken for growth, and growth under a falling load is seen.
 *
 * <p>Like a daily profile it is used only where it foretells what it was not made of: the line of
 * memory against load is fitted to the older two thirds of the hours that are known of both, and
 * must explain half of the variance of the newest third, beside that third's own line over time.
 */
public final class LoadPart {
  private static final int HOURS_MAX = 240;
  private static final int HOURS_MIN = 48;

  /** Memory follows the load by so many hours at the most where a load is learnt. */
  private static final int LAG_HOURS_MAX = 3;

  private static final double PREDICTED_PART = 0.5;

  private final Floors load;
  private @Nullable LoadFit fit;
  private double usual;

  public LoadPart(Floors load) {
    this.load = load;
  }

  public void clear() {
    fit = null;
  }

  /** What the load adds in an hour over what it adds on average, bytes; 0 where it is not known. */
  public float at(long bin) {
    LoadFit one = fit;
    if (one == null) {
      return 0;
    }
    long then = bin - one.lag();
    boolean known = then >= load.firstBin() && then < load.openBin();
    return known ? (float) (one.slope() * (load.at(then) - usual)) : 0;
  }

  /**
   * Learns from the hours that both are known of.
   *
   * @param memory its hours, numbered as those of the load
   */
  public void learn(Stretch memory) {
    fit = null;
    double[][] both = memory.beside(new Stretch(load), HOURS_MAX, LAG_HOURS_MAX);
    double[] y = both[0];
    double[] x = both[1];
    if (y.length < HOURS_MIN) {
      return;
    }
    int older = y.length * 2 / 3;
    LoadFit before =
        LoadFit.shape(Arrays.copyOf(y, older), Arrays.copyOf(x, older + LAG_HOURS_MAX));
    double[] newest = Arrays.copyOfRange(y, older, y.length);
    if (before != null
        && before.leaves(newest, Arrays.copyOfRange(x, older, x.length)) < PREDICTED_PART) {
      fit = LoadFit.shape(y, x);
      usual = Arrays.stream(x).average().orElseThrow();
    }
  }
}
