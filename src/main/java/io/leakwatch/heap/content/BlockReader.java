package io.leakwatch.heap.content;

import io.leakwatch.os.PageSize;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.ProcessMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Reads the first bytes of allocations and whole pages, as far as they are present. */
final class BlockReader {
  private static final int PAGE_BYTES = PageSize.BYTES;

  private final ProcessMemory memory;
  private final ReadMeter meter;
  private final int blockBytes;
  private final ByteBuffer buffer =
      RemoteMemory.allocate(PAGE_BYTES).order(ByteOrder.nativeOrder());

  BlockReader(ProcessMemory memory, ReadMeter meter, int blockBytes) {
    this.memory = memory;
    this.meter = meter;
    this.blockBytes = blockBytes;
  }

  /**
   * An object's content; null when it is not present.
   *
   * @param bytes that the application can use
   */
  @Nullable Block object(long address, long bytes) {
    int wanted = (int) Math.min(blockBytes, Math.max(8, bytes)) & -8;
    long[] words = read(address, wanted);
    return words.length == 0 ? null : new Block(address, bytes, words);
  }

  /** A page; null when it is not present. */
  @Nullable Block page(long address) {
    long[] words = read(address, PAGE_BYTES);
    return words.length == 0 ? null : new Block(address, 0, words);
  }

  private long[] read(long address, int bytes) {
    buffer.clear().limit(bytes);
    meter.before();
    int got = memory.read(address, buffer);
    meter.after();
    if (got < 8) {
      return new long[0];
    }
    long[] words = new long[got / 8];
    buffer.flip().asLongBuffer().get(words);
    return words;
  }
}
