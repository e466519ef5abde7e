package io.leakwatch.alert;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * One POST of JSON. Whoever answers may be slow, hostile or something else altogether: no redirect
 * is followed, and of the answer no more is read than fits into an error's text.
 */
public final class HttpPost {
  private static final int ANSWER_BYTES_MAX = 512;

  private HttpPost() {}

  /** Sends it; returns why that failed, empty when it was accepted. */
  public static Optional<String> send(URI address, String json, Duration timeout) {
    HttpURLConnection connection;
    try {
      if (!(address.toURL().openConnection() instanceof HttpURLConnection http)) {
        return Optional.of("not an http address");
      }
      connection = http;
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of("not an http address: " + e.getMessage());
    }
    try {
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      int millis = (int) Math.max(1, Math.min(60_000, timeout.toMillis()));
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setRequestProperty("User-Agent", "leakwatch");
      if (address.getUserInfo() != null) {
        byte[] user = address.getUserInfo().getBytes(StandardCharsets.UTF_8);
        connection.setRequestProperty(
            "Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
      }
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      int status = connection.getResponseCode();
      return status >= 200 && status < 300
          ? Optional.empty()
          : Optional.of("status " + status + ": " + beginning(connection));
    } catch (IOException | RuntimeException e) {
      return Optional.of(e.getClass().getSimpleName() + ": " + e.getMessage());
    } finally {
      connection.disconnect();
    }
  }

  private static String beginning(HttpURLConnection connection) throws IOException {
    try (InputStream error = connection.getErrorStream()) {
      if (error == null) {
        return "";
      }
      String text = new String(error.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
      return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
  }
}
