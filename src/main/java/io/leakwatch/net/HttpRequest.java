package io.leakwatch.net;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * One question by HTTP. A user and password in the address are sent as basic auth.
 *
 * @param headers further ones than those of every request
 * @param body empty for none
 */
public record HttpRequest(URI address, String method, Map<String, String> headers, String body) {
  public HttpRequest {
    headers = Map.copyOf(headers);
  }

  public static HttpRequest get(URI address) {
    return new HttpRequest(address, "GET", Map.of(), "");
  }

  public static HttpRequest postJson(URI address, String json) {
    return new HttpRequest(address, "POST", Map.of("Content-Type", "application/json"), json);
  }

  public HttpRequest with(String header, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new HttpRequest(address, method, more, body);
  }

  /** What comes before a body of so many bytes. */
  byte[] head(HttpAddress to, int bodyBytes) {
    Map<String, String> all =
        new TreeMap<>(
            Map.of(
                "Accept-Encoding", "identity", "Connection", "close", "User-Agent", "leakwatch"));
    all.putAll(headers);
    if (bodyBytes > 0 || method.equals("POST")) {
      all.put("Content-Length", Integer.toString(bodyBytes));
    }
    if (address.getUserInfo() != null) {
      byte[] user = address.getUserInfo().getBytes(StandardCharsets.UTF_8);
      all.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
    }
    StringBuilder text = new StringBuilder();
    text.append(method).append(' ').append(to.path()).append(" HTTP/1.1\r\n");
    text.append("Host: ").append(to.hostHeader()).append("\r\n");
    all.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
