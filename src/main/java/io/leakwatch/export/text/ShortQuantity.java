package io.leakwatch.export.text;

import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.time.Duration;
import java.util.Locale;

/**
 * Sizes, rates and times in as few characters as a column has: {@link Quantity} without blanks and
 * with one letter for a unit, {@code -} for what is unknown.
 */
public final class ShortQuantity {
  private static final double DAY_SECONDS = 86_400;

  private ShortQuantity() {}

  /** {@code 9.8G}, in powers of 1024. At most 5 characters, 6 below 0. */
  public static String size(double bytes) {
    return Double.isFinite(bytes) ? shortened(Quantity.size(bytes)) : "-";
  }

  /** What a rate comes to in a day, with its sign. */
  public static String perDay(double bytesPerSecond) {
    double bytes = bytesPerSecond * DAY_SECONDS;
    return Double.isFinite(bytes) ? shortened(Quantity.signed(bytes)) : "-";
  }

  public static String count(double count) {
    return Double.isFinite(count) ? String.format(Locale.ROOT, "%.0f", count) : "-";
  }

  public static String time(Duration span) {
    return time((double) span.toSeconds());
  }

  /** {@code 27h}, {@code 2.1d}; {@code >2y} where no forecast reaches. */
  public static String time(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "-";
    }
    return seconds >= Verdict.Exhaustion.FORECAST_SECONDS_MAX
        ? ">" + Verdict.Exhaustion.FORECAST_YEARS_MAX + "y"
        : Quantity.duration(seconds).replace(" days", "d").replace(" min", "m").replace(" ", "");
  }

  private static String shortened(String size) {
    return size.equals("0 B") ? "0" : size.replace("iB", "").replace(" ", "");
  }
}
