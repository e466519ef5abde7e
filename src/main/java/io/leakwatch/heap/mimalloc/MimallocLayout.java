package io.leakwatch.heap.mimalloc;

/**
 * How mimalloc 2 describes a page, a run of slices of 64 KiB cut into blocks of one size ({@code
 * mi_page_t} in include/mimalloc/types.h), by generation of the source. The number of slices comes
 * first in both, then the blocks that were made, then the first free block. Offsets are bytes.
 */
enum MimallocLayout {
  V2_0("2.0", 80, 24, 28, 0, 32, 40),
  V2_1("2.1-2.2", 96, 32, 40, 48, 24, 56);

  static final int FREE = 16;

  private final String versions;
  private final int bytes;
  private final int used;
  private final int blockBytes;
  private final int start;
  private final int localFree;
  private final int threadFree;

  MimallocLayout(
      String versions,
      int bytes,
      int used,
      int blockBytes,
      int start,
      int localFree,
      int threadFree) {
    this.versions = versions;
    this.bytes = bytes;
    this.used = used;
    this.blockBytes = blockBytes;
    this.start = start;
    this.localFree = localFree;
    this.threadFree = threadFree;
  }

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  /** Bytes of a description. */
  int bytes() {
    return bytes;
  }

  /**
   * A page's description.
   *
   * @param words of it
   * @param first address of its first slice
   * @param slices that it has
   */
  MimallocPage page(long[] words, long first, int slices) {
    boolean isOld = this == V2_0;
    long usedWord = words[used / 8] >>> (used % 8 * 8);
    long size = isOld ? words[blockBytes / 8] >>> 32 : words[blockBytes / 8];
    return new MimallocPage(
        first,
        first + slices * MimallocPage.SLICE_BYTES,
        isOld ? 0 : words[start / 8],
        size,
        new MimallocPage.Blocks((int) (words[1] >>> 16) & 0xffff, (int) (words[1] >>> 32) & 0xffff),
        (int) (isOld ? usedWord & 0xffffffffL : usedWord & 0xffff),
        new long[] {words[FREE / 8], words[localFree / 8], words[threadFree / 8] & -4L});
  }
}
