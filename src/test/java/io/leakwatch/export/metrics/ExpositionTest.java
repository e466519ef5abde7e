package io.leakwatch.export.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.metrics.MetricFamily.Type;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same families and points by the Prometheus client library and by us, in both formats. */
class ExpositionTest {
  private static final String HARD = "a\"b\\c ü🙂{},=# x";
  private static final double[] VALUES = {
    0, 1, -1, 0.1, 4.5088768E9, 1e-300, Double.MAX_VALUE, 1 / 0.0, -1 / 0.0, 1L << 53
  };

  static Stream<Arguments> families() {
    return Stream.of(
        Arguments.of(
            "gauge",
            MetricFamily.of(
                "some_bytes",
                Type.GAUGE,
                "Help, with a \u00fc.",
                (snapshot, to) -> {
                  for (int i = 0; i < VALUES.length; i++) {
                    to.add(VALUES[i], "p" + i, HARD);
                  }
                },
                "process",
                "kind"),
            gauge()),
        Arguments.of(
            "counter",
            MetricFamily.of("some", Type.COUNTER, "Help.", (snapshot, to) -> to.add(7)),
            CounterSnapshot.builder()
                .name("some")
                .help("Help.")
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().value(7).build())
                .build()),
        Arguments.of(
            "summary",
            MetricFamily.of(
                "some_seconds",
                Type.SUMMARY,
                "Help.",
                (snapshot, to) -> to.addSummary(1L << 40, 0.5, "x"),
                "source"),
            SummarySnapshot.builder()
                .name("some_seconds")
                .help("Help.")
                .dataPoint(
                    SummarySnapshot.SummaryDataPointSnapshot.builder()
                        .labels(Labels.of("source", "x"))
                        .count(1L << 40)
                        .sum(0.5)
                        .build())
                .build()),
        Arguments.of(
            "info",
            MetricFamily.of(
                "some",
                Type.INFO,
                "Help.",
                (snapshot, to) -> {
                  to.add(1, "z", "a");
                  to.add(1, "a", "b");
                  to.add(1, "a", "b");
                },
                "version",
                "java"),
            InfoSnapshot.builder()
                .name("some")
                .help("Help.")
                .dataPoint(info("z", "a"))
                .dataPoint(info("a", "b"))
                .build()));
  }

  private static GaugeSnapshot gauge() {
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder().name("some_bytes").help("Help, with a \u00fc.");
    for (int i = VALUES.length - 1; i >= 0; i--) {
      gauge.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(Labels.of("kind", HARD, "process", "p" + i))
              .value(VALUES[i])
              .build());
    }
    return gauge.build();
  }

  private static InfoSnapshot.InfoDataPointSnapshot info(String version, String java) {
    return InfoSnapshot.InfoDataPointSnapshot.builder()
        .labels(Labels.of("version", version, "java", java))
        .build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void shouldWriteAsTheLibraryDoes(String name, MetricFamily family, MetricSnapshot snapshot)
      throws IOException {
    assertEquals(library(PrometheusTextFormatWriter.create(), snapshot), own(family, false), name);
    assertEquals(
        library(OpenMetricsTextFormatWriter.create(), snapshot), own(family, true) + "# EOF\n");
  }

  private static String own(MetricFamily family, boolean openMetrics) throws IOException {
    StringWriter text = new StringWriter();
    new Exposition(text, openMetrics).write(family, new Snapshot(Views.NOON, List.of()));
    return text.toString();
  }

  private static String library(ExpositionFormatWriter writer, MetricSnapshot family)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, new MetricSnapshots(family), EscapingScheme.UNDERSCORE_ESCAPING);
    return out.toString(StandardCharsets.UTF_8);
  }
}
