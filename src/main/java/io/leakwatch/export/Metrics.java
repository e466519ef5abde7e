package io.leakwatch.export;

import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The current snapshot as Prometheus metrics. One collector builds all families anew at each
 * scrape, so the series of what vanished vanish with it. Micrometer's registry adds the figures of
 * the agent's own JVM.
 */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /**
   * @param current gives the newest snapshot, called once for each scrape
   * @param procRoot where the agent's own figures are read
   */
  public Metrics(Supplier<Snapshot> current, String version, Path procRoot) {
    AgentMetrics agent = new AgentMetrics(version, procRoot);
    MultiCollector collector = () -> families(current.get(), agent);
    registry.getPrometheusRegistry().register(collector);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
  }

  /** The format that suits an {@code Accept} header best; Prometheus' plain text by default. */
  static ExpositionFormatWriter writerFor(String accept) {
    ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    return openMetrics.accepts(accept) ? openMetrics : PrometheusTextFormatWriter.create();
  }

  void write(ExpositionFormatWriter writer, OutputStream out) throws IOException {
    writer.write(
        out, registry.getPrometheusRegistry().scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
  }

  private static MetricSnapshots families(Snapshot snapshot, AgentMetrics agent) {
    Families families = new Families();
    ProcessMetrics processes = new ProcessMetrics(families);
    snapshot.processes().forEach(processes::add);
    agent.add(families, snapshot);
    return families.build();
  }
}
