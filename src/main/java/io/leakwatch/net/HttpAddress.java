package io.leakwatch.net;

import java.io.IOException;
import java.net.URI;

/**
 * Where an http or https address leads to.
 *
 * @param host a name or an address, without brackets
 * @param path with the query, as it is sent
 */
public record HttpAddress(boolean tls, String host, int port, String path) {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int PORT_MAX = 65_535;

  /**
   * Takes an address apart.
   *
   * @throws IOException where it is none of http or https
   */
  public static HttpAddress of(URI address) throws IOException {
    boolean tls = "https".equalsIgnoreCase(address.getScheme());
    if ((!tls && !"http".equalsIgnoreCase(address.getScheme()))
        || address.getHost() == null
        || address.getPort() > PORT_MAX) {
      throw new IOException("it is not an http address");
    }
    int port = address.getPort() >= 0 ? address.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    URI ascii = URI.create(address.toASCIIString());
    String path = ascii.getRawPath() == null ? "" : ascii.getRawPath();
    String query = ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery();
    return new HttpAddress(
        tls,
        address.getHost().replaceAll("[\\[\\]]", ""),
        port,
        (path.isEmpty() ? "/" : path) + query);
  }

  /** Scheme, host and port alone, for people: user, path and query may hold secrets. */
  public static String shown(URI address) {
    return address.getScheme()
        + "://"
        + address.getHost()
        + (address.getPort() < 0 ? "" : ":" + address.getPort());
  }

  /** The host as a request names it. */
  String hostHeader() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return port == (tls ? HTTPS_PORT : HTTP_PORT) ? name : name + ":" + port;
  }
}
