package io.leakwatch.alert;

import io.leakwatch.diagnose.Verdict.Exhaustion;
import java.util.Locale;

/** Sizes, rates and times as a person reads them. */
public final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final long DAY_SECONDS = 86_400;
  private static final long HOURS_TOLD_DAYS_MAX = 10;

  private Words() {}

  /** {@code 1.5 GiB}; {@code ?} when unknown. */
  public static String size(Number number) {
    double bytes = number.doubleValue();
    if (Double.isNaN(bytes)) {
      return "?";
    }
    Scaled scaled = Scaled.of(bytes, 1023.95);
    String format = scaled.unit() == 0 ? "%s%.0f %s" : "%s%.1f %s";
    String sign = bytes < 0 ? "-" : "";
    return String.format(Locale.ROOT, format, sign, scaled.value(), UNITS[scaled.unit()]);
  }

  /**
   * A size without its sign, in the unit in which it is below a border.
   *
   * @param unit how often it was divided by 1024
   */
  public record Scaled(double value, int unit) {
    /** Scales a finite number of bytes. */
    public static Scaled of(double bytes, double below) {
      double value = Math.abs(bytes);
      int unit = 0;
      while (value >= below && unit < UNITS.length - 1) {
        value /= 1024;
        unit++;
      }
      return new Scaled(value, unit);
    }
  }

  /** {@code +3.0 GiB/day}, in the unit of time in which the number is easy to picture. */
  public static String rate(double bytesPerSecond) {
    if (Double.isNaN(bytesPerSecond)) {
      return "?";
    }
    String sign = bytesPerSecond > 0 ? "+" : "";
    double perDay = bytesPerSecond * 86_400;
    if (Math.abs(perDay) < 64.0 * (1L << 30)) {
      return sign + size(perDay) + "/day";
    }
    double perHour = bytesPerSecond * 3_600;
    return Math.abs(perHour) < 256.0 * (1L << 30)
        ? sign + size(perHour) + "/hour"
        : sign + size(bytesPerSecond) + "/s";
  }

  /** When a limit is reached: {@code in 2 d 3 h}, {@code not within 2 years}. */
  public static String when(double seconds) {
    return seconds >= Exhaustion.FORECAST_SECONDS_MAX
        ? "not within " + Exhaustion.FORECAST_YEARS_MAX + " years"
        : "in " + time(seconds);
  }

  /**
   * {@code 45 s}, {@code 90 min}, {@code 31 h}, {@code 2 d 3 h}, {@code 40 d}; {@code over 2 years}
   * when it is more, {@code ?} when unknown.
   */
  public static String time(double seconds) {
    if (Double.isNaN(seconds)) {
      return "?";
    }
    if (seconds >= Exhaustion.FORECAST_SECONDS_MAX) {
      return "over " + Exhaustion.FORECAST_YEARS_MAX + " years";
    }
    long s = Math.max(0, (long) seconds);
    if (s < 120) {
      return s + " s";
    }
    if (s < 7_200) {
      return s / 60 + " min";
    }
    if (s < 2 * DAY_SECONDS) {
      return s / 3_600 + " h";
    }
    long days = s / DAY_SECONDS;
    return days + " d" + (days < HOURS_TOLD_DAYS_MAX ? " " + s % DAY_SECONDS / 3_600 + " h" : "");
  }
}
