package io.leakwatch.heap.jemalloc;

import java.util.List;

/**
 * How a build of jemalloc 5 cuts an address into the keys of its tree of extents
 * (include/jemalloc/internal/rtree.h): by the width of an address and of a page, which are
 * constants of the build and not those of the machine it runs on.
 *
 * <p>Keys of up to 36 bits make two levels, longer ones three. Where an address leaves eight bits
 * of a word, an element of a leaf is one word with the size class above the address and flags below
 * it, else it is two.
 */
record TreeShape(int addressBits, int pageShift) {
  private static final int TWO_LEVELS_MAX = 36;
  private static final int SIZE_CLASS_BITS = 8;
  private static final long STRUCT_ALIGNMENT = 64;

  /** Pages of 4, 16 and 64 KiB; 57 bits on processors with five levels of page tables. */
  static final List<TreeShape> ALL =
      List.of(
          new TreeShape(48, 12),
          new TreeShape(57, 12),
          new TreeShape(48, 16),
          new TreeShape(48, 14),
          new TreeShape(57, 16),
          new TreeShape(57, 14));

  private int keyBits() {
    return addressBits - pageShift;
  }

  boolean hasMiddle() {
    return keyBits() > TWO_LEVELS_MAX;
  }

  private int rootBits() {
    return keyBits() / (hasMiddle() ? 3 : 2);
  }

  /** Bits that the level between root and leaves tells apart, 0 where there is none. */
  int middleBits() {
    return hasMiddle() ? keyBits() / 3 + keyBits() % 3 / 2 : 0;
  }

  private int leafBits() {
    return keyBits() - rootBits() - middleBits();
  }

  /** An address shifted by it is the number of its leaf. */
  int leafShift() {
    return pageShift + leafBits();
  }

  /** The entry of the root that a leaf's number belongs to. */
  long rootIndex(long leafNumber) {
    return leafNumber >>> middleBits();
  }

  long rootBytes() {
    return (long) Long.BYTES << rootBits();
  }

  long middleBytes() {
    return (long) Long.BYTES << middleBits();
  }

  boolean isCompact() {
    return Long.SIZE - addressBits >= SIZE_CLASS_BITS;
  }

  int elementBytes() {
    return isCompact() ? Long.BYTES : 2 * Long.BYTES;
  }

  long leafBytes() {
    return (long) elementBytes() << leafBits();
  }

  /** The struct's address in an element's first word. */
  long structOf(long entry) {
    return entry & -STRUCT_ALIGNMENT & (isCompact() ? (1L << addressBits) - 1 : -1L);
  }

  long pageBytes() {
    return 1L << pageShift;
  }
}
