package io.leakwatch.saved;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A text of any length that somebody else has made, read once from its begin to its end. Lines may
 * end with CR LF; the CR is left out. The last line gets an end where it has none, and then that is
 * known.
 */
final class ForeignLines {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

  private final BufferedInputStream in;
  private final byte[] raw = new byte[PIECE_BYTES];

  /** One more than the raw bytes: a CR that was held back. */
  private final byte[] piece = new byte[PIECE_BYTES + 1];

  private final byte[] line = new byte[PIECE_BYTES];
  private int at;
  private int end;
  private boolean heldCr;
  private boolean withoutEnd;
  private byte last = '\n';
  private String lastLineBegin = "";
  private final StringBuilder lineBegin = new StringBuilder();

  /** A line, or the place of one. */
  sealed interface Line {}

  /** A line without its line end. */
  record Text(String text) implements Line {}

  /** A line of more than 64 KiB. */
  record Endless() implements Line {}

  ForeignLines(InputStream in) {
    this.in = new BufferedInputStream(in, PIECE_BYTES);
  }

  /** The first 64 KiB, which are read again afterwards; a mark of the encoding is left out. */
  String begin() throws IOException {
    in.mark(PIECE_BYTES);
    String begin = new String(in.readNBytes(PIECE_BYTES), StandardCharsets.ISO_8859_1);
    in.reset();
    if (begin.startsWith(BYTE_ORDER_MARK)) {
      in.skipNBytes(BYTE_ORDER_MARK.length());
      return begin.substring(BYTE_ORDER_MARK.length());
    }
    return begin;
  }

  /** Reads a piece; -1 at the end. */
  int read(ByteBuffer into) throws IOException {
    if (at == end && !fill()) {
      return -1;
    }
    int count = Math.min(into.remaining(), end - at);
    into.put(piece, at, count);
    at += count;
    return count;
  }

  /** The next line; null at the end. */
  @Nullable Line next() throws IOException {
    int length = 0;
    boolean tooLong = false;
    boolean began = false;
    while (at < end || fill()) {
      began = true;
      byte next = piece[at++];
      if (next == '\n') {
        break;
      }
      if (length < line.length) {
        line[length++] = next;
      } else {
        tooLong = true;
      }
    }
    if (!began) {
      return null;
    }
    return tooLong ? new Endless() : new Text(new String(line, 0, length, StandardCharsets.UTF_8));
  }

  /** Whether the last line of a text that was read to its end had no line end. */
  boolean endsInALine() {
    return withoutEnd;
  }

  /** The first bytes of the last line that is not blank. */
  String lastLineBegin() {
    return lastLineBegin;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = 0;
    int count = in.read(raw);
    for (int i = 0; i < count; i++) {
      if (heldCr && raw[i] != '\n') {
        put((byte) '\r');
      }
      heldCr = raw[i] == '\r';
      if (!heldCr) {
        put(raw[i]);
      }
    }
    if (count <= 0 && last != '\n') {
      withoutEnd = true;
      put((byte) '\n');
    }
    return end > 0 || (count > 0 && fill());
  }

  private void put(byte next) {
    piece[end++] = next;
    last = next;
    if (next == '\n') {
      lastLineBegin = lineBegin.toString().isBlank() ? lastLineBegin : lineBegin.toString();
      lineBegin.setLength(0);
    } else if (lineBegin.length() < 16) {
      lineBegin.append((char) (next & 0x7f));
    }
  }
}
