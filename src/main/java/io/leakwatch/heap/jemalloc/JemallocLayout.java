package io.leakwatch.heap.jemalloc;

/**
 * How jemalloc 5 packs the facts of an extent into one word ({@code e_bits}), by generation of the
 * source: include/jemalloc/internal/extent_structs.h up to 5.2, edata.h since 5.3. The words behind
 * it are the same in all: the extent's address, then its size; the low bits of both, those within a
 * page, mean something else. Offsets are bits.
 *
 * <p>The leaf repeats size class and slab flag, and a slab is a whole number of regions: that tells
 * the generations apart and a torn struct from a sound one.
 */
enum JemallocLayout {
  V5_0("5.0", 15, 2, 17, 25),
  V5_1("5.1-5.2", 16, 2, 18, 26),
  V5_3("5.3", 17, 3, 20, 28);

  static final int ACTIVE = 0;
  static final int DIRTY = 1;
  static final int MUZZY = 2;
  static final int RETAINED = 3;

  /** Size classes that fit any address space. */
  static final int SIZES = 160;

  /** Of a slab: one for each 8 bytes of a page of 64 KiB. */
  static final int REGIONS_MAX = 8192;

  /** From the struct's start to its bitmap of free regions. */
  static final int BITMAP = 64;

  private static final int ARENA_BITS = 12;
  private static final int SLAB = 12;
  private static final int PAI = 14;

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

  /** Whether it comes out of a huge page that is managed as a whole (opt.hpa). */
  boolean isOfHugePage(long bits) {
    return this == V5_3 && ((bits >>> PAI) & 1) != 0;
  }

  /** Whether a sampled allocation's counters say for how many others it stands. */
  boolean keepsSampledStacks() {
    return this == V5_3;
  }

  /** {@link #ACTIVE} and so on; larger while it changes. */
  int state(long bits) {
    return field(bits, state, stateBits);
  }

  /** Index of the size class of what it holds. */
  int sizeIndex(long bits) {
    return field(bits, sizeIndex, Byte.SIZE);
  }

  /** A slab's regions that are not allocated: a page has so many of 8 bytes, and one state more. */
  int freeRegions(Extent extent) {
    return field(extent.bits, free, Long.numberOfTrailingZeros(extent.pageBytes) - 2);
  }

  /** Regions of a slab. */
  int regions(Extent extent) {
    return (int) Math.min(extent.bytes / sizeOf(sizeIndex(extent.bits)), REGIONS_MAX + 1);
  }

  /** Bytes that the application can use of a large extent. */
  long usableBytes(Extent extent) {
    long size = sizeOf(sizeIndex(extent.bits));
    return size <= extent.bytes ? size : extent.bytes - extent.pageBytes;
  }

  /** Whether an extent's words do not contradict each other. */
  boolean fits(Extent extent) {
    int state = state(extent.bits);
    if (state != ACTIVE) {
      return true;
    }
    int index = sizeIndex(extent.bits);
    boolean slab = isSlab(extent.bits);
    if (index >= SIZES || index != leafSizeIndex(extent) || slab != isLeafSlab(extent)) {
      return false;
    }
    long size = sizeOf(index);
    if (slab) {
      return extent.first == extent.start
          && size <= extent.bytes
          && extent.bytes % size == 0
          && extent.bytes / size <= REGIONS_MAX
          && freeRegions(extent) <= extent.bytes / size;
    }
    long usable = usableBytes(extent);
    boolean isOfClass = size <= extent.bytes || (index > 0 && usable > sizeOf(index - 1));
    return isOfClass && extent.first + usable <= extent.end();
  }

  private int leafSizeIndex(Extent extent) {
    if (extent.isCompact) {
      return (int) (extent.entry >>> 48);
    }
    int facts = (int) extent.extra;
    return this == V5_3 ? facts >>> (2 + stateBits) : facts;
  }

  private boolean isLeafSlab(Extent extent) {
    if (extent.isCompact) {
      return (extent.entry & 1) != 0;
    }
    return (this == V5_3 ? extent.extra & 1 : extent.extra >>> 32 & 0xff) != 0;
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
