package io.leakwatch.heap.content;

import java.nio.charset.StandardCharsets;

/** The first bytes of one allocation, as the application sees them. */
final class Block {
  private static final int TEXT_MIN = 4;
  private static final int TEXT_SURE = 24;

  private final long address;
  private final long usableBytes;
  private final long[] words;

  /**
   * A block.
   *
   * @param address of its first byte
   * @param usableBytes that the application can use, 0 where no object is known
   * @param words as far as they were read; what the object does not have is not there
   */
  Block(long address, long usableBytes, long[] words) {
    this.address = address;
    this.usableBytes = usableBytes;
    this.words = words;
  }

  long address() {
    return address;
  }

  long usableBytes() {
    return usableBytes;
  }

  long[] words() {
    return words;
  }

  int count() {
    return words.length;
  }

  /** The word at an index, 0 behind the end. */
  long word(int i) {
    return i < words.length ? words[i] : 0;
  }

  int bytes() {
    return words.length * 8;
  }

  int byteAt(int i) {
    return (int) (words[i >>> 3] >>> (8 * (i & 7))) & 0xff;
  }

  /**
   * The printable text that starts at a byte; {@code ""} when it is too short to be one, or is
   * followed by something else than its end.
   */
  String textAt(int from) {
    int end = from;
    while (end < bytes() && isPrintable(byteAt(end))) {
      end++;
    }
    int length = end - from;
    boolean ends = end >= bytes() || byteAt(end) == 0;
    if (length < TEXT_MIN || (!ends && length < TEXT_SURE)) {
      return "";
    }
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = (byte) byteAt(from + i);
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static boolean isPrintable(int b) {
    return (b >= 0x20 && b < 0x7f) || b == '\t' || b == '\n' || b == '\r';
  }
}
