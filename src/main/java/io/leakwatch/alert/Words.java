package io.leakwatch.alert;

import java.time.Duration;
import java.util.Locale;

/** Sizes, rates and times as a person reads them. */
public final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Words() {}

  /** {@code 1.5 GiB}; {@code ?} when unknown. */
  public static String size(Number number) {
    double bytes = number.doubleValue();
    if (Double.isNaN(bytes)) {
      return "?";
    }
    double value = Math.abs(bytes);
    int unit = 0;
    while (value >= 1023.95 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String sign = bytes < 0 ? "-" : "";
    String format = unit == 0 ? "%s%.0f %s" : "%s%.1f %s";
    return String.format(Locale.ROOT, format, sign, value, UNITS[unit]);
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

  /** {@code 2 d 3 h}; {@code never} when infinite, {@code ?} when unknown. */
  public static String time(double seconds) {
    if (Double.isNaN(seconds)) {
      return "?";
    }
    if (seconds > Duration.ofDays(36_500).toSeconds()) {
      return "never";
    }
    long s = Math.max(0, (long) seconds);
    if (s < 120) {
      return s + " s";
    }
    if (s < 7_200) {
      return s / 60 + " min";
    }
    return s < 172_800 ? s / 3_600 + " h" : s / 86_400 + " d " + s % 86_400 / 3_600 + " h";
  }
}
