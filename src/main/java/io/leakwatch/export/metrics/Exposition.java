package io.leakwatch.export.metrics;

import io.leakwatch.export.Snapshot;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/**
 * Metric families as text, one after the other, so that only one is in memory: in Prometheus'
 * format 0.0.4 or in OpenMetrics 1.0, without its end. Numbers are written as the Prometheus client
 * library writes them.
 */
final class Exposition {
  private final Writer out;
  private final boolean openMetrics;

  Exposition(Writer out, boolean openMetrics) {
    this.out = out;
    this.openMetrics = openMetrics;
  }

  /** Writes the points that a snapshot has of a family; nothing where it has none. */
  void write(MetricFamily family, Snapshot snapshot) throws IOException {
    MetricPoints points = new MetricPoints(family.labels());
    family.source().add(snapshot, points);
    if (points.isEmpty()) {
      return;
    }
    writeHead(family);
    List<String> labels = family.labels().stream().sorted().toList();
    points.forEach(
        (values, value, count) -> {
          switch (family.type()) {
            case GAUGE -> point(family.name(), labels, values, text(value));
            case COUNTER -> point(family.name() + "_total", labels, values, text(value));
            case INFO -> point(family.name() + "_info", labels, values, "1");
            case SUMMARY -> {
              point(family.name() + "_count", labels, values, Long.toString(count));
              point(family.name() + "_sum", labels, values, text(value));
            }
          }
        });
  }

  private void writeHead(MetricFamily family) throws IOException {
    String type = family.type().name().toLowerCase(Locale.ROOT);
    if (openMetrics) {
      line("# TYPE ", family.name(), " ", type);
      line("# HELP ", family.name(), " ", family.help());
      return;
    }
    String name =
        switch (family.type()) {
          case COUNTER -> family.name() + "_total";
          case INFO -> family.name() + "_info";
          default -> family.name();
        };
    line("# HELP ", name, " ", family.help());
    line("# TYPE ", name, " ", family.type() == MetricFamily.Type.INFO ? "gauge" : type);
  }

  private void line(String... parts) throws IOException {
    for (String part : parts) {
      out.write(part);
    }
    out.write('\n');
  }

  private void point(String name, List<String> labels, List<String> values, String value)
      throws IOException {
    out.write(name);
    for (int i = 0; i < values.size(); i++) {
      out.write(i == 0 ? '{' : ',');
      out.write(labels.get(i));
      out.write("=\"");
      writeEscaped(values.get(i));
      out.write('"');
    }
    out.write(values.isEmpty() ? " " : "} ");
    line(value);
  }

  private void writeEscaped(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.write("\\\\");
        case '"' -> out.write("\\\"");
        case '\n' -> out.write("\\n");
        default -> out.write(c);
      }
    }
  }

  private static String text(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.toString(value);
  }
}
