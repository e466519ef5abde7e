package io.leakwatch.export;

import com.sun.net.httpserver.Headers;
import io.leakwatch.os.Crypt;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask for what. {@code /metrics} and {@code /-/} are for everyone, as with other exporters;
 * page and API tell more and answer only to the loopback, unless a password was asked for or a
 * setting opens them. A password once set is asked for on every path.
 */
final class Access {
  /** Cost 10, of a random password: an unknown user costs as much time as a known one. */
  private static final String NOBODY =
      "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

  private static final int CACHE_MAX = 100;
  private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final boolean openPageAndApi;
  private final Optional<Crypt> crypt;
  private final Map<String, Boolean> verified =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > CACHE_MAX;
        }
      };

  Access(boolean openPageAndApi, Optional<Crypt> crypt) {
    this.openPageAndApi = openPageAndApi;
    this.crypt = crypt;
  }

  /** The refusal, empty when the request is welcome. */
  Optional<Response> refuse(WebConfig config, String path, InetAddress from, Headers headers) {
    if (!config.users().isEmpty()) {
      return isKnown(config, Optional.ofNullable(headers.getFirst("Authorization")).orElse(""))
          ? Optional.empty()
          : Optional.of(
              Response.text(401, "Unauthorized").with("WWW-Authenticate", "Basic realm=\"\""));
    }
    boolean forEveryone = path.equals("/metrics") || path.startsWith("/-/");
    if (forEveryone || openPageAndApi) {
      return Optional.empty();
    }
    return from.isLoopbackAddress() && isLocalName(headers.get("Host"))
        ? Optional.empty()
        : Optional.of(
            Response.text(
                403,
                "Page and API answer only to this node itself (for example through ssh -L). Set up"
                    + " basic auth by a web.config.file to use them from elsewhere."));
  }

  /**
   * A web page elsewhere can point a name of its own at 127.0.0.1 and have a browser on this node
   * ask us under that name (DNS rebinding); the name in the request betrays it.
   */
  private static boolean isLocalName(@Nullable List<String> hosts) {
    if (hosts == null || hosts.isEmpty()) {
      return true; // HTTP/1.0 from a script; a browser always says one.
    }
    return hosts.size() == 1
        && LOCAL_NAMES.contains(hosts.get(0).toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", ""));
  }

  private boolean isKnown(WebConfig config, String authorization) {
    String[] parts = authorization.split(" ", 2);
    if (parts.length != 2 || !parts[0].equalsIgnoreCase("Basic") || crypt.isEmpty()) {
      return false;
    }
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(parts[1].trim()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return false;
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      return false;
    }
    String known = config.users().get(pair.substring(0, colon));
    boolean matches = matches(pair.substring(colon + 1), known == null ? NOBODY : known);
    return matches && known != null;
  }

  /** One at a time: bcrypt is slow on purpose, and guesses must not take every core. */
  private synchronized boolean matches(String password, String hash) {
    String key = digest(hash + ' ' + password);
    if (verified.containsKey(key)) {
      return true;
    }
    boolean matches =
        crypt
            .flatMap(library -> library.hash(password, hash))
            .filter(
                found ->
                    MessageDigest.isEqual(
                        found.getBytes(StandardCharsets.UTF_8),
                        hash.getBytes(StandardCharsets.UTF_8)))
            .isPresent();
    if (matches) {
      verified.put(key, true);
    }
    return matches;
  }

  private static String digest(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
