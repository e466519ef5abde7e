package io.leakwatch.export;

import io.leakwatch.alert.Replay;
import io.leakwatch.alert.Severity;
import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A replayed series as a picture: the working set, what is in use, the limit, the times of alert,
 * and from each alert the trend with its forecast. Columns of pixels hold the lowest and highest
 * value of their time, so a picture of a year is as small as that of a day.
 */
public final class ReplayPlot {
  private static final int COLUMNS = 1024;
  private static final int LEFT = 90;
  private static final int TOP = 40;
  private static final int WIDTH = 1024;
  private static final int HEIGHT = 400;
  private static final double DAY_SECONDS = 86400;
  private static final double FORECAST_SHARE = 0.15;
  private static final int MAX_CHANGES = 2000;

  private final String title;
  private final double[] low = new double[COLUMNS];
  private final double[] high = new double[COLUMNS];
  private final double[] used = new double[COLUMNS];
  private final double[] limit = new double[COLUMNS];
  private final List<Replay.Change> changes = new ArrayList<>();
  private double firstSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double columnSeconds = 1;
  private int columns;

  public ReplayPlot(String title) {
    this.title = title;
  }

  /** Takes a sample; when the columns are full, each two become one. */
  public void sample(Sample sample) {
    double time = sample.timeSeconds();
    double value = sample.get(Signal.RSS_ANON_BYTES);
    if (Double.isNaN(value)) {
      value = sample.get(Signal.IN_USE_BYTES);
    }
    if (Double.isNaN(value) || !Double.isFinite(time) || time < firstSeconds) {
      return;
    }
    firstSeconds = Double.isNaN(firstSeconds) ? time : firstSeconds;
    lastSeconds = time;
    while ((time - firstSeconds) / columnSeconds >= COLUMNS) {
      halve();
    }
    int at = (int) ((time - firstSeconds) / columnSeconds);
    for (; columns <= at; columns++) {
      low[columns] = Double.NaN;
      high[columns] = Double.NaN;
      used[columns] = Double.NaN;
      limit[columns] = Double.NaN;
    }
    low[at] = Double.isNaN(low[at]) ? value : Math.min(low[at], value);
    high[at] = Double.isNaN(high[at]) ? value : Math.max(high[at], value);
    used[at] = sample.has(Signal.IN_USE_BYTES) ? sample.get(Signal.IN_USE_BYTES) : used[at];
    limit[at] = sample.has(Signal.LIMIT_BYTES) ? sample.get(Signal.LIMIT_BYTES) : limit[at];
  }

  /** Takes a change of verdict or severity. */
  public void change(Replay.Change change) {
    if (changes.size() < MAX_CHANGES) {
      changes.add(change);
    }
  }

  private void halve() {
    columnSeconds *= 2;
    for (int i = 0; i < (columns + 1) / 2; i++) {
      int a = 2 * i;
      int b = Math.min(a + 1, columns - 1);
      low[i] = least(low[a], low[b]);
      high[i] = -least(-high[a], -high[b]);
      used[i] = Double.isNaN(used[b]) ? used[a] : used[b];
      limit[i] = Double.isNaN(limit[b]) ? limit[a] : limit[b];
    }
    columns = (columns + 1) / 2;
  }

  private static double least(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
  }

