package io.leakwatch.verdict;

import io.leakwatch.text.CalendarTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Evidence and times in sentences, as a person would check them. */
final class Figures {
  private static final double STRENGTH_MAX = 1000;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm 'UTC'", Locale.ROOT);

  private Figures() {}

  /** {@code 35}, {@code 240}, {@code over 1000}: what is beyond that says no more than that. */
  static String strength(double value) {
    if (value >= STRENGTH_MAX) {
      return String.format(Locale.ROOT, "over %.0f", STRENGTH_MAX);
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
  }

  /** The value that {@link #strength} tells. */
  static double capped(double value) {
    return Math.min(STRENGTH_MAX, value);
  }

  /**
   * When something was, as seen from {@code now}: {@code 14:20 UTC yesterday}, {@code 2026-11-20
   * 14:20 UTC}; in a series whose time does not count from 1970, {@code second 4711}.
   */
  static String when(double seconds, double now) {
    if (!CalendarTime.isOne(seconds)) {
      return String.format(Locale.ROOT, "second %.0f", seconds);
    }
    ZonedDateTime time = Instant.ofEpochSecond((long) seconds).atZone(ZoneOffset.UTC);
    LocalDate today = Instant.ofEpochSecond((long) now).atZone(ZoneOffset.UTC).toLocalDate();
    if (time.toLocalDate().equals(today)) {
      return CLOCK.format(time) + " today";
    }
    return time.toLocalDate().plusDays(1).equals(today)
        ? CLOCK.format(time) + " yesterday"
        : CalendarTime.minute(time.toInstant());
  }
}
