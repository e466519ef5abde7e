package io.leakwatch.heap.mimalloc;

import org.jspecify.annotations.Nullable;

/**
 * How mimalloc 3 describes a page ({@code mi_page_t} in include/mimalloc/types.h), by generation of
 * the source; that of 3.6 is read off its own pages in memory. A description says where the page's
 * memory comes from: from which slice of an arena, and how many, or from which range that the
 * kernel gave. Builds that encode the lists of free blocks put two keys in front of it and fit none
 * of these. Offsets are bytes.
 */
enum MappedPageLayout {
  /** Where the first block begins is said as an address. */
  V3_0("3.0-3.3", 8, 24, 32, 40, 16, 18),
  /** It is said as a distance from the description, in words. */
  V3_4("3.4", 8, 24, 32, 40, 16, 18),
  /** It is said as a distance from the description, in bytes. */
  V3_6("3.6", 16, 24, 64, 32, 40, 56);

  static final int WORDS = 16;

  private static final int START = 48;

  /** Memory from the kernel has one of so many kinds, which precede an arena's. */
  private static final int KERNEL_KINDS = 3;

  private static final long DISTANCE_MASK = 0xffffffffL;
  private static final long ADDRESS_MAX = 1L << 57;

  private final String versions;
  private final int free;
  private final int localFree;
  private final int threadFree;
  private final int blockBytes;
  private final int used;
  private final int made;

  MappedPageLayout(
      String versions,
      int free,
      int localFree,
      int threadFree,
      int blockBytes,
      int used,
      int made) {
    this.versions = versions;
    this.free = free;
    this.localFree = localFree;
    this.threadFree = threadFree;
    this.blockBytes = blockBytes;
    this.used = used;
    this.made = made;
  }

  /** Where it says where its memory comes from. */
  private int memory() {
    return switch (this) {
      case V3_0 -> 96;
      case V3_4 -> 88;
      case V3_6 -> 104;
    };
  }

  /** What it says of memory from an arena. */
  private int arenaKind() {
    return this == V3_6 ? 6 : 7;
  }

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  /**
   * A page that fits its place.
   *
   * @param page it
   * @param arena description of the arena that it lies in, 0 where it lies in none
   * @param start of the arena, or of what the kernel gave
   * @param end of what the kernel gave, 0 for a page of an arena
   * @param mapEntries how many slices the map says are the page's
   */
  record Found(MimallocPage page, long arena, long start, long end, int mapEntries) {}

  /**
   * A page's description, null where it cannot be one.
   *
   * @param words of it
   * @param description its address
   * @param slice the first slice that the map says is the page's
   */
  @Nullable Found page(long[] words, long description, long slice) {
    int memory = memory();
    int kind = (int) words[memory / 8 + 2] & 0xff;
    long count = words[memory / 8 + 1] >>> 32;
    boolean inArena = kind == arenaKind();
    long from =
        inArena
            ? slice - (words[memory / 8 + 1] & 0xffffffffL) * MimallocPage.SLICE_BYTES
            : words[memory / 8];
    long kernelEnd = from + words[memory / 8 + 1];
    long end = inArena ? slice + count * MimallocPage.SLICE_BYTES : kernelEnd;
    boolean isKind = inArena || (kind < arenaKind() && kind >= arenaKind() - KERNEL_KINDS);
    if (!isKind || from <= 0 || from > slice || end <= slice || end > ADDRESS_MAX) {
      return null;
    }
    long bytes = words[blockBytes / 8];
    long first = first(words[START / 8], description);
    int blocks = number(words, made);
    int room = number(words, made + 2);
    boolean holds =
        bytes > 0
            && (bytes & 7) == 0
            && bytes <= end - slice
            && first >= slice
            && first < end
            && room > 0
            && blocks <= room
            && number(words, used) <= blocks
            && room * bytes <= end - first;
    if (!holds) {
      return null;
    }
    long[] heads = {words[free / 8], words[localFree / 8], words[threadFree / 8] & -4L};
    MimallocPage page =
        new MimallocPage(
            slice,
            end,
            first,
            bytes,
            new MimallocPage.Blocks(blocks, room),
            number(words, used),
            heads);
    int entries = mapEntries(room * bytes, first - slice);
    return inArena
        ? new Found(page, words[memory / 8], from, 0, entries)
        : new Found(page, 0, from, end, entries);
  }

  /**
   * Whether another page took the slice that a page began with. Descriptions that are kept apart
   * from their pages lie farther away.
   */
  static boolean isGone(long description, long slice) {
    return description % MimallocPage.SLICE_BYTES == 0
        && description < slice
        && slice - description < PageMap.MAPPED_BYTES_MAX;
  }

  /** Whether no block of a page is in use, or there is no page any more. */
  boolean isUnused(long[] words) {
    return words[blockBytes / 8] == 0 || number(words, used) == 0;
  }

  private long first(long word, long description) {
    return switch (this) {
      case V3_0 -> word;
      case V3_4 -> description + 8 * (word & DISTANCE_MASK);
      case V3_6 -> description + (word & DISTANCE_MASK);
    };
  }

  /** A number of two bytes. */
  private static int number(long[] words, int offset) {
    return (int) (words[offset / 8] >>> (offset % 8 * 8)) & 0xffff;
  }

  /** Of what is larger than 4 MiB the map shows the beginning only. */
  private static int mapEntries(long bytes, long offset) {
    long mapped =
        bytes > PageMap.MAPPED_BYTES_MAX
            ? PageMap.MAPPED_BYTES_MAX - MimallocPage.SLICE_BYTES
            : bytes;
    return (int)
        ((mapped + MimallocPage.SLICE_BYTES - 1) / MimallocPage.SLICE_BYTES
            + offset / MimallocPage.SLICE_BYTES);
  }
}
