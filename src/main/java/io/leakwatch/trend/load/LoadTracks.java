package io.leakwatch.trend.load;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.trend.statistics.Floors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process says of its own work, and how much of its growth that explains.
 *
 * <p>A state (sessions, buffered bytes) that memory follows explains it: the memory is held for
 * what is there. A sum since the start (requests served) explains nothing away: memory that grows
 * with it is never given back, which is what a leak per request looks like; it tells how many bytes
 * leak with each. Its rate, the requests of each stretch, is a state again.
 *
 * <p>Growth over days is compared by floors, a surge of minutes by the closer points.
 */
public final class LoadTracks {
  private static final int FLOORS_MAX = 240;
  private static final int POINTS_MAX = 144;

  /** Memory follows the load by so many floors or points at the most where it is explained. */
  private static final int LAG_STEPS_MAX = 4;

  private static final double COUNTED_R2 = 0.95;
  private static final double TOLD_MIN = 0.01;
  private static final double BYTES_SLOPE_MIN = 0.5;
  private static final double BYTES_SLOPE_MAX = 2;

  private static final int POINTS_PER_HOUR = 30;

  private final double hourSeconds;
  private final Map<LoadSeries, LoadTrack> tracks = new LinkedHashMap<>();
  private final Floors points = new Floors(POINTS_MAX);

  /**
   * @param hourSeconds what is taken for an hour
   */
  public LoadTracks(double hourSeconds) {
    this.hourSeconds = hourSeconds;
  }

  public void restart() {
    tracks.clear();
    points.clear();
  }

  /**
   * Takes what a sample says; {@code memory} is the working set in it, {@code NaN} where absent.
   */
  public void accept(long bin, double elapsed, double memory, Sample sample) {
    if (tracks.isEmpty() && sample.load().isEmpty()) {
      return;
    }
    long point = (long) (elapsed / pointSeconds());
    if (!Double.isNaN(memory)) {
      points.accept(point, memory);
    }
    sample
        .load()
        .forEach(
            (series, value) -> {
              LoadTrack track = tracks.get(series);
              if (track == null && tracks.size() < LoadSeries.PER_SAMPLE_MAX) {
                track = new LoadTrack(series, FLOORS_MAX, POINTS_MAX);
                tracks.put(series, track);
              }
              if (track != null) {
                track.accept(bin, point, value);
              }
            });
  }

  /**
   * Explains a growth.
   *
   * @param memory working set hour by hour
   * @param grownSeconds for how long it has grown
   * @param surge whether it began too lately for floors to show it
   * @return what goes along with it, the largest share first
   */
  public List<LoadExplanation> explain(Stretch memory, double grownSeconds, boolean surge) {
    double width = surge ? pointSeconds() : hourSeconds;
    int window = (int) Math.max(1, Math.min(FLOORS_MAX, Math.round(grownSeconds / width)));
    List<LoadExplanation> found = new ArrayList<>();
    for (LoadTrack track : tracks.values()) {
      Stretch y = surge ? new Stretch(points) : memory;
      Stretch x = new Stretch(surge ? track.points() : track.floors());
      if (track.isCounter()) {
        counted(track, y, x, window, found);
        double[] rate = x.differences();
        add("rate(" + track.name() + ")", fit(y, new Stretch(rate, x.end - 1), window), found);
      } else {
        add(track.name(), gauge(track, y, x, window), found);
      }
    }
    found.sort(Comparator.comparingDouble(LoadExplanation::explainedFraction).reversed());
    return List.copyOf(found);
  }

  /**
   * The same for the processor time, or whatever a recorded series calls its load: a state.
   *
   * @param x load hour by hour
   * @param y memory hour by hour
   * @return the share that it explains, 0 to 1
   */
  public static double shareOf(Stretch x, Stretch y, int window) {
    double[][] newest = y.beside(x, length(window), 0);
    LoadFit fit = orLevel(fit(y, x, window), newest);
    double[][] all = y.beside(x, Integer.MAX_VALUE, 0);
    LoadFit ever = orLevel(LoadFit.shape(all[0], all[1]), all);
    double share = fit == null ? 0 : fit.explained();
    return ever == null ? share : Math.max(share, ever.shareOf(newest[0], newest[1]));
  }

  private static @Nullable LoadFit orLevel(@Nullable LoadFit shape, double[][] both) {
    return shape == null ? LoadFit.level(both[0], both[1]) : shape;
  }

  private static void add(String name, @Nullable LoadFit fit, List<LoadExplanation> found) {
    if (fit != null && fit.explained() >= TOLD_MIN) {
      found.add(new LoadExplanation(name, false, fit.explained(), fit.slope()));
    }
  }

  private static @Nullable LoadFit gauge(LoadTrack track, Stretch y, Stretch x, int window) {
    LoadFit fit = fit(y, x, window);
    if (fit != null || !track.isState()) {
      return fit;
    }
    double[][] both = y.beside(x, length(window), 0);
    LoadFit level = LoadFit.level(both[0], both[1]);
    boolean plausible =
        level != null
            && (!track.isBytes()
                || (level.slope() >= BYTES_SLOPE_MIN && level.slope() <= BYTES_SLOPE_MAX));
    return plausible ? level : null;
  }

  private static @Nullable LoadFit fit(Stretch y, Stretch x, int window) {
    int length = length(window);
    double[][] both = y.beside(x, length, Math.min(LAG_STEPS_MAX, length / 8));
    return LoadFit.shape(both[0], both[1]);
  }

  private static int length(int window) {
    return Math.max(LoadFit.STEPS_MIN, 2 * window);
  }

  /** What leaks with each unit, where the growth is a straight line over the counter. */
  private static void counted(
      LoadTrack track, Stretch y, Stretch x, int window, List<LoadExplanation> found) {
    double[][] both = y.beside(x, Math.max(LoadFit.STEPS_MIN / 2, window), 0);
    double[] m = both[0];
    double[] c = both[1];
    int n = m.length;
    if (n < LoadFit.STEPS_MIN / 2) {
      return;
    }
    double meanM = 0;
    double meanC = 0;
    for (int i = 0; i < n; i++) {
      meanM += m[i] / n;
      meanC += c[i] / n;
    }
    double mm = 0;
    double mc = 0;
    double cc = 0;
    for (int i = 0; i < n; i++) {
      mm += (m[i] - meanM) * (m[i] - meanM);
      mc += (m[i] - meanM) * (c[i] - meanC);
      cc += (c[i] - meanC) * (c[i] - meanC);
    }
    if (mm > 0 && cc > 0 && mc > 0 && mc * mc >= COUNTED_R2 * mm * cc) {
      double share = Math.min(1, mc / cc * (c[n - 1] - c[0]) / Math.max(1, m[n - 1] - m[0]));
      found.add(new LoadExplanation(track.name(), true, Math.max(0, share), mc / cc));
    }
  }

  private double pointSeconds() {
    return hourSeconds / POINTS_PER_HOUR;
  }

  public long retainedBytes() {
    return tracks.values().stream().mapToLong(LoadTrack::retainedBytes).sum()
        + (tracks.isEmpty() ? 0 : points.retainedBytes());
  }
}
