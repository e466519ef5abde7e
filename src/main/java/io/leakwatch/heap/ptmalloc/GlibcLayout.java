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
  V2_17(
      "2.17-2.22",
      new State(0x08, 0x58, 0x68, 0x868, GlibcLayout.ABSENT, 0x878, 0x888),
      0x20,
      0x28),
  V2_23("2.23-2.26", new State(0x08, 0x58, 0x68, 0x868, 0x878, 0x880, 0x890), 0x20, 0x28),
  V2_27("2.27-2.34", new State(0x10, 0x60, 0x70, 0x870, 0x880, 0x888, 0x898), 0x20, 0x28),
  V2_35("2.35-2.42", new State(0x10, 0x60, 0x70, 0x870, 0x880, 0x888, 0x898), 0x30, 0x3c),
  V2_43("2.43+", new State(GlibcLayout.ABSENT, 0x08, 0x18, 0x818, 0x828, 0x830, 0x840), 0x30, 0x44);

  static final int ABSENT = -1;

  /** Largest {@code malloc_state} of all generations. */
  static final int STATE_BYTES_MAX = 0x898;

  /** Bins of one arena; each is a pair of pointers. */
  static final int BINS = 127;

  static final int FASTBINS = 10;

  private final String versions;
  private final State state;
  private final int heapInfoBytes;
  private final int mmapCount;

  GlibcLayout(String versions, State state, int heapInfoBytes, int mmapCount) {
    this.versions = versions;
    this.state = state;
    this.heapInfoBytes = heapInfoBytes;
    this.mmapCount = mmapCount;
  }

  /**
   * Fields of {@code malloc_state}, by offset.
   *
   * @param bytes its size
   */
  private record State(
      int fastbins, int top, int bins, int next, int attachedThreads, int systemMem, int bytes) {}

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  boolean hasFastbins() {
    return state.fastbins() != ABSENT;
  }

  int fastbins() {
    return state.fastbins();
  }

  int top() {
    return state.top();
  }

  int bins() {
    return state.bins();
  }

  int next() {
    return state.next();
  }

  int attachedThreads() {
    return state.attachedThreads();
  }

  int systemMem() {
    return state.systemMem();
  }

  /** {@code max_system_mem} follows directly. */
  int maxSystemMem() {
    return state.systemMem() + 8;
  }

  /** Size of {@code malloc_state}. */
  int stateBytes() {
    return state.bytes();
  }

  /** Size of {@code heap_info}; an arena's first heap has its {@code malloc_state} right behind. */
  int heapInfoBytes() {
    return heapInfoBytes;
  }

  /** First chunk of an arena's first heap: behind the state, so that its memory is 16-aligned. */
  long firstChunk(long arenaAddress) {
    return arenaAddress + state.bytes() + 15 & -16;
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
