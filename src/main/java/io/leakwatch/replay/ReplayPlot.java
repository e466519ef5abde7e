package io.leakwatch.replay;

import io.leakwatch.alert.Severity;
import io.leakwatch.sample.Sample;
import io.leakwatch.text.ForeignText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A replayed series as a picture: the working set, what is in use, the limit, the times of alert,
 * the growth that each alert was raised for, and from the last sample on the forecast.
 */
public final class ReplayPlot {
  private static final double DAY_SECONDS = 86400;
  private static final double MARGIN_SHARE = 0.02;

  private static final int TITLE_CHARACTERS_MAX = 110;
  private static final int OUTCOME_CHARACTERS_MAX = 160;
  private static final int TIP_CHARACTERS_MAX = 1000;
  private static final int MAX_CHANGES = 2000;
  private static final int GAP_COLUMNS = 24;

  private static final String SERIES = "#1f4e99";
  private static final String USED = "#2a7f3f";
  private static final String LIMIT = "#7d3c98";
  private static final String TREND = "#c0392b";
  private static final String WARNING = "#f5b041";
  private static final String CRITICAL = "#e74c3c";

  private final String title;
  private final PlotColumns columns = new PlotColumns();
  private final List<Replay.Change> changes = new ArrayList<>();
  private Replay.@Nullable Change end;

  public ReplayPlot(String title) {
    this.title = title;
  }

  /** Takes a sample. */
  public void sample(Sample sample) {
    columns.add(sample);
  }

  /** Takes a change of verdict or severity. */
  public void change(Replay.Change change) {
    if (changes.size() < MAX_CHANGES) {
      changes.add(change);
    }
  }

  /** Takes how it stands at the end; the forecast begins there. */
  public void end(Replay.Change newest) {
    end = newest;
  }

