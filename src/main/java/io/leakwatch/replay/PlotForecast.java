package io.leakwatch.replay;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a series goes after its last sample, as its picture shows it. */
record PlotForecast(Replay.Change end, PlotColumns columns) {
  /** How much longer than the series the picture is for it. */
  static final double SHARE = 0.25;

  /** Its band is never narrower than this share of the rate, nor than two errors. */
  private static final double LEAST_BAND = 0.1;

  private static final double DAY_SECONDS = 86400;

  /**
   * The forecast.
   *
   * @param end how it stands at the last sample
   * @return null where nothing that grows was alerted on
   */
  static @Nullable PlotForecast of(Replay.Change end, PlotColumns columns) {
    return ReplayPlot.isAlert(end) && end.growthBytesPerDay() > 0
        ? new PlotForecast(end, columns)
        : null;
  }

  /** Where it goes at the present rate, give or take two of its standard errors. */
  void draw(StringBuilder svg, PlotFrame frame, String colour) {
    double perSecond = end.growthBytesPerDay() / DAY_SECONDS;
    double error = 2 * end.growthErrorBytesPerDay() / DAY_SECONDS;
    double spread = Math.max(LEAST_BAND * perSecond, Double.isNaN(error) ? 0 : error);
    double from = end.timeSeconds();
    double bytes = columns.lowAt(from);
    double limit = columns.newestLimit();
    double top = limit < frame.topBytes() ? limit : frame.topBytes();
    double until = frame.fromSeconds() + frame.seconds();
    StringBuilder upper = new StringBuilder();
    StringBuilder lower = new StringBuilder();
    int points = 40;
    for (int k = 0; k <= points; k++) {
      double time = from + (until - from) * k / points;
      double high = Math.min(top, bytes + (perSecond + spread) * (time - from));
      double low = Math.min(top, bytes + (perSecond - spread) * (time - from));
      upper.append(
          String.format(
              Locale.ROOT, "%s%.1f %.1f", k == 0 ? "M" : "L", frame.x(time), frame.y(high)));
      lower.insert(0, String.format(Locale.ROOT, "L%.1f %.1f", frame.x(time), frame.y(low)));
    }
    svg.append("<path fill=\"" + colour + "\" fill-opacity=\"0.18\" d=\"").append(upper);
    svg.append(lower).append("Z\"/>\n");
    double reached = Math.min(until, from + Math.max(0, top - bytes) / perSecond);
    svg.append(
        String.format(
            Locale.ROOT,
            "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" d=\"M%.1f %.1fL%.1f %.1f\"/>%n",
            colour,
            frame.x(from),
            frame.y(bytes),
            frame.x(reached),
            frame.y(bytes + perSecond * (reached - from))));
  }
}
