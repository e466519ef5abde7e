package io.leakwatch.heap.python;

/**
 * An arena as CPython describes it ({@code struct arena_object}).
 *
 * @param index of the description
 * @param start 0 where the description is not in use
 * @param carvedEnd behind the last pool that was ever used
 * @param freePools of its pools, those never used among them
 */
record Arena(int index, long start, long carvedEnd, int freePools, int pools) {
  static final int WORDS = 6;
  static final int BYTES = 8 * WORDS;

  /** That a description says nothing. */
  static final Arena NONE = new Arena(-1, 0, 0, 0, 0);

  boolean isKnown() {
    return index >= 0;
  }

  boolean isInUse() {
    return start != 0;
  }
}
