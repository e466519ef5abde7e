package io.leakwatch.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The size of a page on this kernel: 4 KiB on x86-64; 4, 16 or 64 KiB on arm64. The kernel tells it
 * to every process in its auxiliary vector (getauxval(3), {@code AT_PAGESZ}), pairs of a type and a
 * value that end with type 0.
 */
public final class PageSize {
  /** Bytes of a page, a power of two. */
  public static final int BYTES = ofThisKernel(Path.of("/proc/self/auxv"));

  private static final int AT_PAGESZ = 6;
  private static final int SMALLEST = 4096;
  private static final int LARGEST = 1 << 20;

  private PageSize() {}

  static int ofThisKernel(Path auxiliaryVector) {
    try {
      return parse(Files.readAllBytes(auxiliaryVector));
    } catch (IOException e) {
      return SMALLEST; // Without a /proc of our own; then there is little else to read either.
    }
  }

  /** The page size in an auxiliary vector of 64-bit words; 4 KiB where it tells none. */
  static int parse(byte[] vector) {
    ByteBuffer words = ByteBuffer.wrap(vector).order(ByteOrder.nativeOrder());
    while (words.remaining() >= 2 * Long.BYTES) {
      long type = words.getLong();
      long value = words.getLong();
      boolean plausible = value >= SMALLEST && value <= LARGEST && Long.bitCount(value) == 1;
      if (type == AT_PAGESZ && plausible) {
        return (int) value;
      }
    }
    return SMALLEST;
  }
}
