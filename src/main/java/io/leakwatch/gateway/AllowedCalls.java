package io.leakwatch.gateway;

import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.AlertmanagerSink;
import io.leakwatch.load.LoadSettings;
import io.leakwatch.load.MemorySeries;
import io.leakwatch.load.ScrapeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which calls a configuration permits. An agent that has been taken over holds what it has read of
 * all processes, and must have nowhere to send it: alerts go to the configured addresses alone;
 * load is asked for at the configured endpoints and, by the configured paths, at addresses of this
 * node itself, where the endpoints that are found by themselves are; and at the host and port of
 * either what a brpc server remembers of its memory.
 */
public final class AllowedCalls {
  private static final Pattern NUMERIC_HOST =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.]+]");

  private final Set<URI> posts;
  private final List<LoadSettings> endpoints;
  private final Set<String> paths;
  private final long answerBytesMax;

  /**
   * @param endpoints the targets' own
   */
  public AllowedCalls(AlertSettings alert, ScrapeSettings load, List<LoadSettings> endpoints) {
    Set<URI> addresses = new HashSet<>(alert.webhooks());
    alert.alertmanagers().forEach(base -> addresses.add(AlertmanagerSink.address(base)));
    this.posts = Set.copyOf(addresses);
    this.endpoints = List.copyOf(endpoints);
    this.paths = Set.copyOf(load.paths());
    this.answerBytesMax = load.answerBytesMax();
  }

  long answerBytesMax() {
    return answerBytesMax;
  }

  /** Why it is not sent, empty when it may be. */
  Optional<String> refusePost(URI address) {
    return posts.contains(address)
        ? Optional.empty()
        : Optional.of("the gateway's configuration has no alert endpoint at this address");
  }

  /** Why it is not asked, empty when it may be. */
  Optional<String> refuseGet(URI address) {
    return endpoints.stream().anyMatch(endpoint -> endpoint.names(address))
            || isMemoryOfEndpoint(address)
            || isFound(address)
        ? Optional.empty()
        : Optional.of("the gateway's configuration has no load endpoint at this address");
  }

  private static boolean isMemory(String path) {
    return path.equals(MemorySeries.PATH) || path.equals(MemorySeries.UPTIME_PATH);
  }

  private boolean isMemoryOfEndpoint(URI address) {
    String text = address.toString();
    return List.of(MemorySeries.PATH, MemorySeries.UPTIME_PATH).stream()
        .filter(text::endsWith)
        .map(path -> text.substring(0, text.length() - path.length()))
        .anyMatch(base -> endpoints.stream().anyMatch(endpoint -> endpoint.isAt(base)));
  }

  private boolean isFound(URI address) {
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    return "http".equals(address.getScheme())
        && address.getRawUserInfo() == null
        && address.getRawFragment() == null
        && (paths.contains(address.getRawPath() + query) || isMemory(address.getRawPath() + query))
        && address.getHost() != null
        && NUMERIC_HOST.matcher(address.getHost()).matches()
        && isOwn(address.getHost());
  }

  /** Only an address of this node can be bound; a list of the interfaces needs more of /proc. */
  private static boolean isOwn(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      if (address.isLoopbackAddress()) {
        return true;
      }
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        return false;
      }
      new ServerSocket(0, 1, address).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
