package io.leakwatch.load;

import io.leakwatch.net.HttpAnswer;
import io.leakwatch.net.HttpRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * One GET of figures, in the clear. brpc gives its variables as text only to curl, so it is called
 * in curl's name.
 */
public final class HttpGet {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final int OK = 200;

  private HttpGet() {}

  /** Takes the body as it comes. */
  public interface Sink {
    /** False when no more is wanted. */
    boolean accept(byte[] bytes, int from, int to);
  }

  /**
   * Asks, and gives the body of a 200 to the sink.
   *
   * @param timeout for the whole of it
   * @param bytesMax of a body
   * @return why there is no whole body, empty when there is
   */
  public static Optional<String> send(URI address, Duration timeout, long bytesMax, Sink sink) {
    byte[] bytes = new byte[BUFFER_BYTES];
    try (InputStream body = open(address, timeout, bytesMax)) {
      int count = body.read(bytes);
      while (count >= 0 && sink.accept(bytes, 0, count)) {
        count = body.read(bytes);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Asks, and opens the body of a 200, which ends with an error where it is not whole.
   *
   * @param timeout until the whole of the body was read
   * @param bytesMax of a body
   * @throws IOException whose message says why there is no body
   */
  public static InputStream open(URI address, Duration timeout, long bytesMax) throws IOException {
    if (!"http".equals(address.getScheme())) {
      throw new IOException("it is not an http address");
    }
    HttpRequest request =
        HttpRequest.get(address)
            .with("User-Agent", "leakwatch (as curl/8)")
            .with("Accept", "text/plain;version=0.0.4, text/plain, */*;q=0.1");
    HttpAnswer answer = HttpAnswer.to(request, timeout, bytesMax);
    if (answer.status() != OK) {
      try (answer) {
        throw new IOException("it answers " + answer.statusLine());
      }
    }
    return new FilterInputStream(answer.body()) {
      @Override
      public void close() throws IOException {
        answer.close();
      }
    };
  }
}
