package io.leakwatch.trend.load;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.trend.statistics.Floors;
import java.util.Locale;
import java.util.regex.Pattern;

/** One figure of load of one incarnation: its lowest values, and whether it ever fell. */
final class LoadTrack {
  private static final Pattern HELD_MEMORY =
      Pattern.compile("(^|.*_)(memory|mem|cache|cached|buffer|heap|alloc|allocated|held)(_.*|$)");
  private static final Pattern BYTES = Pattern.compile("(^|.*_)(bytes?|memory|mem)(_.*|$)");

  private final LoadSeries series;
  private final Floors floors;
  private final Floors points;
  private double newest = Double.NaN;
  private boolean fell;

  LoadTrack(LoadSeries series, int floorsMax, int pointsMax) {
    this.series = series;
    this.floors = new Floors(floorsMax);
    this.points = new Floors(pointsMax);
  }

  void accept(long bin, long point, double value) {
    fell |= value < newest;
    newest = value;
    floors.accept(bin, value);
    points.accept(point, value);
  }

  String name() {
    return series.name();
  }

  Floors floors() {
    return floors;
  }

  Floors points() {
    return points;
  }

  /**
   * Whether it is a sum since the start. Where nobody declares it, what has never fallen is taken
   * for one, unless its name says that it is memory.
   */
  boolean isCounter() {
    return switch (series.kind()) {
      case COUNTER -> true;
      case GAUGE -> false;
      case UNDECLARED ->
          lowerName().endsWith("_total") || (!fell && !HELD_MEMORY.matcher(lowerName()).matches());
    };
  }

  /** Whether its level may be compared where it has no shape: a declared state, or held memory. */
  boolean isState() {
    return series.kind() == LoadSeries.Kind.GAUGE
        || (!isCounter() && HELD_MEMORY.matcher(lowerName()).matches());
  }

  /** Whether its unit is a byte. */
  boolean isBytes() {
    return BYTES.matcher(lowerName()).matches();
  }

  private String lowerName() {
    return series.name().toLowerCase(Locale.ROOT);
  }

  long retainedBytes() {
    return floors.retainedBytes() + points.retainedBytes() + 64;
  }
}
