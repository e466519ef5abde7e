package io.leakwatch.heap.python;

/**
 * A pool of blocks of one size as CPython describes it ({@code struct pool_header}).
 *
 * @param used blocks
 * @param freed the first of the blocks that were freed, 0 where there is none
 * @param arena index of its arena
 * @param blockBytes of each block
 * @param carved blocks that were handed out at least once
 */
record Pool(long start, int used, long freed, long arena, int blockBytes, int carved, int blocks) {
  static final int WORDS = 6;
  static final int HEADER_BYTES = 8 * WORDS;
  static final int BLOCK_MAX_BYTES = 512;

  /** That a description says nothing. */
  static final Pool NONE = new Pool(0, 0, 0, -1, 0, 0, 0);

  /**
   * The pool that a description tells, {@link #NONE} where it does not agree with itself.
   *
   * @param words of it; the two in the middle, which link pools, are not used
   */
  static Pool of(PoolLayout layout, long start, long[] words) {
    long sizeIndex = words[4] >>> 32;
    long next = words[5] & 0xffffffffL;
    long used = words[0] & 0xffffffffL;
    if (sizeIndex >= BLOCK_MAX_BYTES / 16) {
      return NONE;
    }
    int block = (int) (16 * (sizeIndex + 1));
    int blocks = (int) (layout.poolBytes() - HEADER_BYTES) / block;
    boolean holds =
        words[5] >>> 32 == layout.poolBytes() - block
            && next >= HEADER_BYTES
            && next <= layout.poolBytes()
            && (next - HEADER_BYTES) % block == 0
            && used <= (next - HEADER_BYTES) / block;
    return holds
        ? new Pool(
            start,
            (int) used,
            words[1],
            words[4] & 0xffffffffL,
            block,
            (int) (next - HEADER_BYTES) / block,
            blocks)
        : NONE;
  }

  boolean isKnown() {
    return blockBytes != 0;
  }

  long first() {
    return start + HEADER_BYTES;
  }
}
