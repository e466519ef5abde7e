package io.leakwatch.trend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Everything that can be said of a series at the end of an hour, as one row of figures for a
 * learner: what {@link WindowFigures} and {@link FineFigures} say of windows, how far the hour
 * stands out of the process' own noise, its age, and how high it stands.
 *
 * <p>No figure knows the limit, or how many lives there were before: where they are drawn for a
 * population, a learner would learn how they were drawn.
 */
public final class HourFigures {
  private static final int DAY = 24;

  private enum Figure {
    HOURS_WATCHED(f -> f.course.hourCount()),
    /** Whole days: their fraction would tell those apart that were restarted under the watch. */
    AGE_WHEN_MET(f -> Math.floor((f.age - f.course.hourCount()) / DAY)),
    FLOOR_TO_FIRST(f -> f.floor() / Math.max(1, f.course.hour(f.course.firstHour()))),
    FLOOR_TO_HIGHEST(f -> f.floor() / Math.max(1, f.highest)),
    DAYS_REPEAT(f -> f.profile.holds() ? 1 : 0),
    NEWEST_TO_FLOOR(f -> f.course.newest() / f.floor()),
    RISE_OF_A_DAY(HourFigures::riseOfADay),
    STEADINESS_OF_THE_DAY_BEFORE(f -> f.windows.dayBefore()),
    UNBENT_HOURS(f -> f.lives.unbentHours(f.windows.daySlope()));

    @SuppressWarnings("ImmutableEnumChecker")
    private final ToDoubleFunction<HourFigures> of;

    Figure(ToDoubleFunction<HourFigures> of) {
      this.of = of;
    }
  }

  private static final List<String> NAMES = allNames();

  private final FormerIncarnations lives = new FormerIncarnations();
  private final double[] ownScores = new double[OwnPast.count()];
  private final int[] ownEpisodes = new int[OwnPast.count()];
  private Course course = new Course(TrendSettings.HOURS_KEPT);
  private DailyProfile profile = new DailyProfile();
  private OwnPast ownPast = new OwnPast();
  private final WindowFigures windows = new WindowFigures();
  private FineFigures fine = new FineFigures(course);
  private double highest;
  private double age;
  private boolean closed;

  /** Names of the figures, in the order of a row. */
  public static List<String> names() {
    return NAMES;
  }

  private static List<String> allNames() {
    List<String> names = new ArrayList<>(WindowFigures.names());
    names.addAll(FineFigures.names());
    for (int i = 0; i < OwnPast.count(); i++) {
      names.add("own noise " + i + ": score");
      names.add("own noise " + i + ": episodes");
    }
    for (Figure figure : Figure.values()) {
      names.add(name(figure));
    }
    return List.copyOf(names);
  }

  static String name(Enum<?> figure) {
    return figure.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The process was restarted. */
  public void restart() {
    lives.ended(Windows.of(course, profile));
    course = new Course(TrendSettings.HOURS_KEPT);
    profile = new DailyProfile();
    ownPast = new OwnPast();
    fine = new FineFigures(course);
    highest = 0;
  }

  /**
   * Takes a sample.
   *
   * @param hours since the first sample of this life
   * @return whether an hour has closed, so that there is a row to {@link #write}
   */
  public boolean accept(double hours, double bytes, double ageHours) {
    closed = false;
    age = Math.max(hours, ageHours);
    course.accept(hours, bytes, false, new HourListener());
    return closed;
  }

  /** Writes the row of the hour that has just closed. */
  public void write(float[] row, int from) {
    int at = windows.write(Windows.of(course, profile), row, from);
    at = fine.write(row, at);
    for (int i = 0; i < ownScores.length; i++) {
      row[at++] = (float) ownScores[i];
      row[at++] = ownEpisodes[i];
    }
    for (Figure figure : Figure.values()) {
      row[at++] = (float) figure.of.applyAsDouble(this);
    }
  }

  private double floor() {
    return course.hour(course.hourCount() - 1);
  }

  private double riseOfADay() {
    long dayAgo = course.hourCount() - DAY;
    return dayAgo > 0 ? (floor() - course.hour(dayAgo)) / floor() : Double.NaN;
  }

  private final class HourListener implements Course.Listener {
    @Override
    public void minute() {}

    @Override
    public void fine() {}

    @Override
    public void hour(boolean seen) {
      closed = true;
      if (course.hourCount() % DAY == 0) {
        profile.learn(course, Windows.Expected.NOTHING);
      }
      Windows raw = Windows.of(course, Windows.Expected.NOTHING);
      for (int i = 0; i < ownScores.length; i++) {
        boolean rises = ownPast.test(i, raw, seen);
        ownScores[i] = rises ? ownPast.score : 0;
        ownEpisodes[i] = rises ? ownPast.episodes : -1;
      }
      highest = Math.max(highest, floor());
    }
  }
}
