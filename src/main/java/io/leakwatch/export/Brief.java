package io.leakwatch.export;

import java.time.Duration;
import java.util.Locale;

/** Sizes, rates and times in as few characters as a column has, without blanks. */
final class Brief {
  private static final String UNITS = "BKMGTPE";
  private static final double DAY_SECONDS = 86_400;

  private Brief() {}

  /** {@code 9.87G} in powers of 1024; {@code -} when unknown. At most 5 characters, 6 below 0. */
  static String size(double bytes) {
    if (!Double.isFinite(bytes)) {
      return "-";
    }
    double value = Math.abs(bytes);
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    if (unit == 0 && value < 0.5) {
      return "0";
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return (bytes < 0 ? "-" : "")
        + String.format(Locale.ROOT, "%." + decimals + "f", value)
        + UNITS.charAt(unit);
  }

  /** What a rate comes to in a day, with its sign. */
  static String perDay(double bytesPerSecond) {
    String size = size(bytesPerSecond * DAY_SECONDS);
    return bytesPerSecond > 0 && !size.equals("0") ? "+" + size : size;
  }

  static String count(double count) {
    return Double.isFinite(count) ? String.format(Locale.ROOT, "%.0f", count) : "-";
  }

  static String time(Duration span) {
    return time((double) span.toSeconds());
  }

  /** {@code 45s}, {@code 90m}, {@code 31h}, {@code 2d3h}, {@code 40d}; {@code -} when unknown. */
  static String time(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "-";
    }
    long s = (long) Math.max(0, seconds);
    if (s < 120) {
      return s + "s";
    }
    if (s < 7_200) {
      return s / 60 + "m";
    }
    if (s < 172_800) {
      return s / 3_600 + "h";
    }
    long days = s / 86_400;
    return days < 10 ? days + "d" + s % 86_400 / 3_600 + "h" : days > 9_999 ? ">9999d" : days + "d";
  }
}
