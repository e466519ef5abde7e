package io.leakwatch.export;

import java.util.Map;

/** An answer of the HTTP server, ready to be sent. */
record Response(int status, String contentType, String body, Map<String, String> headers) {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json; charset=utf-8";

  Response(int status, String contentType, String body) {
    this(status, contentType, body, Map.of());
  }

  static Response text(int status, String text) {
    return new Response(status, TEXT, text + "\n");
  }

  static Response json(String json) {
    return new Response(200, JSON, json);
  }

  Response with(String header, String value) {
    return new Response(status, contentType, body, Map.of(header, value));
  }
}
