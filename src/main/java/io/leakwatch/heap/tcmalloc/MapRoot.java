package io.leakwatch.heap.tcmalloc;

import java.util.List;

/**
 * Where tcmalloc's map of pages is and how it is built.
 *
 * @param root address of the first array
 * @param levels arrays on the way to a span
 */
record MapRoot(long root, int pageShift, int levels) {
  /** Bytes of a page, as a power of two, the usual one first. */
  static final List<Integer> PAGE_SHIFTS = List.of(13, 15, 16, 18, 12);

  private static final int ADDRESS_BITS = 48;

  /** That nothing was found. */
  static final MapRoot NONE = new MapRoot(0, PAGE_SHIFTS.get(0), 2);

  private int bits() {
    return ADDRESS_BITS - pageShift;
  }

  int innerBits() {
    return levels == 2 ? bits() / 2 : (bits() + 2) / 3;
  }

  int leafBits() {
    return bits() - innerBits() * (levels - 1);
  }

  long leafBytes() {
    return 8L << leafBits();
  }

  /** Bytes of addresses that a leaf describes. */
  long leafSpan() {
    return 1L << (leafBits() + pageShift);
  }

  /** Bytes of the first array. */
  long bytes() {
    return 8L << innerBits();
  }
}
