package io.leakwatch.heap.ptmalloc;

import java.util.Arrays;
import java.util.Random;

/**
 * A heap of a thread's arena in an array: random chunks in use and free, a top, any damage on
 * demand. It keeps count of what it made.
 */
public final class ArrayHeap extends WordMemory {
  public static final long HEAP = 0x7f0040000000L;
  public static final long ARENA = HEAP + 0x30;
  private static final GlibcLayout LAYOUT = GlibcLayout.V2_35;

  private final int pageBytes;
  public final long[] words;
  public final boolean[] absent;
  final long first = LAYOUT.firstChunk(ARENA);
  long inUseBytes;
  long inUseChunks;
  long freeBytes;
  long topBytes;
  long lastInUse;
  int reads;

  public ArrayHeap(long seed, int pages) {
    this(seed, pages, 4096);
  }

  public ArrayHeap(long seed, int pages, int pageBytes) {
    this.pageBytes = pageBytes;
    Random random = new Random(seed);
    words = new long[pages * (pageBytes / 8)];
    absent = new boolean[pages];
    long end = HEAP + pages * (long) pageBytes;
    put(HEAP, ARENA);
    put(HEAP + 16, pages * (long) pageBytes);
    put(HEAP + 24, pages * (long) pageBytes);
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

  public long bytes() {
    return words.length * 8L;
  }

  public Segment segment() {
    Segment segment =
        Segment.ofHeap(this, HEAP, ARENA + LAYOUT.top(), first, HEAP + bytes(), HEAP + (64L << 20));
    segment.refresh();
    return segment;
  }

  public void put(long address, long value) {
    words[(int) (address - HEAP >> 3)] = value;
  }

  @Override
  public long present(long start, int pages, long[] bits) {
    reads++;
    Arrays.fill(bits, 0);
    for (int i = 0; i < pages; i++) {
      long page = (start - HEAP) / pageBytes + i;
      if (page >= 0 && page < absent.length && !absent[(int) page]) {
        bits[i >>> 6] |= 1L << i;
      }
    }
    return 0;
  }

  @Override
  public int pageBytes() {
    return pageBytes;
  }

  @Override
  public int peek(long address, long[] into, int count) {
    reads++;
    int done = 0;
    while (done < count) {
      long word = (address - HEAP >> 3) + done;
      if (word < 0 || word >= words.length || absent[(int) (word / (pageBytes / 8))]) {
        break;
      }
      into[done++] = words[(int) word];
    }
    return done;
  }
}
