package io.leakwatch.text;

import java.time.Duration;
import java.util.Locale;

/**
 * Quantities as a person reads them, for every sentence, table and picture of the program.
 *
 * <p>Sizes are in powers of 1024. They have one decimal below 100 and none from there on, so two
 * digits at least; a size that is whole without the decimal has none. Rates are reported per day,
 * per hour or per second, in the longest of them in which the number is easy to picture. Nothing
 * that rounds to nothing has a sign, and nothing rounds to 1024 of a unit. What is unknown is
 * {@code ?}.
 */
public final class Quantity {
  private static final String UNKNOWN = "?";
  private static final double KIBI = 1024;
  private static final double GIBI = KIBI * KIBI * KIBI;

  /** From there on a number has no decimals. */
  private static final double WHOLE_FROM = 99.95;

  private static final double PER_DAY_MAX_BYTES = 64 * GIBI;
  private static final double PER_HOUR_MAX_BYTES = 256 * GIBI;

  /** A count an hour, from which on it is given so; and the same for a count a second. */
  private static final double PER_DAY_MAX_COUNT = 20;

  private static final double PER_HOUR_MAX_COUNT = 10_000;

  private static final double HOUR_SECONDS = 3_600;
  private static final double DAY_SECONDS = 86_400;
  private static final double YEAR_SECONDS = 365.25 * DAY_SECONDS;

  private Quantity() {}

  /** A unit of sizes. */
  public enum Unit {
    B,
    KIB,
    MIB,
    GIB,
    TIB,
    PIB,
    EIB;

    /** The unit in which a size has at most four digits before the point. */
    public static Unit of(double bytes) {
      double value = Math.abs(bytes);
      int unit = 0;
      while (value >= KIBI - 0.5 && unit < values().length - 1) {
        value /= KIBI;
        unit++;
      }
      return values()[unit];
    }

    /** How many bytes it is. */
    public double bytes() {
      return Math.pow(KIBI, ordinal());
    }

    /** {@code GiB}. */
    public String symbol() {
      return this == B ? "B" : name().charAt(0) + "iB";
    }

    private int decimals(double value) {
      return this == B || Math.abs(value) >= WHOLE_FROM ? 0 : 1;
    }
  }

  /** {@code 1.5 GiB}, {@code 16 GiB} where it is that to the byte, {@code 512 B}, {@code ?}. */
  public static String size(double bytes) {
    if (!Double.isFinite(bytes)) {
      return UNKNOWN;
    }
    Unit unit = Unit.of(bytes);
    double value = bytes / unit.bytes();
    return number(value, value == Math.rint(value) ? 0 : unit.decimals(value))
        + " "
        + unit.symbol();
  }

  /** {@link #size(double)}. */
  public static String size(long bytes) {
    return size((double) bytes);
  }

  /** {@code +1.5 GiB}; without a sign where it rounds to nothing. */
  public static String signed(double bytes) {
    return sign(bytes) + size(bytes);
  }

  /** {@code 528 B}: the size of a chunk, which is known by its last byte. */
  public static String exact(long bytes) {
    return bytes + " B";
  }

  /** {@code +3.0 GiB/day}, {@code +5.1 GiB/hour}, {@code +1.1 TiB/s}. */
  public static String rate(double bytesPerSecond) {
    return Double.isFinite(bytesPerSecond) ? Pace.of(bytesPerSecond).text(bytesPerSecond) : UNKNOWN;
  }

  /**
   * {@code +3.0 GiB/day (±0.2)}: the error in the rate's own unit and no finer than the rate; one
   * that is far larger has a unit of its own.
   */
  public static String rate(double bytesPerSecond, double errorBytesPerSecond) {
    if (!(errorBytesPerSecond >= 0) || !Double.isFinite(bytesPerSecond + errorBytesPerSecond)) {
      return rate(bytesPerSecond);
    }
    Pace pace = Pace.of(bytesPerSecond);
    double error = errorBytesPerSecond * pace.seconds() / pace.unit().bytes();
    String told =
        error >= KIBI - 0.5
            ? size(errorBytesPerSecond * pace.seconds())
            : number(Math.max(error, Math.pow(10, -pace.decimals())), pace.decimals());
    return pace.text(bytesPerSecond) + " (±" + told + ")";
  }

  /** {@code +6.8 GiB/hour of +6.9}: a part of a rate in the unit of the whole. */
  public static String rateOf(double part, double whole) {
    if (!Double.isFinite(part + whole)) {
      return rate(part);
    }
    Pace pace = Pace.of(whole);
    return pace.text(part) + " of " + pace.number(whole);
  }

