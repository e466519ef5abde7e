package io.leakwatch.heap.ptmalloc;

/**
 * Where glibc's malloc keeps its fields, by generation of the source. Offsets are bytes, the same
 * on x86-64 and aarch64; {@link #ABSENT} where a generation has no such field.
 *
 * <p>Source: malloc/malloc.c and malloc/arena.c of glibc 2.17 to 2.43, checked with the debug
 * information of Debian's 2.31, 2.36 and 2.43. What separates the generations: 2.23 added {@code
 * attached_threads}, 2.27 {@code have_fastchunks}, 2.35 {@code heap_info.pagesize}, and 2.43 took
 * the fastbins away.
 */
enum GlibcLayout {
  V2_17("2.17-2.22", 0x08, 0x58, false, 0x20, 0x28),
  V2_23("2.23-2.26", 0x08, 0x58, true, 0x20, 0x28),
  V2_27("2.27-2.34", 0x10, 0x60, true, 0x20, 0x28),
  V2_35("2.35-2.42", 0x10, 0x60, true, 0x30, 0x3c),
  V2_43("2.43+", GlibcLayout.ABSENT, 0x08, true, 0x30, 0x44);

  static final int ABSENT = -1;

  /** Largest {@code malloc_state} of all generations. */
  static final int STATE_BYTES_MAX = 0x898;

  /** Bins of one arena; each is a pair of pointers. */
  static final int BINS = 127;

  static final int FASTBINS = 10;

  private static final int WORD = 8;

  /** Two pointers for each bin, and a bit for each of 128 bins. */
  private static final int BINS_AND_MAP_BYTES = BINS * 2 * WORD + 16;

  private final String versions;
  private final int fastbins;
  private final int top;
  private final boolean countsThreads;
  private final int heapInfoBytes;
  private final int mmapCount;

  /**
   * From {@code top} on a {@code malloc_state} is the same in all generations: {@code top}, {@code
   * last_remainder}, {@code bins}, {@code binmap}, {@code next}, {@code next_free}, {@code
   * attached_threads} where there is one, {@code system_mem}, {@code max_system_mem}.
   */
  GlibcLayout(
      String versions,
      int fastbins,
      int top,
      boolean countsThreads,
      int heapInfoBytes,
      int mmapCount) {
    this.versions = versions;
    this.fastbins = fastbins;
    this.top = top;
    this.countsThreads = countsThreads;
    this.heapInfoBytes = heapInfoBytes;
    this.mmapCount = mmapCount;
  }

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  boolean hasFastbins() {
    return fastbins != ABSENT;
  }

  int fastbins() {
    return fastbins;
  }

  int top() {
    return top;
  }

  int bins() {
    return top + 2 * WORD;
  }

  int next() {
    return bins() + BINS_AND_MAP_BYTES;
  }

  int attachedThreads() {
    return countsThreads ? next() + 2 * WORD : ABSENT;
  }

  int systemMem() {
    return next() + (countsThreads ? 3 : 2) * WORD;
  }

  /** {@code max_system_mem} follows directly. */
  int maxSystemMem() {
    return systemMem() + WORD;
  }

  /** Size of {@code malloc_state}. */
  int stateBytes() {
    return systemMem() + 2 * WORD;
  }

  /** Size of {@code heap_info}; an arena's first heap has its {@code malloc_state} right behind. */
  int heapInfoBytes() {
    return heapInfoBytes;
  }

  /** First chunk of an arena's first heap: behind the state, so that its memory is 16-aligned. */
  long firstChunk(long arenaAddress) {
    return arenaAddress + stateBytes() + 15 & -16;
  }

  /** {@code thp_pagesize} in {@code malloc_par}. */
  int thpPageBytes() {
    return this == V2_43 ? 0x30 : this == V2_35 ? 0x28 : ABSENT;
  }

  /** {@code n_mmaps} in {@code malloc_par}; {@code n_mmaps_max} and two more ints follow. */
  int mmapCount() {
    return mmapCount;
  }

  /** {@code mmapped_mem} in {@code malloc_par}. */
  int mmappedMem() {
    return mmapCount + 0x10 + (mmapCount % 8 == 0 ? 0 : 4);
  }

  /** {@code sbrk_base} in {@code malloc_par}. */
  int sbrkBase() {
    return mmappedMem() + 0x10;
  }

  /** Since 2.43 an mmapped chunk's size leaves out its own header. */
  boolean mmappedSizeLacksHeader() {
    return this == V2_43;
  }
}
