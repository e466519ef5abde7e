package io.leakwatch.export.metrics;

import io.leakwatch.export.Snapshot;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The current snapshot as Prometheus metrics, written one family after the other, so that the
 * series of what vanished vanish with it and only one family is in memory. Micrometer's registry
 * adds the figures of the agent's own JVM.
 */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Supplier<Snapshot> current;
  private final List<MetricFamily> families;

  /**
   * @param current gives the newest snapshot, called once for each scrape
   * @param procRoot where the agent's own figures are read
   */
  public Metrics(Supplier<Snapshot> current, String version, Path procRoot) {
    this.current = current;
    this.families =
        Stream.of(
                AgentMetrics.families(version, procRoot),
                ProcessMetrics.families(),
                OwnerMetrics.families(),
                VerdictMetrics.families())
            .flatMap(List::stream)
            .sorted(Comparator.comparing(MetricFamily::name))
            .toList();
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
  }

  /** The format that suits an {@code Accept} header best; Prometheus' plain text by default. */
  public static ExpositionFormatWriter writerFor(String accept) {
    ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    return openMetrics.accepts(accept) ? openMetrics : PrometheusTextFormatWriter.create();
  }

  public void write(ExpositionFormatWriter writer, OutputStream out) throws IOException {
    Snapshot snapshot = current.get();
    Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    Exposition own = new Exposition(text, writer instanceof OpenMetricsTextFormatWriter);
    for (MetricFamily family : families) {
      own.write(family, snapshot);
    }
    text.flush();
    writer.write(
        out, registry.getPrometheusRegistry().scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
  }
}