  /**
   * {@code 85 %}; with a decimal below 1 and above 99, so that neither nothing nor all is said of
   * what is only near to it. Never less than nothing or more than all.
   */
  public static String percent(double share) {
    if (Double.isNaN(share)) {
      return UNKNOWN;
    }
    double percent = 100 * Math.max(0, Math.min(1, share));
    boolean near = percent < 1 || percent > 99;
    if (percent == 0 || percent == 100 || !near) {
      return number(percent, 0) + " %";
    }
    return number(Math.max(0.1, Math.min(99.9, percent)), 1) + " %";
  }

  /** {@code 9500}, {@code 38.0 k}, {@code 1.2 M}: a number of things of which some are many. */
  public static String count(double count) {
    if (!Double.isFinite(count)) {
      return UNKNOWN;
    }
    double many = Math.abs(count);
    if (many < 9_999.5) {
      return number(count, 0);
    }
    double value = many < 999_500 ? count / 1e3 : count / 1e6;
    return number(value, Math.abs(value) >= WHOLE_FROM ? 0 : 1) + (many < 999_500 ? " k" : " M");
  }

  /** {@code +12/day}, {@code +250/hour}, {@code +1200/s}: how fast a number of things rises. */
  public static String countRate(double perSecond) {
    if (!Double.isFinite(perSecond)) {
      return UNKNOWN;
    }
    double rate = Math.abs(perSecond);
    double seconds =
        rate * HOUR_SECONDS < PER_DAY_MAX_COUNT
            ? DAY_SECONDS
            : rate < PER_HOUR_MAX_COUNT / HOUR_SECONDS ? HOUR_SECONDS : 1;
    String per = seconds == DAY_SECONDS ? "/day" : seconds == HOUR_SECONDS ? "/hour" : "/s";
    double value = perSecond * seconds;
    String text = number(value, Math.abs(value) < 9.95 ? 1 : 0);
    return (value > 0 && !text.matches("[0.]*") ? "+" : "") + text + per;
  }

  /** {@link #duration(double)}. */
  public static String duration(Duration span) {
    return duration(span.toMillis() / 1e3);
  }

  /**
   * {@code 500 ms}, {@code 45 s}, {@code 90 min}, {@code 4.1 h}, {@code 26 h}, {@code 4.1 days},
   * {@code 2.7 years}: a decimal below 10 where it is not 0, a larger unit from two of it on.
   */
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return UNKNOWN;
    }
    if (seconds <= 0) {
      return "0 s";
    }
    if (seconds < 0.9995) {
      return number(Math.max(1, seconds * 1e3), 0) + " ms";
    }
    if (seconds < 119.5) {
      return span(seconds, 1, " s");
    }
    if (seconds < 119.5 * 60) {
      return span(seconds, 60, " min");
    }
    if (seconds < 47.5 * HOUR_SECONDS) {
      return span(seconds, HOUR_SECONDS, " h");
    }
    return seconds < 2 * YEAR_SECONDS
        ? span(seconds, DAY_SECONDS, " days")
        : span(seconds, YEAR_SECONDS, " years");
  }

  private static String span(double seconds, double unitSeconds, String unit) {
    double value = seconds / unitSeconds;
    String tenths = number(value, 1);
    boolean whole = value >= 9.95 || tenths.endsWith(".0");
    return (whole ? number(value, 0) : tenths) + unit;
  }

  /** The units in which a rate is reported. */
  private record Pace(double seconds, Unit unit, int decimals) {
    static Pace of(double bytesPerSecond) {
      double rate = Math.abs(bytesPerSecond);
      double seconds =
          rate * DAY_SECONDS < PER_DAY_MAX_BYTES
              ? DAY_SECONDS
              : rate * HOUR_SECONDS < PER_HOUR_MAX_BYTES ? HOUR_SECONDS : 1;
      Unit unit = Unit.of(rate * seconds);
      return new Pace(seconds, unit, unit.decimals(rate * seconds / unit.bytes()));
    }

    String text(double bytesPerSecond) {
      String per = seconds == DAY_SECONDS ? "/day" : seconds == HOUR_SECONDS ? "/hour" : "/s";
      return number(bytesPerSecond) + " " + unit.symbol() + per;
    }

    String number(double bytesPerSecond) {
      String text = Quantity.number(bytesPerSecond * seconds / unit.bytes(), decimals);
      boolean isSigned = text.startsWith("-") || text.matches("[0.]*");
      return (isSigned ? "" : "+") + text;
    }
  }

  private static String sign(double bytes) {
    return bytes >= 0.5 && Double.isFinite(bytes) ? "+" : "";
  }

  private static String number(double value, int decimals) {
    double nothing = 0.5 * Math.pow(10, -decimals);
    return String.format(Locale.ROOT, "%." + decimals + "f", Math.abs(value) < nothing ? 0 : value);
  }
}
