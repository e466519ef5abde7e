package io.leakwatch.heap.hotspot;

/**
 * A part of a Java heap that is filled from its bottom to its top.
 *
 * @param top the first byte that is free
 */
record Space(Kind kind, long bottom, long top, long end) {
  /** What lies in it. */
  enum Kind {
    /** What was made since the last collection, or survived few. */
    YOUNG,
    /** What survived. */
    OLD,
    /** One object that is larger than a region, and does not move. */
    HUMONGOUS,
    /** The rest of such an object. */
    HUMONGOUS_REST,
    /** Nothing. */
    FREE;

    boolean isOld() {
      return this == OLD || this == HUMONGOUS || this == HUMONGOUS_REST;
    }
  }

  /** Whether it may be one at all. */
  boolean isPossible() {
    return bottom > 0 && bottom <= top && top <= end && (bottom & 7) == 0 && (top & 7) == 0;
  }

  long usedBytes() {
    return top - bottom;
  }
}
