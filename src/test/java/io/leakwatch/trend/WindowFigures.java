package io.leakwatch.trend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Figures of windows of hours that end now: the shape of each, and how it compares with all windows
 * of the same length before it in this life. The last window is as long as the life, and has none
 * before it.
 *
 * <p>A rise is told as a share of the level, and what was before as a multiple of the present rise,
 * so that a figure says the same of a large process and of a small one.
 */
final class WindowFigures {
  private static final double[] HOURS = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 576};
  private static final double DAY = 24;
  private static final double LONGEST = 576;
  private static final double SHORTEST_LIFE = 2;

  /** Windows before the present one that are looked at, the nearest first. */
  private static final int BEFORE_MAX = 400;

  /** A window before rose like the present one from this share of its steady rise on. */
  private static final double ALIKE = 1 / 3.0;

  /** Multiples of the present rise are cut off here. */
  private static final double MULTIPLE_MAX = 9;

  private enum Figure {
    RISE(w -> w.shape.rise / w.level()),
    RATE(w -> w.shape.rise / w.level() / w.hours * DAY),
    STEADINESS(w -> w.shape.steady / w.size()),
    STRAIGHTNESS(w -> w.shape.straight()),
    GROWS(w -> w.shape.grows),
    BENDS(w -> w.shape.bends),
    GROWING_HOURS(w -> w.shape.growing * w.hours),
    END_SLOPE(w -> w.shape.endSlope),
    STEADIEST_BEFORE(w -> w.steadiest),
    EPISODES_BEFORE(w -> w.episodes),
    QUIET_HOURS_BEFORE(w -> w.compared == 0 ? -1 : w.quietHours),
    RECORD(w -> w.compared == 0 ? Double.NaN : cut((w.shape.newest - w.highest) / w.size()));

    @SuppressWarnings("ImmutableEnumChecker")
    private final ToDoubleFunction<WindowFigures> of;

    Figure(ToDoubleFunction<WindowFigures> of) {
      this.of = of;
    }
  }

  private static final Figure[] FIGURES = Figure.values();

  private final Shape shape = new Shape();
  private final Shape earlier = new Shape();
  private final double[] floors = new double[Templates.BLOCKS];
  private final double[] earlierFloors = new double[Templates.BLOCKS];
  private Windows windows = Windows.NONE;
  private double hours;
  private double steadiest;
  private double nearest;
  private double highest;
  private double quietHours;
  private int episodes;
  private int compared;
  private double dayBefore;
  private double daySlope;

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (double window : HOURS) {
      names.addAll(names(String.format("%.0f h", window)));
    }
    names.addAll(names("life"));
    return names;
  }

  private static List<String> names(String window) {
    return Arrays.stream(FIGURES).map(figure -> window + ": " + HourFigures.name(figure)).toList();
  }

  /** Steady rise of the day before the last one, as a multiple of that of the last one. */
  double dayBefore() {
    return dayBefore;
  }

  /** Rise of the last day, bytes an hour. */
  double daySlope() {
    return daySlope;
  }

  /**
   * Writes the figures, {@code NaN} for windows longer than the life.
   *
   * @param now the hours up to now
   * @return the index after the last one
   */
  int write(Windows now, float[] row, int from) {
    windows = now;
    dayBefore = Double.NaN;
    daySlope = Double.NaN;
    int at = from;
    for (double window : HOURS) {
      at = write(row, at, measure(window) && compareWithEarlier());
      if (window == DAY && windows.end() >= DAY) {
        dayBefore = cut(compared == 0 ? 0 : nearest);
        daySlope = shape.rise / DAY;
      }
    }
    double life = Math.min(windows.end(), LONGEST);
    return write(row, at, life >= SHORTEST_LIFE && measure(life));
  }

  private int write(float[] row, int from, boolean measured) {
    int at = from;
    for (Figure figure : FIGURES) {
      row[at++] = measured ? (float) figure.of.applyAsDouble(this) : Float.NaN;
    }
    return at;
  }

  private boolean measure(double window) {
    hours = window;
    steadiest = 0;
    highest = 0;
    quietHours = 0;
    episodes = 0;
    compared = 0;
    if (!windows.cut(windows.end(), window, floors)) {
      return false;
    }
    shape.measure(floors);
    shape.compare();
    return true;
  }

  /** Goes back through the windows of the same length, a quarter of it at a time. */
  private boolean compareWithEarlier() {
    double step = Math.max(1, Math.floor(hours / 4));
    double steady = Math.max(1e-9, Math.abs(shape.steady));
    boolean within = false;
    for (double end = windows.end() - hours;
        compared < BEFORE_MAX && windows.cut((long) end, hours, earlierFloors);
        end -= step) {
      earlier.measure(earlierFloors);
      nearest = compared == 0 ? earlier.steady / steady : nearest;
      compared++;
      for (double floor : earlierFloors) {
        highest = Math.max(highest, floor);
      }
      double size = Math.abs(earlier.steady) / steady;
      steadiest = Math.max(steadiest, size);
      boolean alike = size >= ALIKE;
      episodes += alike && !within ? 1 : 0;
      quietHours += episodes == 0 ? step : 0;
      within = alike;
    }
    return true;
  }

  private double level() {
    return Math.max(1, shape.level);
  }

  private double size() {
    return Math.max(1, Math.abs(shape.rise));
  }

  private static double cut(double multiple) {
    return Math.max(-MULTIPLE_MAX, Math.min(MULTIPLE_MAX, multiple));
  }
}
