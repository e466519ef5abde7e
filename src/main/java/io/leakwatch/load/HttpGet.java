package io.leakwatch.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * One GET with an end to it. The JDK's clients know a timeout for each read but none for an answer,
 * and one that drips a byte a second would hold them for ever; so this speaks HTTP/1.0 itself: no
 * redirects, no compression, one connection for one answer, and the whole of it until a deadline.
 * brpc gives its variables as text only to curl, so it is called in curl's name.
 */
public final class HttpGet {
  private static final int HEAD_BYTES_MAX = 16 << 10;

  private HttpGet() {}

  /** Takes the body as it comes. */
  public interface Sink {
    /** False when no more is wanted. */
    boolean accept(byte[] bytes, int from, int to);
  }

  /**
   * Asks, and gives the body of a 200 to the sink.
   *
   * @param bytesMax of a body
   * @return why there is no whole body, empty when there is
   */
  public static Optional<String> send(URI address, Duration timeout, long bytesMax, Sink sink) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    int port = address.getPort() < 0 ? 80 : address.getPort();
    String host = address.getHost().replaceAll("[\\[\\]]", "");
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), millisLeft(deadlineNanos));
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(request(address).getBytes(StandardCharsets.US_ASCII));
      return new Exchange(socket, deadlineNanos, bytesMax).answer(sink);
    } catch (SocketTimeoutException e) {
      return Optional.of("no whole answer within " + timeout.toMillis() + " ms");
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String request(URI address) {
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    return "GET "
        + (path.isEmpty() ? "/" : path)
        + query
        + " HTTP/1.0\r\nHost: "
        + address.getRawAuthority()
        + "\r\nUser-Agent: leakwatch (as curl/8)\r\n"
        + "Accept: text/plain;version=0.0.4, text/plain, */*;q=0.1\r\n"
        + "Accept-Encoding: identity\r\nConnection: close\r\n\r\n";
  }

  private static int millisLeft(long deadlineNanos) throws SocketTimeoutException {
    long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) Math.min(Integer.MAX_VALUE, millis);
  }

  /** An answer that is being read. */
  private static final class Exchange {
    private final Socket socket;
    private final InputStream in;
    private final long deadlineNanos;
    private final long bytesMax;
    private final byte[] buffer = new byte[HEAD_BYTES_MAX];

    Exchange(Socket socket, long deadlineNanos, long bytesMax) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      this.deadlineNanos = deadlineNanos;
      this.bytesMax = bytesMax;
    }

    Optional<String> answer(Sink sink) throws IOException {
      int length = 0;
      int body = -1;
      while (body < 0) {
        int count = read(length);
        if (count < 0) {
          return Optional.of(length == 0 ? "it hangs up" : "its answer is no HTTP");
        }
        length += count;
        body = bodyAt(length);
        if (length >= 5 && !ascii(0, 5).equals("HTTP/")) {
          return Optional.of("its answer is no HTTP");
        }
        if (body < 0 && length == buffer.length) {
          return Optional.of("the head of its answer has no end");
        }
      }
      String head = ascii(0, body);
      String status = head.lines().findFirst().orElse("");
      if (!status.matches("HTTP/1\\.[01] 200( .*)?")) {
        return Optional.of("it answers " + status.replaceAll("[^ -~]", "?"));
      }
      if (header(head, "transfer-encoding").contains("chunked")) {
        return Optional.of("it answers HTTP/1.0 in chunks");
      }
      return body(sink, body, length, contentLength(head));
    }

    private Optional<String> body(Sink sink, int from, int to, long announced) throws IOException {
      if (announced > bytesMax) {
        return tooLong();
      }
      long left = announced < 0 ? Long.MAX_VALUE : announced;
      long taken = 0;
      int start = from;
      int count = to - from;
      while (count >= 0) {
        int used = (int) Math.min(left, count);
        taken += used;
        left -= used;
        if (taken > bytesMax) {
          return tooLong();
        }
        if (!sink.accept(buffer, start, start + used) || left == 0) {
          return Optional.empty();
        }
        start = 0;
        count = read(0);
      }
      return announced < 0 ? Optional.empty() : Optional.of("its answer is cut off");
    }

    private Optional<String> tooLong() {
      return Optional.of("its answer is longer than " + bytesMax + " bytes");
    }

    private int read(int at) throws IOException {
      socket.setSoTimeout(millisLeft(deadlineNanos));
      return in.read(buffer, at, buffer.length - at);
    }

    /** Where the body begins, -1 when the head has not ended. */
    private int bodyAt(int length) {
      for (int i = 1; i < length; i++) {
        if (buffer[i] == '\n'
            && (buffer[i - 1] == '\n' || (i >= 3 && ascii(i - 3, i).equals("\r\n\r")))) {
          return i + 1;
        }
      }
      return -1;
    }

    private String ascii(int from, int to) {
      return new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String header(String head, String name) {
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
          .findFirst()
          .orElse("");
    }

    private static long contentLength(String head) {
      String text = header(head, "content-length");
      return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
  }
}
