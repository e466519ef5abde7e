package io.leakwatch.evaluation.families;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Curves over a logarithmic axis, as SVG. */
final class Chart {
  private static final int LEFT = 70;
  private static final int TOP = 40;
  private static final int WIDTH = 640;
  private static final int HEIGHT = 380;
  private static final String[] COLOURS = {
    "#c0392b", "#1f4e99", "#2a7f3f", "#7d3c98", "#d68910", "#148f77", "#5d6d7e", "#b7950b",
    "#6e2c00", "#2471a3", "#884ea0", "#17202a"
  };

  private final String title;
  private final String xName;
  private final String yName;
  private final double xFrom;
  private final double xTo;
  private final double yTo;
  private final Map<String, List<double[]>> curves = new LinkedHashMap<>();

  /** The y axis begins at 0. */
  Chart(String title, String xName, double xFrom, double xTo, String yName, double yTo) {
    this.title = title;
    this.xName = xName;
    this.yName = yName;
    this.xFrom = xFrom;
    this.xTo = xTo;
    this.yTo = yTo;
  }

  /** Points outside the axes are moved to their edge; those that are no number are left out. */
  void add(String name, List<double[]> points) {
    curves.put(name, points);
  }

  private double x(double value) {
    double at = Math.log(Math.max(xFrom, Math.min(xTo, value)) / xFrom) / Math.log(xTo / xFrom);
    return LEFT + WIDTH * at;
  }

  private double y(double value) {
    return TOP + HEIGHT * (1 - Math.max(0, Math.min(1, value / yTo)));
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    line(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\"><rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>"
            + "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>",
        LEFT + WIDTH + 240,
        TOP + HEIGHT + 60,
        LEFT,
        title);
    for (int k = 0; k <= 5; k++) {
      double value = yTo * k / 5;
      line(
          svg,
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e5e5e5\"/>"
              + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>",
          LEFT,
          y(value),
          LEFT + WIDTH,
          y(value),
          LEFT - 6,
          y(value) + 4,
          value);
    }
    for (double value = xFrom; value <= xTo * 1.001; value *= 10) {
      line(
          svg,
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#e5e5e5\"/>"
              + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x(value),
          TOP,
          x(value),
          TOP + HEIGHT,
          x(value),
          TOP + HEIGHT + 18,
          value < 1 ? String.format(Locale.ROOT, "%.1f", value) : Math.round(value));
    }
    line(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
            + "<text transform=\"translate(18,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        LEFT + WIDTH / 2,
        TOP + HEIGHT + 44,
        xName,
        TOP + HEIGHT / 2,
        yName);
    int k = 0;
    for (Map.Entry<String, List<double[]>> curve : curves.entrySet()) {
      draw(svg, curve.getKey(), curve.getValue(), COLOURS[k % COLOURS.length], k++);
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(
      StringBuilder svg, String name, List<double[]> points, String colour, int position) {
    StringBuilder path = new StringBuilder();
    double[] first = null;
    for (double[] point : points) {
      if (Double.isFinite(point[0]) && Double.isFinite(point[1])) {
        first = first == null ? point : first;
        path.append(
            String.format(
                Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x(point[0]), y(point[1])));
      }
    }
    if (first != null) {
      line(svg, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" d=\"%s\"/>", colour, path);
      line(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>",
          x(first[0]),
          y(first[1]),
          points.size() == 1 ? 7 : 3,
          colour);
    }
    int y = TOP + 12 + 18 * position;
    line(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"10\" fill=\"%s\"/>"
            + "<text x=\"%d\" y=\"%d\">%s</text>",
        LEFT + WIDTH + 16,
        y - 9,
        colour,
        LEFT + WIDTH + 34,
        y,
        name.replace("**", ""));
  }

  private static void line(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
