package io.leakwatch.heap.jemalloc;

/**
 * A run of whole pages as jemalloc's tree tells of it: what the leaf says and what the struct says
 * that it points to. It is overwritten by the next one.
 */
final class Extent {
  /** The leaf's element; both words are the same where it has only one. */
  long entry;

  long extra;
  boolean isCompact;

  /** Where the struct lies. */
  long struct;

  /** The struct's packed word. */
  long bits;

  /** The address that the struct keeps: of a large allocation its first byte. */
  long first;

  long start;
  long bytes;
  long pageBytes;

  long end() {
    return start + bytes;
  }
}
