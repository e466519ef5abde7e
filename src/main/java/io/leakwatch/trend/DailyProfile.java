package io.leakwatch.trend;

import java.util.Arrays;

/**
 * What each hour of the day adds to the floor, from up to seven whole days: the median of the days
 * after their drift and mean are taken out. It is used only where it foretells the days that it was
 * not made of, by half of their variance.
 */
final class DailyProfile implements Windows.Expected {
  static final int HOURS = 24;
  private static final int DAYS_MAX = 7;
  private static final double PREDICTED_PART = 0.5;

  private final float[] profile = new float[HOURS];
  private boolean holds;

  void clear() {
    holds = false;
  }

  boolean holds() {
    return holds;
  }

  /** What the hour adds to the floor, bytes; 0 where days do not repeat. */
  @Override
  public float at(long hour) {
    return holds ? profile[(int) (hour % HOURS)] : 0;
  }

  /**
   * Learns from the hours that are kept, at the end of a day.
   *
   * @param other what is expected for another reason, and is no part of the profile
   */
  void learn(Course course, Windows.Expected other) {
    int days = (int) Math.min(DAYS_MAX, (course.hourCount() - course.firstHour()) / HOURS);
    holds = false;
    if (days < 2) {
      return;
    }
    double[][] residuals = new double[days][];
    for (int day = 0; day < days; day++) {
      long from = course.hourCount() - (long) HOURS * (day + 1);
      boolean before = from - HOURS >= course.firstHour();
      double drift = before ? drift(course, other, from) : drift(course, other, from + HOURS);
      residuals[day] = residuals(course, other, from, drift);
    }
    double variance = 0;
    double left = 0;
    for (int hour = 0; hour < HOURS; hour++) {
      double sum = 0;
      for (double[] day : residuals) {
        sum += day[hour];
      }
      for (double[] day : residuals) {
        double others = (sum - day[hour]) / (days - 1);
        variance += day[hour] * day[hour];
        left += (day[hour] - others) * (day[hour] - others);
      }
    }
    holds = left < PREDICTED_PART * variance;
    double[] column = new double[days];
    for (int hour = 0; hour < HOURS && holds; hour++) {
      for (int day = 0; day < days; day++) {
        column[day] = residuals[day][hour];
      }
      Arrays.sort(column);
      profile[hour] = (float) ((column[days / 2] + column[(days - 1) / 2]) / 2);
    }
  }

  private static double value(Course course, Windows.Expected other, long hour) {
    return course.hour(hour) - other.at(hour);
  }

  /** Mean rise of a day's hours over the day before. */
  private static double drift(Course course, Windows.Expected other, long from) {
    double sum = 0;
    for (int hour = 0; hour < HOURS; hour++) {
      sum += value(course, other, from + hour) - value(course, other, from - HOURS + hour);
    }
    return sum / HOURS;
  }

  private static double[] residuals(
      Course course, Windows.Expected other, long from, double drift) {
    double[] day = new double[HOURS];
    double mean = 0;
    for (int hour = 0; hour < HOURS; hour++) {
      int ofDay = (int) ((from + hour) % HOURS);
      day[ofDay] = value(course, other, from + hour) - drift * hour / HOURS;
      mean += day[ofDay] / HOURS;
    }
    for (int hour = 0; hour < HOURS; hour++) {
      day[hour] -= mean;
    }
    return day;
  }
}
