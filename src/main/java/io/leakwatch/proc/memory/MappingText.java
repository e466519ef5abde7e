package io.leakwatch.proc.memory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The text of {@code maps} or {@code smaps}, read piece by piece into a {@link MappingTable}. A
 * line that is longer than the buffer is malformed, and so is one that the end of the text cuts.
 */
public final class MappingText {
  private final MappingParser parser;
  private final ByteBuffer buffer;
  private final byte[] text;

  /** Where the text comes from. */
  @FunctionalInterface
  public interface Source {
    /**
     * Reads a piece.
     *
     * @param position bytes that were read before
     * @return bytes read, 0 or less at the end
     */
    int read(ByteBuffer into, long position) throws IOException;
  }

  public MappingText(ReadBuffers buffers) {
    this.parser = buffers.parser();
    this.buffer = buffers.buffer();
    this.text = buffers.text();
  }

  /** Reads all mappings of a text into an emptied table. */
  public void read(Source source, MappingTable into) throws IOException {
    begin(into);
    read(source);
  }

  /** Empties a table, which the next reading fills. */
  void begin(MappingTable into) {
    parser.begin(into);
  }

  void read(Source source) throws IOException {
    long position = 0;
    int kept = 0;
    boolean skipping = false;
    while (true) {
      buffer.clear().limit(text.length - kept);
      int count = source.read(buffer, position);
      if (count <= 0) {
        break;
      }
      position += count;
      buffer.flip().get(text, kept, count);
      int length = kept + count;
      int from = 0;
      if (skipping) {
        from = lineEnd(length);
        skipping = from < 0;
        from = skipping ? length : from;
      }
      if (from > 0) {
        System.arraycopy(text, from, text, 0, length - from);
        length -= from;
      }
      int taken = parser.accept(text, length);
      kept = length - taken;
      System.arraycopy(text, taken, text, 0, kept);
      if (kept == text.length) {
        parser.acceptEndlessLine();
        skipping = true;
        kept = 0;
      }
    }
    if (kept > 0) {
      parser.acceptEndlessLine();
    }
  }

  private int lineEnd(int length) {
    for (int i = 0; i < length; i++) {
      if (text[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }
}
