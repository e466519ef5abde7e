package io.leakwatch.diagnose;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures in sentences, in the units in which a person would check them. */
final class Figures {
  private static final double DAY_SECONDS = 86400;
  private static final double HOUR_SECONDS = 3600;

  /** Above it a rate is told per hour: a chunkserver's, not a metadata server's. */
  private static final double PER_DAY_MAX_BYTES = 100e9;

  private static final double PER_HOUR_MAX_BYTES = 1e12;
  private static final double EARLIEST_CALENDAR_SECONDS = 1e8;
  private static final double LATEST_CALENDAR_SECONDS = 2.5e11;
  private static final double YEARS_FROM_SECONDS = 2 * 365 * DAY_SECONDS;
  private static final int DECIMALS_MAX = 2;
  private static final double TOLD_MAX = 1000;
  private static final String[] DECIMAL = {"B", "kB", "MB", "GB", "TB", "PB"};
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm 'UTC'", Locale.ROOT);
  private static final DateTimeFormatter CALENDAR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT);

  private Figures() {}

  /** {@code 3.02 GB}. */
  static String bytes(double bytes) {
    int unit = unit(Math.abs(bytes), 999.5, 1000);
    return significant(bytes / Math.pow(1000, unit), unit) + " " + DECIMAL[unit];
  }

  /** {@code +3.02 GB}. */
  static String signed(double bytes) {
    return (bytes <= -0.5 ? "-" : "+") + bytes(Math.abs(bytes));
  }

  /** {@code 16 GiB} where a limit was set so, else as {@link #bytes}. */
  static String limit(double bytes) {
    int unit = unit(bytes, 1024, 1024);
    double value = bytes / Math.pow(1024, unit);
    return unit > 0 && value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f %s", value, BINARY[unit])
        : bytes(bytes);
  }

  /** {@code +3.02 GB/day}. */
  static String rate(double bytesPerSecond) {
    double span = span(bytesPerSecond);
    return signed(bytesPerSecond * span) + per(span);
  }

  /**
   * {@code +3.02 GB/day (±0.11)}: the error in the rate's own unit, to two digits, but no finer
   * than the rate; one that is far larger in a unit of its own.
   */
  static String rate(double bytesPerSecond, double errorBytesPerSecond) {
    if (!(errorBytesPerSecond >= 0) || Double.isInfinite(errorBytesPerSecond)) {
      return rate(bytesPerSecond);
    }
    double span = span(bytesPerSecond);
    int unit = unit(Math.abs(bytesPerSecond * span), 999.5, 1000);
    double error = errorBytesPerSecond * span / Math.pow(1000, unit);
    if (error >= 999.5) {
      return rate(bytesPerSecond) + " (±" + bytes(errorBytesPerSecond * span) + ")";
    }
    double finest = unit == 0 ? 1 : Math.pow(10, -DECIMALS_MAX);
    if (error < finest) {
      return rate(bytesPerSecond)
          + String.format(Locale.ROOT, " (±%." + (unit == 0 ? 0 : DECIMALS_MAX) + "f)", finest);
    }
    int decimals = unit == 0 || error >= 9.95 ? 0 : error >= 0.995 ? 1 : DECIMALS_MAX;
    return rate(bytesPerSecond) + String.format(Locale.ROOT, " (±%." + decimals + "f)", error);
  }

  /** {@code 35}, {@code 240}, {@code over 1000}: what is beyond that says no more than that. */
  static String strength(double value) {
    if (value >= TOLD_MAX) {
      return String.format(Locale.ROOT, "over %.0f", TOLD_MAX);
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
  }

  /** The value that {@link #strength} tells. */
  static double told(double value) {
    return Math.min(TOLD_MAX, value);
  }

  /** {@code 85 %}, never less than nothing or more than all. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * Math.max(0, Math.min(1, share)));
  }

  private static double span(double bytesPerSecond) {
    double rate = Math.abs(bytesPerSecond);
    if (rate * DAY_SECONDS < PER_DAY_MAX_BYTES) {
      return DAY_SECONDS;
    }
    return rate * HOUR_SECONDS < PER_HOUR_MAX_BYTES ? HOUR_SECONDS : 1;
  }

  private static String per(double span) {
    return span == DAY_SECONDS ? "/day" : span == HOUR_SECONDS ? "/h" : "/s";
  }

  private static int unit(double bytes, double below, double base) {
    double value = bytes;
    int unit = 0;
    while (value >= below && unit < DECIMAL.length - 1) {
      value /= base;
      unit++;
    }
    return unit;
  }

  private static String significant(double value, int unit) {
    double size = Math.abs(value);
    int decimals = unit == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /**
   * When something was, as seen from {@code now}: {@code 14:20 UTC yesterday}, {@code 2026-11-20
   * 14:20 UTC}; in a series whose time does not count from 1970, {@code second 4711}.
   */
  static String when(double seconds, double now) {
    if (!(seconds >= EARLIEST_CALENDAR_SECONDS && seconds < LATEST_CALENDAR_SECONDS)) {
      return String.format(Locale.ROOT, "second %.0f", seconds);
    }
    ZonedDateTime time = Instant.ofEpochSecond((long) seconds).atZone(ZoneOffset.UTC);
    LocalDate today = Instant.ofEpochSecond((long) now).atZone(ZoneOffset.UTC).toLocalDate();
    if (time.toLocalDate().equals(today)) {
      return CLOCK.format(time) + " today";
    }
    return time.toLocalDate().plusDays(1).equals(today)
        ? CLOCK.format(time) + " yesterday"
        : CALENDAR.format(time);
  }

  /** {@code 40 s}, {@code 35 min}, {@code 26 h}, {@code 4.1 days}, {@code 2.7 years}. */
  static String duration(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    if (seconds < 2 * HOUR_SECONDS) {
      return String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }
    if (seconds < 2 * DAY_SECONDS) {
      double hours = seconds / HOUR_SECONDS;
      return String.format(Locale.ROOT, hours < 10 ? "%.1f h" : "%.0f h", hours);
    }
    double days = seconds / DAY_SECONDS;
    if (seconds >= YEARS_FROM_SECONDS) {
      return String.format(Locale.ROOT, "%.1f years", days / 365.25);
    }
    return String.format(Locale.ROOT, days < 99.95 ? "%.1f days" : "%.0f days", days);
  }
}
