package io.leakwatch.heap;

import java.util.Arrays;
import java.util.Random;

/**
 * A heap of a thread's arena in an array: random chunks in use and free, a top, any damage on
 * demand. It keeps count of what it made.
 */
final class PaperHeap implements HeapMemory {
  static final long HEAP = 0x7f0040000000L;
  static final long ARENA = HEAP + 0x30;
  private static final GlibcLayout LAYOUT = GlibcLayout.V2_35;

  final long[] words;
  final boolean[] absent;
  final long first = LAYOUT.firstChunk(ARENA);
  long inUseBytes;
  long inUseChunks;
  long freeBytes;
  long topBytes;
  long lastInUse;
  int reads;

  PaperHeap(long seed, int pages) {
    Random random = new Random(seed);
    words = new long[pages * PAGE_WORDS];
    absent = new boolean[pages];
    long end = HEAP + pages * (long) PAGE_BYTES;
    put(HEAP, ARENA);
    put(HEAP + 16, pages * (long) PAGE_BYTES);
    put(HEAP + 24, pages * (long) PAGE_BYTES);
    long at = first;
    boolean previousInUse = true;
    while (end - at > 70_000) {
      long size = 32 + 16L * (random.nextInt(20) == 0 ? random.nextInt(4000) : random.nextInt(60));
      boolean inUse = !previousInUse || random.nextInt(3) > 0;
      put(at + 8, size | 4 | (previousInUse ? 1 : 0));
      if (inUse) {
        inUseBytes += size;
        inUseChunks++;
        lastInUse = at;
        for (long w = at + 16; w < at + size; w += 8) {
          put(w, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(5000));
        }
      } else {
        freeBytes += size;
        put(at + size, size);
      }
      at += size;
      previousInUse = inUse;
    }
    put(at + 8, (end - at) | (previousInUse ? 1 : 0));
    if (!previousInUse) {
      put(at + 8, 32 | 4);
      put(at + 32 + 8, (end - at - 32) | 1);
      inUseBytes += 32;
      inUseChunks++;
      lastInUse = at;
      at += 32;
    }
    topBytes = end - at;
    put(ARENA + LAYOUT.top(), at);
    put(ARENA + LAYOUT.systemMem(), end - HEAP);
  }

  long bytes() {
    return words.length * 8L;
  }

  Segment segment() {
    Segment segment =
        Segment.ofHeap(this, HEAP, ARENA + LAYOUT.top(), first, HEAP + bytes(), HEAP + (64L << 20));
    segment.refresh();
    return segment;
  }

  void put(long address, long value) {
    words[(int) (address - HEAP >> 3)] = value;
  }

  @Override
  public long present(long start, int pages, long[] bits) {
    reads++;
    Arrays.fill(bits, 0);
    for (int i = 0; i < pages; i++) {
      long page = (start - HEAP >> 12) + i;
      if (page >= 0 && page < absent.length && !absent[(int) page]) {
        bits[i >>> 6] |= 1L << i;
      }
    }
    return 0;
  }

  @Override
  public int read(long address, long[] into, int count) {
    return peek(address, into, count);
  }

  @Override
  public int readWithHeader(
      long headerAddress, long[] header, long address, long[] into, int count) {
    return peek(headerAddress, header, 2) == 2 ? peek(address, into, count) : 0;
  }

  @Override
  public int peek(long address, long[] into, int count) {
    reads++;
    int done = 0;
    while (done < count) {
      long word = (address - HEAP >> 3) + done;
      if (word < 0 || word >= words.length || absent[(int) (word / PAGE_WORDS)]) {
        break;
      }
      into[done++] = words[(int) word];
    }
    return done;
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
