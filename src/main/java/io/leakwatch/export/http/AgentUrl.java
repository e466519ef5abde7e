package io.leakwatch.export.http;

import io.leakwatch.export.ExportSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** The URL under which others reach the port of the agent. */
public final class AgentUrl {
  private static final Set<String> ALL_INTERFACES = Set.of("", "0.0.0.0", "[::]", "::", "*");

  private AgentUrl() {}

  /**
   * {@code https://node-7:9870}, without a slash at the end.
   *
   * @param nodeName stands for the address where the port is open on all interfaces
   * @return {@code ""} where the port is only known once it is open, or where the web.config.file
   *     that says whether TLS is on cannot be read
   */
  public static String of(ExportSettings settings, String nodeName) {
    String listen = settings.listenAddress();
    int colon = listen.lastIndexOf(':');
    String port = listen.substring(colon + 1);
    String host = colon < 0 ? "" : listen.substring(0, colon);
    if (port.isEmpty() || port.chars().allMatch(digit -> digit == '0')) {
      return "";
    }
    try {
      return (isTls(settings.webConfigFile()) ? "https://" : "http://")
          + (ALL_INTERFACES.contains(host) ? nodeName : host)
          + ":"
          + port;
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isTls(Path webConfigFile) throws IOException {
    return !webConfigFile.toString().isEmpty() && WebConfig.read(webConfigFile).tls() != null;
  }
}
