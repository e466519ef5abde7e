package io.leakwatch.load;

import java.time.Duration;
import java.util.List;

/**
 * What asking the watched processes for their load may take.
 *
 * @param metrics names that are asked for where a target's own {@code load} gives none
 * @param paths tried in this order at the sockets of a process whose endpoint is not given
 * @param timeout for one answer, from the call to its last byte
 * @param answerBytesMax of an answer that is read; what is longer is refused
 * @param socketsMax listening sockets of a process that are tried
 * @param seriesMax figures kept of one process
 * @param backoffLimit the longest pause after an endpoint has not answered
 */
public record ScrapeSettings(
    List<String> metrics,
    List<String> paths,
    Duration timeout,
    long answerBytesMax,
    int socketsMax,
    int seriesMax,
    Duration backoffLimit) {

  public ScrapeSettings {
    metrics = List.copyOf(metrics);
    paths = List.copyOf(paths);
    MetricNames.of(metrics);
    for (String path : paths) {
      if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException("a path must begin with /, not be `" + path + "`");
      }
    }
  }
}
