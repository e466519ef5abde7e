package io.leakwatch.heap.jemalloc;

import java.util.ArrayList;
import java.util.List;

/**
 * How a release of jemalloc before 5 heads a chunk (include/jemalloc/internal/arena.h and
 * extent.h): pages of 4 KiB, a map with an element for each page behind the header itself, and
 * since 4.0 a second array with what is known of a run. Offsets and sizes are bytes.
 *
 * @param chunkShift of a chunk's size, which is its alignment, too
 * @param map where the map begins
 * @param stride from one element of the map to the next; its last word holds the page's bits
 * @param misc size of an element of the second array, 0 where there is none
 * @param run where the run's words are in it
 * @param isChunk where the header says that it heads a chunk, 0 where it does not
 */
record ChunkShape(
    String versions, int chunkShift, int map, int stride, int misc, int run, int isChunk) {
  static final int PAGE_SHIFT = 12;
  static final int PAGE_BYTES = 1 << PAGE_SHIFT;

  /** Usual sizes of chunks first; opt.lg_chunk may change them. */
  static final List<ChunkShape> ALL = all();

  private static List<ChunkShape> all() {
    List<ChunkShape> all = new ArrayList<>();
    for (int shift : new int[] {22, 21, 20, 23, 24}) {
      all.add(new ChunkShape("3.6", shift, 48, 24, 0, 0, 0));
      all.add(new ChunkShape("3.6", shift, 48, 32, 0, 0, 0)); // With prof compiled in.
      all.add(new ChunkShape("4.4-4.5", shift, 120, 8, 96, 24, 34));
      all.add(new ChunkShape("4.2-4.3", shift, 104, 8, 96, 24, 26));
      all.add(new ChunkShape("4.1", shift, 104, 8, 88, 16, 26));
      all.add(new ChunkShape("4.0", shift, 104, 8, 96, 16, 26));
    }
    return List.copyOf(all);
  }

  boolean isOld() {
    return misc == 0;
  }

  long chunkBytes() {
    return 1L << chunkShift;
  }

  int pages() {
    return 1 << (chunkShift - PAGE_SHIFT);
  }

  /** Pages of the header, which the map leaves out. */
  int headerPages() {
    int pages = 0;
    for (int i = 0; i < 3; i++) {
      int bytes = map + (stride + misc) * (pages() - pages);
      pages = (bytes + PAGE_BYTES - 1) >>> PAGE_SHIFT;
    }
    return pages;
  }

  /** Words from a chunk's start to the end of the map. */
  int mapWords() {
    return (map + stride * (pages() - headerPages())) / Long.BYTES;
  }

  /** The word of the header that holds the bits of a page. */
  int bitsWord(int page) {
    return (map + stride * (page - headerPages() + 1)) / Long.BYTES - 1;
  }

  /** From a chunk's start to what is known of the run that begins with a page. */
  long runOffset(int page) {
    return (long) map
        + (long) stride * (pages() - headerPages())
        + (long) misc * (page - headerPages())
        + run;
  }

  static boolean isAllocated(long bits) {
    return (bits & 1) != 0;
  }

  static boolean isLarge(long bits) {
    return (bits & 2) != 0;
  }

  boolean isDirty(long bits) {
    return (bits & (isOld() ? 8 : 16)) != 0;
  }

  int bin(long bits) {
    return (int) (bits >>> (isOld() ? 4 : 5)) & 0xff;
  }

  /** Of a page of small regions: its distance from the first one of the run, in pages. */
  long runIndex(long bits) {
    return bits >>> (isOld() ? PAGE_SHIFT : 13);
  }

  /** Of the first page of what is free or large: pages of it. */
  long pagesOf(long bits) {
    return runIndex(bits);
  }
}
