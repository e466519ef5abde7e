package io.leakwatch.export.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a client asks for.
 *
 * @param path decoded
 * @param query as it was sent, {@code ""} where there is none
 * @param accept the header, {@code ""} where there is none
 */
public record Request(String path, String query, String accept) {

  /** A path without more. */
  public static Request of(String path) {
    return new Request(path, "", "");
  }

  /**
   * The first value of a parameter, decoded; empty where it is missing or empty.
   *
   * @throws IllegalArgumentException where it cannot be decoded
   */
  public Optional<String> parameter(String name) {
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals == name.length() && part.startsWith(name)) {
        String value = URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8);
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
