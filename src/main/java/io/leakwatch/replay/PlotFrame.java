package io.leakwatch.replay;

import io.leakwatch.text.CalendarTime;
import io.leakwatch.text.Quantity;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Where a time and a size lie on the picture, and its axes with round figures. */
record PlotFrame(double fromSeconds, double seconds, double topBytes) {
  static final int LEFT = 80;
  static final int TOP = 64;
  static final int WIDTH = 1024;
  static final int HEIGHT = 400;

  private static final int TICKS_X = 8;
  private static final int TICKS_Y = 6;
  private static final double[] ROUND = {1, 2, 5, 10};
  private static final double[] ROUND_SECONDS = {
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400
  };

  double x(double time) {
    return LEFT + WIDTH * Math.max(0, Math.min(1, (time - fromSeconds) / seconds));
  }

  double y(double bytes) {
    return TOP + HEIGHT * (1 - Math.max(0, Math.min(1, bytes / topBytes)));
  }

  void axes(StringBuilder svg) {
    Quantity.Unit unit = Quantity.Unit.of(topBytes);
    double scale = unit.bytes();
    double step = round(topBytes / scale / TICKS_Y);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    for (double value = 0; value * scale <= topBytes; value += step) {
      double y = y(value * scale);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e5e5e5\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%."
                  + decimals
                  + "f %s</text>%n",
              LEFT,
              y,
              LEFT + WIDTH,
              y,
              LEFT - 8,
              y + 4,
              value,
              unit.symbol()));
    }
    double every = roundSeconds(seconds / TICKS_X);
    boolean calendar = isCalendar();
    double origin = calendar ? 0 : fromSeconds;
    for (double time = origin + Math.ceil((fromSeconds - origin) / every) * every;
        time <= fromSeconds + seconds;
        time += every) {
      double x = x(time);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#999\"/>"
                  + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              x,
              TOP + HEIGHT,
              x,
              TOP + HEIGHT + 5,
              x,
              TOP + HEIGHT + 20,
              calendar ? calendar(time, every) : elapsed(time - origin, every)));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>%n",
            LEFT,
            TOP,
            WIDTH,
            HEIGHT));
  }

  boolean isCalendar() {
    return CalendarTime.isOne(fromSeconds, fromSeconds + seconds);
  }

  private static double round(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double round : ROUND) {
      if (round * power >= step) {
        return round * power;
      }
    }
    return 10 * power;
  }

  private static double roundSeconds(double step) {
    for (double round : ROUND_SECONDS) {
      if (round >= step) {
        return round;
      }
    }
    return step < 1 ? round(step) : Math.max(1, round(step / 86400)) * 86400;
  }

  private static String calendar(double seconds, double every) {
    String pattern = every >= 86400 ? "MMM d" : every >= 60 ? "MMM d HH:mm" : "HH:mm:ss";
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT)
        .withZone(ZoneOffset.UTC)
        .format(Instant.ofEpochSecond((long) seconds));
  }

  private static String elapsed(double seconds, double every) {
    if (every >= 86400) {
      return String.format(Locale.ROOT, "day %.0f", seconds / 86400);
    }
    return every >= 3600
        ? String.format(Locale.ROOT, "%.0f h", seconds / 3600)
        : every >= 60
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, every < 1 ? "%.1f s" : "%.0f s", seconds);
  }
}
