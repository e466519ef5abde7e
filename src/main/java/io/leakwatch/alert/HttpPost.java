package io.leakwatch.alert;

import io.leakwatch.net.HttpAnswer;
import io.leakwatch.net.HttpRequest;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** One POST of JSON; of the answer no more is read than fits into an error's text. */
public final class HttpPost {
  private static final int ANSWER_BYTES_MAX = 512;

  private HttpPost() {}

  /**
   * Sends it; returns why that failed, empty when it was accepted.
   *
   * @param timeout for the whole of it
   */
  public static Optional<String> send(URI address, String json, Duration timeout) {
    try (HttpAnswer answer =
        HttpAnswer.to(HttpRequest.postJson(address, json), timeout, Long.MAX_VALUE)) {
      if (answer.status() >= 200 && answer.status() < 300) {
        return Optional.empty();
      }
      String text = beginning(answer);
      return Optional.of("status " + answer.status() + (text.isEmpty() ? "" : ": " + text));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String beginning(HttpAnswer answer) {
    try {
      byte[] text = answer.body().readNBytes(ANSWER_BYTES_MAX);
      return ForeignText.harmless(
          new String(text, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " "),
          ANSWER_BYTES_MAX);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
