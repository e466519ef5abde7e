package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.Arrays;
import java.util.List;

/**
 * A chunk of jemalloc 3.6 or 4: runs of pages, one behind the other, that are free, hold one large
 * allocation, or are cut into regions of one size. It proves itself: its header names an arena, or
 * itself, and the lengths of the runs lead exactly to its end. An object is loaded with one chunk
 * after the other.
 */
final class Chunk {
  private static final int ARENAS_MAX = 4096;
  private static final int THREADS_MAX = 100_000;

  private final HeapMemory memory;
  private final AddressRanges anonymous;
  private final PageCache pages;
  private final ByteBudget budget;
  private final ChunkShape shape;
  private final List<RunInfos.RunInfo> infos;
  private final long[] header;
  private final int[] firstPages;
  private final int[] runPages;
  private final int[] freeRegions;
  private final long[] addresses;
  private final long[] heads;
  private final long[] words = new long[2];
  private final long[] piece = new long[ChunkShape.PAGE_BYTES / 8];
  private long start;
  private long arena;
  private int arenaIndex;
  private int runs;

  Chunk(
      HeapMemory memory,
      AddressRanges anonymous,
      ByteBudget budget,
      ChunkShape shape,
      List<RunInfos.RunInfo> infos) {
    this.memory = memory;
    this.anonymous = anonymous;
    this.pages = new PageCache(memory, budget);
    this.budget = budget;
    this.shape = shape;
    this.infos = infos;
    this.header = new long[shape.mapWords()];
    this.firstPages = new int[shape.pages()];
    this.runPages = new int[shape.pages()];
    this.freeRegions = new int[shape.pages()];
    this.addresses = new long[shape.pages()];
    this.heads = new long[2 * shape.pages()];
  }

  long start() {
    return start;
  }

  /** Address of the arena that it belongs to. */
  long arena() {
    return arena;
  }

  int arenaIndex() {
    return arenaIndex;
  }

  int runs() {
    return runs;
  }

  long runStart(int run) {
    return start + ((long) firstPages[run] << ChunkShape.PAGE_SHIFT);
  }

  long runBytes(int run) {
    return (long) runPages[run] << ChunkShape.PAGE_SHIFT;
  }

  /** The bits of a run's first page. */
  long bits(int run) {
    return header[shape.bitsWord(firstPages[run])];
  }

  boolean isSmall(int run) {
    return ChunkShape.isAllocated(bits(run)) && !ChunkShape.isLarge(bits(run));
  }

  int freeRegions(int run) {
    return freeRegions[run];
  }

  /** How a run of small regions is cut. */
  RunInfos.RunInfo info(int run) {
    return info(shape.bin(bits(run)), runBytes(run));
  }

  private RunInfos.RunInfo info(int bin, long bytes) {
    if (shape.isOld()) {
      return infos.get(bin);
    }
    long size = JemallocLayout.sizeOf(bin);
    return new RunInfos.RunInfo(size, size, bytes, (int) (bytes / size), 0, 0);
  }

  /** Whether the words of a run that tell its free regions were read into an array. */
  boolean bitmap(int run, long[] into, int count) {
    long at =
        shape.isOld()
            ? runStart(run) + info(run).bitmap()
            : start + shape.runOffset(firstPages[run]) + Long.BYTES;
    return pages.words(at, into, count);
  }

  /** Whether a chunk begins at an address by what its header says, whatever lies in it. */
  boolean isHead(long address) {
    if (memory.peek(address, header, Math.min(header.length, 16)) < 8) {
      return false;
    }
    budget.spend(16 * Long.BYTES);
    arena = header[0];
    boolean names = shape.isOld() || (header[1] == address && header[2] == shape.chunkBytes());
    if (!names
        || (arena & 63) != 0
        || !anonymous.contains(arena)
        || !pages.words(arena, words, 1)) {
      return false;
    }
    arenaIndex = (int) words[0];
    int threads = (int) (words[0] >>> 32);
    boolean isChunk =
        shape.isOld() || ((header[shape.isChunk() / 8] >>> (shape.isChunk() % 8 * 8)) & 0xff) == 1;
    return isChunk
        && arenaIndex >= 0
        && arenaIndex < ARENAS_MAX
        && threads >= 0
        && threads < THREADS_MAX;
  }

  /** Reads the chunk at an address; false where it does not prove itself. */
  boolean load(long address) {
    boolean proves = read(address);
    runs = proves ? runs : 0;
    return proves;
  }

