package io.leakwatch.heap.mimalloc;

/** A page of mimalloc: slices of a segment that are cut into blocks of one size, or free. */
final class MimallocPage {
  static final long SLICE_BYTES = 64 << 10;

  /** What describes a free page, or the segment itself, says that a block has no more bytes. */
  private static final long NO_BLOCK_BYTES = 1;

  private static final long[] NO_CHAINS = new long[3];

  private final long address;
  private final long end;
  private final long start;
  private final long blockBytes;
  private final int blocks;
  private final int room;
  private final int used;
  private final long[] chains;

  /** Slices of which nothing is in use. */
  static MimallocPage free(long address, long end) {
    return new MimallocPage(address, end, 0, 0, new Blocks(0, 0), 0, NO_CHAINS);
  }

  MimallocPage(
      long address, long end, long start, long blockBytes, Blocks counts, int used, long[] chains) {
    this.address = address;
    this.end = end;
    this.start = start;
    this.blockBytes = blockBytes;
    this.blocks = counts.made();
    this.room = counts.room();
    this.used = used;
    this.chains = chains;
  }

  /**
   * Blocks of a page.
   *
   * @param made those that were made
   * @param room those that it has room for
   */
  record Blocks(int made, int room) {}

  long address() {
    return address;
  }

  long end() {
    return end;
  }

  boolean isFree() {
    return blockBytes <= NO_BLOCK_BYTES;
  }

  /** The first block, 0 where its place is not said. */
  long start() {
    return start;
  }

  long blockBytes() {
    return blockBytes;
  }

  /** Blocks that were made. */
  int blocks() {
    return blocks;
  }

  /** Blocks that it has room for. */
  int room() {
    return room;
  }

  /** Blocks that the page's own thread has not got back. */
  int used() {
    return used;
  }

  /** First free block, first one that its thread freed, first one that other threads freed. */
  long chain(int index) {
    return chains[index];
  }
}
