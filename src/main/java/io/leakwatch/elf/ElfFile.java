package io.leakwatch.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** The bytes of a foreign file, read in pieces that their reader bounds; none beyond its end. */
public final class ElfFile implements AutoCloseable {
  public static final int PIECE_BYTES = 64 << 10;
  static final int NAME_BYTES_MAX = 4096;

  private final FileChannel channel;
  private final ByteOrder order;
  private final long bytes;

  ElfFile(FileChannel channel, ByteOrder order, long bytes) {
    this.channel = channel;
    this.order = order;
    this.bytes = bytes;
  }

  /** Length of the file when it was opened. */
  long bytes() {
    return bytes;
  }

  ByteOrder order() {
    return order;
  }

  public ByteBuffer empty() {
    return ByteBuffer.allocate(0).order(order);
  }

  /** Reads from an offset on; fewer bytes, or none, where the file has no more. */
  public ByteBuffer read(long at, long count) throws IOException {
    if (at < 0 || at >= bytes || count <= 0) {
      return empty();
    }
    return read(at, ByteBuffer.allocate((int) Math.min(count, bytes - at)).order(order));
  }

  /** The same into a buffer, up to its limit. */
  public ByteBuffer read(long at, ByteBuffer into) throws IOException {
    int from = into.position();
    while (at >= 0
        && at < bytes
        && into.hasRemaining()
        && channel.read(into, at + into.position() - from) > 0) {}
    return into.flip();
  }

  public String string(long at) throws IOException {
    return text(read(at, NAME_BYTES_MAX), 0);
  }

  /** A string that ends with a zero byte, at the buffer's end or at {@link #NAME_BYTES_MAX}. */
  public static String text(ByteBuffer bytes, long from) {
    if (from < 0 || from >= bytes.limit()) {
      return "";
    }
    int end = (int) from;
    int stop = (int) Math.min(bytes.limit(), from + NAME_BYTES_MAX);
    while (end < stop && bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - (int) from];
    bytes.get((int) from, text);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