  private boolean read(long address) {
    start = address;
    runs = 0;
    if (!isHead(address)) {
      return false;
    }
    loadHeader();
    int page = shape.headerPages();
    while (page < shape.pages()) {
      long bits = header[shape.bitsWord(page)];
      boolean small = ChunkShape.isAllocated(bits) && !ChunkShape.isLarge(bits);
      long length = small ? smallPages(page, bits) : shape.pagesOf(bits);
      if (length <= 0 || page + length > shape.pages()) {
        return false;
      }
      firstPages[runs] = page;
      runPages[runs++] = (int) length;
      page += (int) length;
    }
    return loadFree();
  }

  /** Reads the map; pages of it between the first and the last page of a long run are untouched. */
  private void loadHeader() {
    Arrays.fill(header, 0);
    long end = start + 8L * header.length;
    long at = start;
    while (at < end) {
      int from = (int) ((at - start) >>> 3);
      int wanted = Math.min(header.length - from, piece.length - (int) (at & 4095) / 8);
      int got = Math.max(0, memory.peek(at, piece, wanted));
      System.arraycopy(piece, 0, header, from, got);
      budget.spend(Math.max(8, got * 8L));
      at = (at & -4096) + 4096;
    }
  }

  private long smallPages(int page, long bits) {
    int bin = shape.bin(bits);
    if (shape.runIndex(bits) != 0 || bin >= (shape.isOld() ? infos.size() : 64)) {
      return 0;
    }
    if (shape.isOld()) {
      return infos.get(bin).runBytes() >>> ChunkShape.PAGE_SHIFT;
    }
    int next = page + 1;
    while (next < shape.pages()) {
      long of = header[shape.bitsWord(next)];
      boolean same = (of & 3) == 1 && shape.runIndex(of) == next - page && shape.bin(of) == bin;
      if (!same) {
        break;
      }
      next++;
    }
    return (long) next - page;
  }

  /** How many regions of each run are free; false where that cannot be. */
  private boolean loadFree() {
    int count = 0;
    for (int run = 0; run < runs; run++) {
      if (isSmall(run)) {
        addresses[count++] = runStart(run);
      }
    }
    if (shape.isOld()) {
      budget.spend(16L * count);
      if (count > 0 && memory.readHeaders(addresses, count, heads) < 0) {
        return false;
      }
    }
    int next = 0;
    for (int run = 0; run < runs; run++) {
      if (isSmall(run)) {
        int free = shape.isOld() ? (int) (heads[2 * next++ + 1] >>> 32) : freeSince4(run);
        if (free < 0 || free > info(run).regions()) {
          return false;
        }
        freeRegions[run] = free;
      }
    }
    return true;
  }

  private int freeSince4(int run) {
    if (!pages.words(start + shape.runOffset(firstPages[run]), words, 1)) {
      return -1;
    }
    return (int) words[0] == shape.bin(bits(run)) ? (int) (words[0] >>> 32) : -1;
  }

  /** The run of the loaded chunk that an address lies in, negative where it lies in none. */
  int runAt(long address) {
    int page = (int) ((address - start) >>> ChunkShape.PAGE_SHIFT);
    int at = Arrays.binarySearch(firstPages, 0, runs, page);
    int run = at >= 0 ? at : -at - 2;
    return run >= 0 && page < firstPages[run] + runPages[run] ? run : -1;
  }

  /**
   * Bytes of the allocation that begins at an address, in this chunk or in another, which is loaded
   * then; 0 where none does.
   *
   * @param exactly false where it may be any address of a large one
   */
  long allocationAt(long address, boolean exactly) {
    long chunk = address & -shape.chunkBytes();
    boolean loaded = start == chunk && runs > 0;
    if (!anonymous.contains(address) || !(loaded || load(chunk))) {
      return 0;
    }
    int run = runAt(address);
    if (run < 0 || !ChunkShape.isAllocated(bits(run))) {
      return 0;
    }
    long distance = address - runStart(run);
    if (!isSmall(run)) {
      return exactly && shape.isOld() && distance != 0 ? 0 : largeBytes(run);
    }
    RunInfos.RunInfo info = info(run);
    boolean begins = distance >= info.first() && (distance - info.first()) % info.interval() == 0;
    return begins ? info.size() : 0;
  }

  /** Bytes of a large allocation: since 4.0 a page of its run may be there to vary its start. */
  long largeBytes(int run) {
    long bytes = runBytes(run);
    return !shape.isOld() && isClass(bytes - ChunkShape.PAGE_BYTES)
        ? bytes - ChunkShape.PAGE_BYTES
        : bytes;
  }

  private static boolean isClass(long bytes) {
    int index = 9;
    while (JemallocLayout.sizeOf(index) < bytes) {
      index++;
    }
    return JemallocLayout.sizeOf(index) == bytes;
  }
}
