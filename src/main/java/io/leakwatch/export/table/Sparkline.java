package io.leakwatch.export.table;

import io.leakwatch.export.ProcessView;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** A curve of one line: each column is a span of time, its height the last value seen in it. */
final class Sparkline {
  private static final String HEIGHTS = "▁▂▃▄▅▆▇█";

  /** A process that moves by less than this share of its memory is drawn flat. */
  private static final double NOISE_SHARE = 0.01;

  private Sparkline() {}

  /**
   * Draws points, oldest first.
   *
   * @param from the time of the first column's begin; columns before the first point stay blank
   * @param to the time of the last column's end
   */
  static String of(List<ProcessView.Point> points, Instant from, Instant to, int columns) {
    double[] heights = new double[Math.max(0, columns)];
    Arrays.fill(heights, Double.NaN);
    double spanMillis = Math.max(1, to.toEpochMilli() - from.toEpochMilli());
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (ProcessView.Point point : points) {
      double share = (point.time().toEpochMilli() - from.toEpochMilli()) / spanMillis;
      if (share >= 0 && share <= 1 && Double.isFinite(point.bytes()) && columns > 0) {
        heights[(int) Math.min(columns - 1, share * columns)] = point.bytes();
        low = Math.min(low, point.bytes());
        high = Math.max(high, point.bytes());
      }
    }
    double room = Math.max(high - low, Math.abs(high) * NOISE_SHARE);
    StringBuilder line = new StringBuilder();
    double last = Double.NaN;
    for (double height : heights) {
      last = Double.isNaN(height) ? last : height;
      line.append(Double.isNaN(last) ? ' ' : glyph((last - low) / Math.max(room, 1)));
    }
    return line.toString();
  }

  private static char glyph(double share) {
    return HEIGHTS.charAt((int) Math.min(HEIGHTS.length() - 1, share * HEIGHTS.length()));
  }
}
