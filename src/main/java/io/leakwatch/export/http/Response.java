package io.leakwatch.export.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** An answer of the HTTP server, ready to be sent; closing it gives the memory of its body back. */
public final class Response implements AutoCloseable {
  private static final String TEXT = "text/plain; charset=utf-8";

  private final int status;
  private final String contentType;
  private final Body body;
  private final Map<String, String> headers;

  /**
   * @param headers further ones
   */
  public Response(int status, String contentType, Body body, Map<String, String> headers) {
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.headers = Map.copyOf(headers);
  }

  /** One line of text. */
  public static Response text(int status, String text) {
    return new Response(
        status, TEXT, Body.of((text + "\n").getBytes(StandardCharsets.UTF_8)), Map.of());
  }

  /** The refusal of an answer for which there is no room now. */
  public static Response busy(String why) {
    return text(503, why).with("Retry-After", "1");
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

  public Body body() {
    return body;
  }

  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public void close() {
    body.close();
  }
}
