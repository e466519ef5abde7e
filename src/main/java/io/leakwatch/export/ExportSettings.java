package io.leakwatch.export;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the agent is asked, by whom, and how much one asker may take.
 *
 * @param listenAddress {@code host:port}; without a host on all interfaces
 * @param webConfigFile TLS and basic auth in exporter-toolkit's format; empty for none
 * @param openPageAndApi whether page and API answer others than the loopback although no basic auth
 *     is set up
 * @param maxConnections open at the same time; further ones are closed at once
 * @param requestTimeout for a request to arrive whole and, counted again, its answer to be taken
 * @param idleTimeout for a connection without a request
 */
public record ExportSettings(
    String listenAddress,
    Path webConfigFile,
    boolean openPageAndApi,
    int maxConnections,
    Duration requestTimeout,
    Duration idleTimeout) {

  /** Whether connections and their times are bounded as by others. */
  public boolean hasBoundsOf(ExportSettings others) {
    return maxConnections == others.maxConnections
        && requestTimeout.equals(others.requestTimeout)
        && idleTimeout.equals(others.idleTimeout);
  }
}
