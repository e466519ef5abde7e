package io.leakwatch.net;

import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The body of an answer: as long as it was announced, in chunks (RFC 9112, 7.1), or until the peer
 * closes the connection.
 */
final class HttpBody extends InputStream {
  private static final int CHUNK_LINE_BYTES_MAX = 256;
  private static final int CHUNK_DIGITS_MAX = 15;

  private final Connection connection;
  private final ByteBuffer buffer;
  private final boolean chunked;
  private final long bytesMax;

  /** Of the body or of the chunk; negative until the peer closes the connection. */
  private long left;

  private boolean begun;
  private boolean ended;
  private long taken;

  /**
   * @param buffer what came of it already, ready to be read
   */
  HttpBody(Connection connection, ByteBuffer buffer, HttpHead head, long bytesMax)
      throws IOException {
    this.connection = connection;
    this.buffer = buffer;
    this.chunked = head.isChunked();
    this.bytesMax = bytesMax;
    this.left = chunked ? 0 : head.contentLength();
    this.ended = head.isWithoutBody() || (left == 0 && !chunked);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int offset, int room) throws IOException {
    if (left > bytesMax) {
      throw tooLong();
    }
    if (!ended && chunked && left == 0) {
      nextChunk();
    }
    if (ended || room == 0) {
      return ended ? -1 : 0;
    }
    if (!buffer.hasRemaining() && !fill()) {
      if (left > 0) {
        throw cutOff();
      }
      ended = true;
      return -1;
    }
    int count = Math.min(room, buffer.remaining());
    if (left > 0) {
      count = (int) Math.min(count, left);
      left -= count;
      ended = left == 0 && !chunked;
    }
    taken += count;
    if (taken > bytesMax) {
      throw tooLong();
    }
    buffer.get(bytes, offset, count);
    return count;
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int count = connection.receive(buffer);
    buffer.flip();
    return count >= 0;
  }

  private void nextChunk() throws IOException {
    if (begun && !line().isEmpty()) {
      throw new IOException("a chunk of its answer has no end");
    }
    begun = true;
    String digits = line().split("[; \t]", 2)[0];
    if (!digits.matches("[0-9A-Fa-f]{1," + CHUNK_DIGITS_MAX + "}")) {
      throw new IOException("its answer is in chunks without a length");
    }
    left = Long.parseLong(digits, 16);
    if (left > bytesMax) {
      throw tooLong();
    }
    ended = left == 0; // Trailers may follow; nobody wants them.
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < CHUNK_LINE_BYTES_MAX) {
      if (!buffer.hasRemaining() && !fill()) {
        throw cutOff();
      }
      char next = (char) Byte.toUnsignedInt(buffer.get());
      if (next == '\n') {
        return line.toString().replaceFirst("\r$", "");
      }
      line.append(next);
    }
    throw new IOException("its answer is in chunks without a length");
  }

  private IOException tooLong() {
    return new IOException("its answer is longer than " + Quantity.size(bytesMax));
  }

  private static IOException cutOff() {
    return new IOException("its answer is cut off");
  }
}
