package io.leakwatch.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The head of an answer.
 *
 * @param status the first line, printable
 * @param headers the other lines
 */
record HttpHead(String status, List<String> headers) {
  static final int BYTES_MAX = 16 << 10;
  private static final int BEGIN_BYTES = "HTTP/".length();

  /**
   * Reads it.
   *
   * @param buffer what came already, ready to be read; in the end what came of the body
   */
  static HttpHead read(Connection connection, ByteBuffer buffer) throws IOException {
    int bytes = length(buffer);
    while (bytes == 0) {
      buffer.compact();
      if (!buffer.hasRemaining()) {
        throw new IOException("the head of its answer has no end");
      }
      int count = connection.receive(buffer);
      buffer.flip();
      if (count < 0) {
        throw new IOException(
            buffer.hasRemaining() ? "its answer is not HTTP" : "it closed the connection");
      }
      if (buffer.remaining() >= BEGIN_BYTES && !text(buffer, BEGIN_BYTES).equals("HTTP/")) {
        throw new IOException("its answer is not HTTP");
      }
      bytes = length(buffer);
    }
    List<String> lines = text(buffer, bytes).lines().toList();
    buffer.position(buffer.position() + bytes);
    String status = lines.get(0).replaceAll("[^ -~]", "?");
    if (!status.matches("HTTP/1\\.[01] [1-9]\\d\\d( .*)?")) {
      throw new IOException("it answers " + status);
    }
    return new HttpHead(status, lines.subList(1, lines.size()));
  }

  /** Where the head ends, with its empty line; 0 where it has not. */
  private static int length(ByteBuffer buffer) {
    int line = buffer.position();
    for (int i = buffer.position(); i < buffer.limit(); i++) {
      if (buffer.get(i) == '\n') {
        boolean empty = i == line || (i == line + 1 && buffer.get(line) == '\r');
        if (empty && line > buffer.position()) {
          return i + 1 - buffer.position();
        }
        line = i + 1;
      }
    }
    return 0;
  }

  private static String text(ByteBuffer buffer, int count) {
    byte[] bytes = new byte[count];
    buffer.get(buffer.position(), bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Whether another head follows. */
  boolean isInterim() {
    return status.charAt("HTTP/1.1 ".length()) == '1';
  }

  /** Whether there is no body, whatever else is said. */
  boolean isWithoutBody() {
    return status.matches("HTTP/1\\.. (204|304)( .*)?");
  }

  boolean isChunked() {
    return header("transfer-encoding").contains("chunked");
  }

  /** What it announces, negative where it does not. */
  long contentLength() {
    String text = header("content-length");
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }

  private String header(String name) {
    return headers.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
        .findFirst()
        .orElse("");
  }
}
