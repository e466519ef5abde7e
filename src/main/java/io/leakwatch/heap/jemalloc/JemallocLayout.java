package io.leakwatch.heap.jemalloc;

/**
 * How jemalloc packs the facts of an extent, a run of whole pages, into one word ({@code e_bits}),
 * by generation of the source: include/jemalloc/internal/extent_structs.h up to 5.2, edata.h since
 * 5.3. The words behind it are the same in all: the extent's address, then its size; the low twelve
 * bits of both mean something else. Offsets are bits, for pages of 4 KiB on x86-64.
 */
enum JemallocLayout {
  V5_0("5.0-5.2", 16, 2, 18, 26),
  V5_3("5.3", 17, 3, 20, 28);

  static final int ACTIVE = 0;
  static final int DIRTY = 1;
  static final int MUZZY = 2;
  static final int RETAINED = 3;

  /** Size classes that fit any address space. */
  static final int SIZES = 160;

  private static final int ARENA_BITS = 12;
  private static final int SLAB = 12;
  private static final int FREE_BITS = 10;

  private final String versions;
  private final int state;
  private final int stateBits;
  private final int sizeIndex;
  private final int free;

  JemallocLayout(String versions, int state, int stateBits, int sizeIndex, int free) {
    this.versions = versions;
    this.state = state;
    this.stateBits = stateBits;
    this.sizeIndex = sizeIndex;
    this.free = free;
  }

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  int arena(long bits) {
    return field(bits, 0, ARENA_BITS);
  }

  /** Whether the extent is cut into regions of one size. */
  boolean isSlab(long bits) {
    return ((bits >>> SLAB) & 1) != 0;
  }

  /** {@link #ACTIVE} and so on; larger while it changes. */
  int state(long bits) {
    return field(bits, state, stateBits);
  }

  /** Index of the size class of what it holds. */
  int sizeIndex(long bits) {
    return field(bits, sizeIndex, Byte.SIZE);
  }

  /** A slab's regions that are not allocated. */
  int freeRegions(long bits) {
    return field(bits, free, FREE_BITS);
  }

  /**
   * Bytes of a size class (include/jemalloc/internal/sc.h): 8, then multiples of 16 up to 128, then
   * four to each doubling.
   */
  static long sizeOf(int index) {
    if (index == 0) {
      return 8;
    }
    if (index <= 8) {
      return index * 16L;
    }
    int group = (index - 9) / 4;
    long step = 32L << group;
    return (128L << group) + step * ((index - 9) % 4 + 1);
  }

  private static int field(long bits, int shift, int width) {
    return (int) (bits >>> shift) & ((1 << width) - 1);
  }
}
