package io.leakwatch.history.block;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes of a block that is being written, with its variable-length integers. */
final class BlockOutput {
  private byte[] bytes = new byte[512];
  private int length;

  void write(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  void write(byte[] from, int count) {
    reserve(count);
    System.arraycopy(from, 0, bytes, length, count);
    length += count;
  }

  private void reserve(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
  }

  void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    write((int) rest);
  }

  void signed(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  void fixed(long value) {
    reserve(Long.BYTES);
    ByteBuffer.wrap(bytes).putLong(length, value);
    length += Long.BYTES;
  }

  boolean isEmpty() {
    return length == 0;
  }

  void clear() {
    length = 0;
  }

  /** Another's length and its bytes. */
  void block(BlockOutput other) {
    varint(other.length);
    write(other.bytes, other.length);
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }
}