  /** The picture. */
  public String svg() {
    PlotForecast forecast = end == null ? null : PlotForecast.of(end, columns);
    PlotFrame frame = frame(forecast != null);
    StringBuilder svg = new StringBuilder(1 << 16);
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                + "<text x=\"%d\" y=\"24\" font-size=\"16\" font-weight=\"bold\">%s</text>%n"
                + "<text x=\"%d\" y=\"44\">%s</text>%n",
            PlotFrame.LEFT + PlotFrame.WIDTH + 24,
            PlotFrame.TOP + PlotFrame.HEIGHT + 64,
            PlotFrame.LEFT,
            ForeignText.markup(title, TITLE_CHARACTERS_MAX),
            PlotFrame.LEFT,
            ForeignText.markup(outcome(), OUTCOME_CHARACTERS_MAX)));
    alerts(svg, frame);
    frame.axes(svg);
    if (forecast != null) {
      forecast.draw(svg, frame, TREND);
    }
    band(svg, frame);
    line(svg, frame, columns::used, USED, "");
    line(svg, frame, columns::limit, LIMIT, " stroke-dasharray=\"8 4\"");
    trends(svg, frame);
    legend(svg);
    return svg.append("</svg>\n").toString();
  }

  private PlotFrame frame(boolean forecasts) {
    double top = Math.max(1, columns.highest());
    double limit = columns.newestLimit();
    if (limit < 4 * top) {
      top = Math.max(top, limit);
    }
    double span = Math.max(1e-3, columns.lastSeconds() - columns.firstSeconds());
    return new PlotFrame(
        columns.firstSeconds(),
        span * (1 + (forecasts ? PlotForecast.SHARE : MARGIN_SHARE)),
        1.08 * top);
  }

  private String outcome() {
    if (end == null) {
      return "";
    }
    long alerts = changes.stream().filter(change -> change.severity() != Severity.NONE).count();
    return "at the end "
        + end.verdict().kind().wireName()
        + (alerts == 0 ? ", no alert" : ": " + String.join("; ", end.verdict().reasons()));
  }

  static boolean isAlert(Replay.Change change) {
    return change.severity() != Severity.NONE;
  }

  private void alerts(StringBuilder svg, PlotFrame frame) {
    for (int i = 0; i < changes.size(); i++) {
      Replay.Change change = changes.get(i);
      if (!isAlert(change)) {
        continue;
      }
      double until =
          i + 1 < changes.size() ? changes.get(i + 1).timeSeconds() : columns.lastSeconds();
      double x = frame.x(change.timeSeconds());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\""
                  + " fill-opacity=\"0.28\"><title>%s %s</title></rect>%n",
              x,
              PlotFrame.TOP,
              Math.max(1, frame.x(until) - x),
              PlotFrame.HEIGHT,
              change.severity() == Severity.CRITICAL ? CRITICAL : WARNING,
              change.severity().wireName(),
              ForeignText.markup(
                  String.join("; ", change.verdict().reasons()), TIP_CHARACTERS_MAX)));
    }
  }

  /** From the lowest to the highest value of each column. */
  private void band(StringBuilder svg, PlotFrame frame) {
    svg.append("<path fill=\"none\" stroke-linejoin=\"round\" stroke=\"" + SERIES + "\" d=\"");
    int before = -GAP_COLUMNS - 1;
    for (int i = 0; i < columns.size(); i++) {
      if (!Double.isNaN(columns.low(i))) {
        double x = frame.x(columns.seconds(i));
        svg.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1fL%.1f %.1f",
                i - before > GAP_COLUMNS ? "M" : "L",
                x,
                frame.y(columns.low(i)),
                x,
                frame.y(columns.high(i))));
        before = i;
      }
    }
    svg.append("\"/>\n");
  }

  private void line(
      StringBuilder svg, PlotFrame frame, IntToDoubleFunction values, String colour, String dash) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      double value = values.applyAsDouble(i);
      if (value <= frame.topBytes()) {
        double x = frame.x(columns.seconds(i));
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, frame.y(value)));
      }
    }
    if (points.length() > 0) {
      svg.append("<polyline fill=\"none\" stroke=\"")
          .append(colour)
          .append("\" stroke-width=\"1.5");
      svg.append("\"").append(dash).append(" points=\"").append(points).append("\"/>\n");
    }
  }

  /** The growth that each alert was raised for, from its begin to the alert. */
  private void trends(StringBuilder svg, PlotFrame frame) {
    boolean alerting = false;
    for (Replay.Change change : changes) {
      if (isAlert(change) && !alerting && !Double.isNaN(change.sinceSeconds())) {
        double perSecond = change.growthBytesPerDay() / DAY_SECONDS;
        double now = columns.lowAt(change.timeSeconds());
        trend(svg, frame, change.sinceSeconds(), change.timeSeconds(), now, perSecond);
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\" stroke=\"white\">"
                    + "<title>%s</title></circle>%n",
                frame.x(change.timeSeconds()),
                frame.y(now),
                TREND,
                ForeignText.markup(
                    String.join("; ", change.verdict().reasons()), TIP_CHARACTERS_MAX)));
      }
      alerting = isAlert(change);
    }
    if (end != null && isAlert(end) && !Double.isNaN(end.sinceSeconds())) {
      double perSecond = end.growthBytesPerDay() / DAY_SECONDS;
      double now = columns.lowAt(end.timeSeconds());
      trend(svg, frame, end.sinceSeconds(), end.timeSeconds(), now, perSecond);
    }
  }

  private static void trend(
      StringBuilder svg,
      PlotFrame frame,
      double since,
      double until,
      double bytes,
      double perSecond) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"6 3\""
                + " d=\"M%.1f %.1fL%.1f %.1f\"/>%n",
            TREND,
            frame.x(since),
            frame.y(bytes - perSecond * (until - since)),
            frame.x(until),
            frame.y(bytes)));
  }

  private void legend(StringBuilder svg) {
    boolean used = false;
    boolean limit = false;
    for (int i = 0; i < columns.size(); i++) {
      used |= !Double.isNaN(columns.used(i));
      limit |= !Double.isNaN(columns.limit(i));
    }
    double[] x = {PlotFrame.LEFT};
    entry(svg, x, SERIES, "working set, lowest to highest");
    if (used) {
      entry(svg, x, USED, "in use");
    }
    if (limit) {
      entry(
          svg, x, LIMIT, columns.newestLimit() < 4 * columns.highest() ? "limit" : "limit, above");
    }
    if (changes.stream().anyMatch(ReplayPlot::isAlert)) {
      entry(svg, x, TREND, "growth found, forecast");
      entry(svg, x, WARNING, "warning");
      entry(svg, x, CRITICAL, "critical");
    }
  }

  private static void entry(StringBuilder svg, double[] x, String colour, String text) {
    int y = PlotFrame.TOP + PlotFrame.HEIGHT + 48;
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.0f\" y=\"%d\" width=\"14\" height=\"10\" fill=\"%s\"/>"
                + "<text x=\"%.0f\" y=\"%d\">%s</text>%n",
            x[0],
            y - 9,
            colour,
            x[0] + 20,
            y,
            text));
    x[0] += 44 + 6.4 * text.length();
  }
}
