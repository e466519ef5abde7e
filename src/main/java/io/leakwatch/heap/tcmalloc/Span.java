package io.leakwatch.heap.tcmalloc;

/**
 * A run of pages as tcmalloc describes it ({@code Span} in src/span.h): in use as one object or cut
 * into objects of one class, free, or given back.
 *
 * @param address of its first page
 * @param objects first of the free objects in it, each of which begins with the address of the
 *     next; 0 where there is none
 * @param references objects that are not free, those in caches included
 * @param sizeClass of its objects, 0 when it is one
 * @param location 0 in use, 1 free, 2 given back
 */
record Span(long address, long bytes, long objects, int references, int sizeClass, int location) {
  /** Of what is no span. */
  static final Span NONE = new Span(0, 0, 0, 0, 0, 0);

  static final int WORDS = 6;
  static final int IN_USE = 0;
  static final int FREE = 1;
  static final int RETURNED = 2;

  /** The span that six words describe, with pages of a size. */
  static Span of(long[] words, int pageShift) {
    int bits = (int) words[5];
    return new Span(
        words[0] << pageShift,
        words[1] << pageShift,
        words[4],
        bits & 0xffff,
        bits >>> 16 & 0xff,
        bits >>> 24 & 3);
  }

  long end() {
    return address + bytes;
  }
}