  /** The picture. */
  public String svg() {
    double top = 1;
    for (int i = 0; i < columns; i++) {
      top = Math.max(top, Double.isNaN(high[i]) ? 0 : high[i]);
      if (limit[i] < 3 * top) {
        top = Math.max(top, limit[i]);
      }
    }
    Frame frame = new Frame(firstSeconds, span(), 1.08 * top);
    StringBuilder svg = new StringBuilder(1 << 16);
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                + "<text x=\"%d\" y=\"24\" font-size=\"15\">%s</text>%n",
            LEFT + WIDTH + 30,
            TOP + HEIGHT + 60,
            LEFT,
            escaped(title)));
    alerts(svg, frame);
    axes(svg, frame);
    band(svg, frame);
    line(svg, frame, used, "#2a7f3f");
    line(svg, frame, limit, "#c0392b");
    trends(svg, frame);
    return svg.append("</svg>\n").toString();
  }

  private double span() {
    double span = Double.isNaN(lastSeconds) ? 1 : Math.max(1e-3, lastSeconds - firstSeconds);
    return span * (1 + FORECAST_SHARE);
  }

  /** Where a time and a size lie on the picture. */
  private record Frame(double fromSeconds, double seconds, double topBytes) {
    double x(double time) {
      return LEFT + WIDTH * Math.max(0, Math.min(1, (time - fromSeconds) / seconds));
    }

    double y(double bytes) {
      return TOP + HEIGHT * (1 - Math.max(0, Math.min(1, bytes / topBytes)));
    }
  }

  private void alerts(StringBuilder svg, Frame frame) {
    for (int i = 0; i < changes.size(); i++) {
      Replay.Change change = changes.get(i);
      if (change.severity() == Severity.NONE) {
        continue;
      }
      double until = i + 1 < changes.size() ? changes.get(i + 1).timeSeconds() : lastSeconds;
      double x = frame.x(change.timeSeconds());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\""
                  + " fill-opacity=\"0.25\"><title>%s %s</title></rect>%n",
              x,
              TOP,
              Math.max(1, frame.x(until) - x),
              HEIGHT,
              change.severity() == Severity.CRITICAL ? "#e74c3c" : "#f5b041",
              change.severity().wireName(),
              change.verdict().wireName()));
    }
  }

  private void axes(StringBuilder svg, Frame frame) {
    for (int k = 0; k <= 4; k++) {
      double bytes = frame.topBytes() * k / 4;
      double y = frame.y(bytes);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g GB</text>%n",
              LEFT,
              y,
              LEFT + WIDTH,
              y,
              LEFT - 6,
              y + 4,
              bytes / 1e9));
      double time = frame.fromSeconds() + frame.seconds() * k / 4;
      double days = frame.seconds() * k / 4 / DAY_SECONDS;
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              frame.x(time),
              TOP + HEIGHT + 20,
              days < 0.05 && frame.seconds() < DAY_SECONDS
                  ? String.format(Locale.ROOT, "%.0f s", days * DAY_SECONDS)
                  : String.format(Locale.ROOT, "day %.1f", days)));
    }
  }

  private void band(StringBuilder svg, Frame frame) {
    svg.append("<path fill=\"none\" stroke=\"#1f4e99\" d=\"");
    boolean begun = false;
    for (int i = 0; i < columns; i++) {
      if (!Double.isNaN(low[i])) {
        double x = frame.x(firstSeconds + i * columnSeconds);
        svg.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1fL%.1f %.1f",
                begun ? "L" : "M",
                x,
                frame.y(low[i]),
                x,
                frame.y(high[i])));
        begun = true;
      }
    }
    svg.append("\"/>\n");
  }

  private void line(StringBuilder svg, Frame frame, double[] values, String colour) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < columns; i++) {
      if (!Double.isNaN(values[i])) {
        double x = frame.x(firstSeconds + i * columnSeconds);
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, frame.y(values[i])));
      }
    }
    if (points.length() > 0) {
      svg.append("<polyline fill=\"none\" stroke=\"").append(colour).append("\" points=\"");
      svg.append(points).append("\"/>\n");
    }
  }

  /**
   * The trend at each alert, and from the last one the forecast between 3/4 and 5/4 of its rate.
   */
  private void trends(StringBuilder svg, Frame frame) {
    for (int i = 0; i < changes.size(); i++) {
      Replay.Change change = changes.get(i);
      int at = (int) ((change.timeSeconds() - firstSeconds) / columnSeconds);
      if (change.severity() == Severity.NONE || at >= columns || Double.isNaN(low[at])) {
        continue;
      }
      double perSecond = change.growthBytesPerDay() / DAY_SECONDS;
      double since =
          Double.isNaN(change.sinceSeconds()) ? change.timeSeconds() : change.sinceSeconds();
      double back = low[at] - perSecond * (change.timeSeconds() - since);
      double end = frame.fromSeconds() + frame.seconds();
      double ahead = perSecond * (end - change.timeSeconds());
      svg.append(
          String.format(
              Locale.ROOT,
              "<path stroke=\"#c0392b\" stroke-dasharray=\"5 3\" d=\"M%.1f %.1fL%.1f %.1f\"/>%n",
              frame.x(since),
              frame.y(back),
              frame.x(change.timeSeconds()),
              frame.y(low[at])));
      if (i == changes.size() - 1) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<path fill=\"#c0392b\" fill-opacity=\"0.15\""
                    + " d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\"/>%n",
                frame.x(change.timeSeconds()),
                frame.y(low[at]),
                frame.x(end),
                frame.y(low[at] + 0.75 * ahead),
                frame.x(end),
                frame.y(low[at] + 1.25 * ahead)));
      }
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .codePoints()
        .filter(c -> c >= 0x20 && c != 0xfffe && c != 0xffff)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
