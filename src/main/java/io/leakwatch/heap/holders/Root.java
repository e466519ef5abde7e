package io.leakwatch.heap.holders;

/**
 * Where a chain of holders ends: memory that is there by itself.
 *
 * @param name in words
 * @param offset within the thing named
 */
record Root(String name, long offset, Rank rank) {
  /** What a reader would rather hear of, first. */
  enum Rank {
    VARIABLE,
    THREAD_LOCAL,
    MEMORY,
    STACK,
    DEAD
  }

  /** Memory that nobody uses: what it refers to is not held by it. */
  static final Root DEAD = new Root("", 0, Rank.DEAD);

  String text() {
    return offset == 0 ? name : name + " + " + offset;
  }
}
