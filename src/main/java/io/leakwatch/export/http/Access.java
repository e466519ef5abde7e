package io.leakwatch.export.http;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask for what. {@code /metrics}, {@code /-/} and {@code /runbook/} are for everyone, as
 * with other exporters; page and API tell more and answer only to the loopback, unless a password
 * was asked for or a setting opens them. A password once set is asked for on every path.
 */
final class Access {
  private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final boolean openPageAndApi;
  private final PasswordCheck passwords = new PasswordCheck();

  Access(boolean openPageAndApi) {
    this.openPageAndApi = openPageAndApi;
  }

  /** The refusal, empty when the request is welcome. */
  Optional<Response> refuse(WebConfig config, String path, InetAddress from, Headers headers) {
    if (!config.users().isEmpty()) {
      return switch (login(config, headers.getFirst("Authorization"), from)) {
        case RIGHT -> Optional.empty();
        case WRONG ->
            Optional.of(
                Response.text(401, "Unauthorized").with("WWW-Authenticate", "Basic realm=\"\""));
        case BUSY ->
            Optional.of(
                Response.text(429, "Too many password attempts")
                    .with("Retry-After", "1")
                    .with("Connection", "close"));
      };
    }
    boolean forEveryone =
        path.equals("/metrics")
            || path.startsWith("/-/")
            || path.equals("/runbook")
            || path.startsWith("/runbook/");
    if (forEveryone || openPageAndApi) {
      return Optional.empty();
    }
    return from.isLoopbackAddress() && isLocalName(headers.get("Host"))
        ? Optional.empty()
        : Optional.of(
            Response.text(
                403,
                "Page and API answer only on the loopback of this node (for example"
                    + " through ssh -L). To use them from elsewhere, set up basic auth in"
                    + " a web.config.file."));
  }

  /**
   * A web page elsewhere can point a name of its own at 127.0.0.1 and have a browser on this node
   * ask us under that name (DNS rebinding); the Host header shows that name.
   */
  private static boolean isLocalName(@Nullable List<String> hosts) {
    if (hosts == null || hosts.isEmpty()) {
      return true; // HTTP/1.0 from a script; a browser always says one.
    }
    return hosts.size() == 1
        && LOCAL_NAMES.contains(hosts.get(0).toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", ""));
  }

  private PasswordCheck.Outcome login(
      WebConfig config, @Nullable String authorization, InetAddress from) {
    String[] parts = authorization == null ? new String[0] : authorization.split(" ", 2);
    if (parts.length != 2 || !parts[0].equalsIgnoreCase("Basic")) {
      return PasswordCheck.Outcome.WRONG;
    }
    byte[] pair;
    try {
      pair = Base64.getDecoder().decode(parts[1].trim());
    } catch (IllegalArgumentException e) {
      return PasswordCheck.Outcome.WRONG;
    }
    int colon = 0;
    while (colon < pair.length && pair[colon] != ':') {
      colon++;
    }
    if (colon == pair.length) {
      return PasswordCheck.Outcome.WRONG;
    }
    String user = new String(pair, 0, colon, StandardCharsets.UTF_8);
    byte[] password = Arrays.copyOfRange(pair, colon + 1, pair.length);
    return passwords.of(config.users(), user, password, from);
  }
}
