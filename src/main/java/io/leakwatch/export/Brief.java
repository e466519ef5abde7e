package io.leakwatch.export;

import io.leakwatch.alert.Words;
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
    Words.Scaled scaled = Words.Scaled.of(bytes, 999.5);
    double value = scaled.value();
    int unit = scaled.unit();
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

  /** {@link Words#time} without blanks: {@code 2d3h}, {@code >2y}; {@code -} when unknown. */
  static String time(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "-";
    }
    return Words.time(seconds)
        .replace("over ", ">")
        .replace("years", "y")
        .replace("min", "m")
        .replace(" ", "");
  }
}
