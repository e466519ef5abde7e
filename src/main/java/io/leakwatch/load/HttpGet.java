package io.leakwatch.load;

import io.leakwatch.units.Quantity;
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
  /** A head must fit. */
  private static final int BUFFER_BYTES = 16 << 10;

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
    byte[] bytes = new byte[BUFFER_BYTES];
    try (InputStream body = open(address, timeout, bytesMax)) {
      int count = body.read(bytes);
      while (count >= 0 && sink.accept(bytes, 0, count)) {
        count = body.read(bytes);
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
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
    Deadline deadline = new Deadline(System.nanoTime() + timeout.toNanos(), timeout);
    int port = address.getPort() < 0 ? 80 : address.getPort();
    String host = address.getHost().replaceAll("[\\[\\]]", "");
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), deadline.millisLeft());
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(request(address).getBytes(StandardCharsets.US_ASCII));
      return new Body(socket, deadline, bytesMax);
    } catch (SocketTimeoutException e) {
      socket.close();
      throw deadline.missed();
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
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

  /** When all must have come. */
  private record Deadline(long nanos, Duration timeout) {
    int millisLeft() throws IOException {
      long millis = (nanos - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw missed();
      }
      return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    IOException missed() {
      return new IOException("no whole answer within " + Quantity.duration(timeout));
    }
  }

  /** The body of an answer, whose head was read. */
  private static final class Body extends InputStream {
    private final Socket socket;
    private final InputStream in;
    private final Deadline deadline;
    private final long bytesMax;
    private final long length;
    private long taken;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;

    Body(Socket socket, Deadline deadline, long bytesMax) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      this.deadline = deadline;
      this.bytesMax = bytesMax;
      String head = head();
      String status = head.lines().findFirst().orElse("");
      if (!status.matches("HTTP/1\\.[01] 200( .*)?")) {
        throw new IOException("it answers " + status.replaceAll("[^ -~]", "?"));
      }
      if (header(head, "transfer-encoding").contains("chunked")) {
        throw new IOException("it answers HTTP/1.0 in chunks");
      }
      this.length = contentLength(head);
      if (length > bytesMax) {
        throw tooLong();
      }
    }

    private String head() throws IOException {
      while (start == 0) {
        int count = receive(buffer, end, buffer.length - end);
        if (count < 0) {
          throw new IOException(end == 0 ? "it hangs up" : "its answer is no HTTP");
        }
        end += count;
        start = bodyAt();
        if (end >= 5 && !ascii(0, 5).equals("HTTP/")) {
          throw new IOException("its answer is no HTTP");
        }
        if (start == 0 && end == buffer.length) {
          throw new IOException("the head of its answer has no end");
        }
      }
      return ascii(0, start);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int room) throws IOException {
      if (taken == length) {
        return -1;
      }
      int wanted = length < 0 ? room : (int) Math.min(room, length - taken);
      int count = start < end ? buffered(bytes, offset, wanted) : receive(bytes, offset, wanted);
      if (count < 0 && length >= 0) {
        throw new IOException("its answer is cut off");
      }
      taken += Math.max(0, count);
      if (taken > bytesMax) {
        throw tooLong();
      }
      return count;
    }

    private int buffered(byte[] bytes, int offset, int room) {
      int count = Math.min(room, end - start);
      System.arraycopy(buffer, start, bytes, offset, count);
      start += count;
      return count;
    }

    private int receive(byte[] bytes, int offset, int room) throws IOException {
      socket.setSoTimeout(deadline.millisLeft());
      try {
        return in.read(bytes, offset, room);
      } catch (SocketTimeoutException e) {
        throw deadline.missed();
      }
    }

    private IOException tooLong() {
      return new IOException("its answer is longer than " + Quantity.size(bytesMax));
    }

    /** Where the body begins, 0 when the head has not ended. */
    private int bodyAt() {
      for (int i = 1; i < end; i++) {
        if (buffer[i] == '\n'
            && (buffer[i - 1] == '\n' || (i >= 3 && ascii(i - 3, i).equals("\r\n\r")))) {
          return i + 1;
        }
      }
      return 0;
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

    /** What it announces, -1 where it does not. */
    private static long contentLength(String head) {
      String text = header(head, "content-length");
      return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
