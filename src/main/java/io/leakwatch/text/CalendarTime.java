package io.leakwatch.text;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Times in UTC as a person reads them, and whether seconds are such a time at all: those of a
 * recorded series may count from anywhere.
 */
public final class CalendarTime {
  /** March 1973: a series that counts from its own begin does not reach it. */
  private static final double EARLIEST_SECONDS = 1e8;

  /** The year 9892: what is later was not written in seconds. */
  private static final double LATEST_SECONDS = 2.5e11;

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private CalendarTime() {}

  /** Whether seconds count from 1970. */
  public static boolean isOne(double seconds) {
    return isOne(seconds, seconds);
  }

  /** Whether all seconds of a stretch, its end not counted, count from 1970. */
  public static boolean isOne(double fromSeconds, double toSeconds) {
    return fromSeconds >= EARLIEST_SECONDS && toSeconds < LATEST_SECONDS;
  }

  /** Whether they may count from anywhere, for they are too few to count from 1970. */
  public static boolean isTooEarly(double seconds) {
    return seconds < EARLIEST_SECONDS;
  }

  /** {@code 2026-11-20 14:20 UTC}. */
  public static String minute(Instant time) {
    return MINUTE.format(time);
  }
}
