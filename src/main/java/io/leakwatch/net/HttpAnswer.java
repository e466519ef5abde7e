package io.leakwatch.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What was answered by HTTP, and whatever is behind the address until then: the whole of it, from
 * connecting and shaking hands to the last byte of the body, ends at one deadline, head and body at
 * a number of bytes. No redirect is followed, nothing is unpacked, and one connection is for one
 * answer.
 *
 * <p>Not bounded are the time to look up a name (see {@link TimedSocket}) and that of the processor
 * to check certificates, whose number and size the JDK bounds.
 */
public final class HttpAnswer implements AutoCloseable {
  private final Connection connection;
  private final String status;
  private final InputStream body;

  private HttpAnswer(Connection connection, long bodyBytesMax) throws IOException {
    this.connection = connection;
    ByteBuffer buffer = ByteBuffer.allocate(HttpHead.BYTES_MAX).limit(0);
    HttpHead head = HttpHead.read(connection, buffer);
    while (head.isInterim()) {
      head = HttpHead.read(connection, buffer);
    }
    this.status = head.status();
    this.body = new HttpBody(connection, buffer, head, bodyBytesMax);
  }

  /**
   * Asks, and reads the head of the answer.
   *
   * @param timeout until the whole of the body was read
   * @param bodyBytesMax more of a body is an error
   * @throws IOException whose message says why there is no answer
   */
  public static HttpAnswer to(HttpRequest request, Duration timeout, long bodyBytesMax)
      throws IOException {
    HttpAddress address = HttpAddress.of(request.address());
    TimedSocket socket = TimedSocket.connect(address.host(), address.port(), timeout);
    Connection connection =
        address.tls() ? new TlsConnection(socket, address.host(), address.port()) : socket;
    try {
      byte[] sent = request.body().getBytes(StandardCharsets.UTF_8);
      connection.send(ByteBuffer.wrap(request.head(address, sent.length)));
      connection.send(ByteBuffer.wrap(sent));
      return new HttpAnswer(connection, bodyBytesMax);
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The status, e.g. 200. */
  public int status() {
    return Integer.parseInt(status.split(" ", 3)[1]);
  }

  /** The first line, e.g. {@code HTTP/1.1 404 Not Found}, without control characters. */
  public String statusLine() {
    return status;
  }

  /** Ends with an error where it is not whole, too long or late. */
  public InputStream body() {
    return body;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
