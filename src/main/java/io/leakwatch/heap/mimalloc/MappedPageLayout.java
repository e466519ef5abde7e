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
  V3_0("3.0-3.3", new Chains(8, 24, 32), new Blocks(40, 16, 18), 48, 96, 7),
  /** It is said as a distance from the description, in words. */
  V3_4("3.4", new Chains(8, 24, 32), new Blocks(40, 16, 18), 48, 88, 7),
  /** It is said as a distance from the description, in bytes. */
  V3_6("3.6", new Chains(16, 24, 64), new Blocks(32, 40, 56), 48, 104, 6);

  static final int WORDS = 16;

  /** Memory from the kernel has one of so many kinds, which precede an arena's. */
  private static final int KERNEL_KINDS = 3;

  private static final long DISTANCE_MASK = 0xffffffffL;
  private static final long ADDRESS_MAX = 1L << 57;

  private final String versions;
  private final Chains chains;
  private final Blocks blocks;
  private final int start;
  private final int memory;
  private final int arenaKind;

  MappedPageLayout(
      String versions, Chains chains, Blocks blocks, int start, int memory, int arenaKind) {
    this.versions = versions;
    this.chains = chains;
    this.blocks = blocks;
    this.start = start;
    this.memory = memory;
    this.arenaKind = arenaKind;
  }

  /** Where the first free block is, the first that its thread and that other threads freed. */
  private record Chains(int free, int localFree, int threadFree) {}

  /**
   * Where numbers of blocks are.
   *
   * @param bytes of one
   * @param used in use, two bytes
   * @param made two bytes, and behind them for how many there is room
   */
  private record Blocks(int bytes, int used, int made) {}

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
    int kind = (int) words[memory / 8 + 2] & 0xff;
    long count = words[memory / 8 + 1] >>> 32;
    boolean inArena = kind == arenaKind;
    long from =
        inArena
            ? slice - (words[memory / 8 + 1] & 0xffffffffL) * MimallocPage.SLICE_BYTES
            : words[memory / 8];
    long kernelEnd = from + words[memory / 8 + 1];
    long end = inArena ? slice + count * MimallocPage.SLICE_BYTES : kernelEnd;
    boolean isKind = inArena || (kind < arenaKind && kind >= arenaKind - KERNEL_KINDS);
    if (!isKind || from <= 0 || from > slice || end <= slice || end > ADDRESS_MAX) {
      return null;
    }
    long bytes = words[blocks.bytes() / 8];
    long first = first(words[start / 8], description);
    int made = number(words, blocks.made());
    int room = number(words, blocks.made() + 2);
    boolean holds =
        bytes > 0
            && (bytes & 7) == 0
            && bytes <= end - slice
            && first >= slice
            && first < end
            && room > 0
            && made <= room
            && number(words, blocks.used()) <= made
            && room * bytes <= end - first;
    if (!holds) {
      return null;
    }
    long[] heads = {
      words[chains.free() / 8], words[chains.localFree() / 8], words[chains.threadFree() / 8] & -4L
    };
    MimallocPage page =
        new MimallocPage(
            slice,
            end,
            first,
            bytes,
            new MimallocPage.Blocks(made, room),
            number(words, blocks.used()),
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
    return words[blocks.bytes() / 8] == 0 || number(words, blocks.used()) == 0;
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
