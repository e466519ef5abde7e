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

  /** As {@code reference.conf} has them. */
  public static final ScrapeSettings DEFAULTS =
      new ScrapeSettings(
          List.of(
              "iobuf_block_memory",
              "rpc_socket_count",
              "bthread_keytable_memory",
              "bthread_stack_count",
              "raft_num_log_entries",
              "mds_nameserver_cache_metric_cache_bytes",
              "*_data_cache_byte",
              "dcache_cache_bytes",
              "icache_cache_count",
              "chunkserver_*_chunk_count",
              "chunkserver_*_read_io_num",
              "chunkserver_*_write_io_num",
              "etcd_debugging_mvcc_keys_total",
              "grpc_server_started_total",
              "rpc_server_*_count",
              "!rpc_server_*_connection_count",
              "!rpc_server_*_service_count"),
          List.of("/brpc_metrics", "/metrics", "/vars?console=1"),
          Duration.ofSeconds(2),
          8 << 20,
          8,
          16,
          Duration.ofMinutes(10));
}
