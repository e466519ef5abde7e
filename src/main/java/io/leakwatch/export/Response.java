package io.leakwatch.export;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** An answer of the HTTP server, ready to be sent. */
public final class Response {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json; charset=utf-8";

  private final int status;
  private final String contentType;
  private final byte[] body;
  private final Map<String, String> headers;

  /**
   * @param body is not copied
   * @param headers further ones
   */
  public Response(int status, String contentType, byte[] body, Map<String, String> headers) {
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.headers = Map.copyOf(headers);
  }

  /** One line of text. */
  public static Response text(int status, String text) {
    return new Response(status, TEXT, (text + "\n").getBytes(StandardCharsets.UTF_8), Map.of());
  }

  static Response json(String json) {
    return new Response(200, JSON, json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  Response with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new Response(status, contentType, body, more);
  }

  public int status() {
    return status;
  }

  public String contentType() {
    return contentType;
  }

  public byte[] body() {
    return body;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
