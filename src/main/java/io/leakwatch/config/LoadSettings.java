package io.leakwatch.config;

import java.net.URI;
import java.util.List;

/**
 * Where the work of a process is measured.
 *
 * @param url a Prometheus or bvar endpoint
 * @param metrics names of its figures that are summed up to the load
 */
public record LoadSettings(URI url, List<String> metrics) {
  public LoadSettings {
    metrics = List.copyOf(metrics);
  }
}
