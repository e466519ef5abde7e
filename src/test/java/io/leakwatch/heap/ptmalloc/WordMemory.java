package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.HeapMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Memory that a test holds in words: all reads are made of {@link #peek}. */
public abstract class WordMemory implements HeapMemory {
  @Override
  public int read(long address, ByteBuffer into) {
    long[] words = new long[into.remaining() / 8];
    int count = peek(address, words, words.length);
    for (int i = 0; i < count; i++) {
      into.putLong(words[i]);
    }
    return count * 8;
  }

  @Override
  public int read(long headerAddress, long address, ByteBuffer into) {
    long[] header = new long[2];
    if (peek(headerAddress, header, 2) != 2) {
      return 0;
    }
    into.putLong(header[0]).putLong(header[1]);
    return 16 + read(address, into);
  }

  @Override
  public int readHeaders(long[] addresses, int count, long[] into) {
    long[] header = new long[2];
    for (int i = 0; i < count; i++) {
      Arrays.fill(header, 0);
      peek(addresses[i], header, 2);
      into[2 * i] = header[0];
      into[2 * i + 1] = header[1];
    }
    return 0;
  }
}
