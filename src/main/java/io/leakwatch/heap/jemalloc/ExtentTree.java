package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.AddressRanges;
import org.jspecify.annotations.Nullable;

/**
 * Reads jemalloc 5's own map of its memory: a radix tree from page number to the struct that
 * describes the extent around the page (include/jemalloc/internal/rtree.h). An element of a leaf
 * holds the struct's address, and the struct says in its turn where its extent lies, so each of
 * them proves itself.
 *
 * <p>A page of a leaf that was never written says that there is nothing. One that is swapped says
 * nothing, and so does one that the kernel is just moving elsewhere (compaction, a huge page in the
 * making): the pagemap shows both alike. Such pages lower the coverage by their share of the
 * leaves' pages.
 */
final class ExtentTree {
  private static final int PIECE_WORDS = 4096;
  private static final long EXTENT_BYTES_MAX = 1L << 44;
  private static final int STRUCT_WORDS = 3;

  /** Of a leaf: extents that prove it, and where they are looked for. */
  private static final int PROOFS = 48;

  private static final int DOUBTS = 8;
  private static final int PROOF_RANGES = 16;
  private static final long PROOF_PAGES = 4096;

  private final HeapMemory memory;
  private final Presence presence;
  private final PageCache structs;
  private final ByteBudget budget;
  private final AddressRanges anonymous;
  private final TreeShape shape;
  private final long[] piece = new long[PIECE_WORDS];
  private final long[] words = new long[STRUCT_WORDS];
  private final long[] one = new long[1];
  private final Extent extent = new Extent();
  private long middleOf = -1;
  private long middle;
  private long consistent;
  private long torn;
  private long seenBytes;
  private long unseenBytes;

  ExtentTree(HeapMemory memory, ByteBudget budget, AddressSpace space, TreeShape shape) {
    this.memory = memory;
    this.presence = new Presence(memory);
    this.structs = new PageCache(memory, budget);
    this.budget = budget;
    this.anonymous = space.anonymous();
    this.shape = shape;
  }

  /** Where the root was found. */
  record Root(TreeShape shape, long address, AddressSpace.DataSegment data) {}

  /** Receives extents in address order. */
  @FunctionalInterface
  interface Receiver {
    /** Takes one, and says whether what it tells makes sense together. */
    boolean extent(Extent extent);
  }

  int failure() {
    return presence.failure();
  }

  /** Share of the extents met that proved themselves. */
  double confidence() {
    return consistent == 0 ? 0 : (double) consistent / (consistent + torn);
  }

  /** The same by the share of the tree that was seen. */
  double coverage() {
    return consistent == 0 ? 0 : confidence() * seenBytes / (seenBytes + unseenBytes);
  }

  /** Whether pages were swapped or on the move, of which the latter are there again soon. */
  boolean missesPages() {
    return unseenBytes > 0;
  }

  /** Whether a leaf's elements lead to structs that tell of the memory around their pages. */
  boolean isLeaf(long leaf, long number) {
    consistent = 0;
    torn = 0;
    long base = number << shape.leafShift();
    long end = base + (1L << shape.leafShift());
    boolean fits = anonymous.endOf(leaf) >= leaf + shape.leafBytes();
    int range = Math.max(0, anonymous.lastBefore(base));
    for (int tries = 0; fits && tries < PROOF_RANGES && range < anonymous.count(); tries++) {
      long from = Math.max(base, anonymous.start(range));
      long to = Math.min(end, anonymous.end(range++));
      long most = from + (PROOF_PAGES << shape.pageShift());
      fits = from < end && (torn < DOUBTS || consistent > torn) && consistent < PROOFS;
      if (fits && from < to) {
        walkLeaf(leaf, base, from, Math.min(to, most), PROOFS, met -> true);
      }
    }
    return consistent >= 2 && torn * 8 <= consistent;
  }

  /**
   * Hands over every extent.
   *
   * @param extentsMax after which it ends
   */
  void walk(long root, long extentsMax, Receiver receiver) {
    long next = 0;
    long last = -1;
    for (int i = 0; i < anonymous.count(); i++) {
      long end = (anonymous.end(i) - 1) >>> shape.leafShift();
      long start = Math.max(last + 1, anonymous.start(i) >>> shape.leafShift());
      for (long number = start; number <= end && !budget.isExhausted(); number++) {
        last = number;
        budget.spend(Long.BYTES);
        long leaf = leafOf(root, number);
        if (leaf != 0) {
          long base = number << shape.leafShift();
          long until = base + (1L << shape.leafShift());
          next = walkLeaf(leaf, base, Math.max(base, next), until, extentsMax, receiver);
        }
      }
    }
  }

  /** The leaf with a number, 0 where there is none. */
  private long leafOf(long root, long number) {
    long index = shape.rootIndex(number);
    if (Long.BYTES * index >= shape.rootBytes()) {
      return 0;
    }
    if (!shape.hasMiddle()) {
      return node(root + Long.BYTES * index, shape.leafBytes());
    }
    if (index != middleOf) {
      middleOf = index;
      middle = node(root + Long.BYTES * index, shape.middleBytes());
    }
    return middle == 0 ? 0 : leafIn(middle, number);
  }

  /** The leaf that a node between root and leaves knows by a number. */
  long leafIn(long node, long number) {
    long index = number & (1L << shape.middleBits()) - 1;
    return node(node + Long.BYTES * index, shape.leafBytes());
  }

  private long node(long place, long bytes) {
    boolean is = memory.peek(place, one, 1) == 1 && anonymous.endOf(one[0]) >= one[0] + bytes;
    return is ? one[0] : 0;
  }

  /** The extent around an address, null where none says that it is. */
  @Nullable Extent find(long root, long address) {
    long number = address >>> shape.leafShift();
    long leaf = leafOf(root, number);
    if (leaf == 0) {
      return null;
    }
    long page = address >>> shape.pageShift();
    long index = page & (1L << (shape.leafShift() - shape.pageShift())) - 1;
    int count = shape.elementBytes() / Long.BYTES;
    if (!structs.words(leaf + index * shape.elementBytes(), words, count)) {
      return null;
    }
    long entry = words[0];
    boolean is = entry != 0 && load(entry, words[count - 1]);
    return is && address >= extent.start && address < extent.end() ? extent : null;
  }

  /** Words of a struct that was just met, from a distance on; false where they are not present. */
  boolean read(long struct, int distance, long[] into, int count) {
    return structs.words(struct + distance, into, count);
  }

  /** Returns where the last extent ends, which may be in the next leaf's part. */
  private long walkLeaf(
      long leaf, long base, long from, long end, long extentsMax, Receiver receiver) {
    int elementBytes = shape.elementBytes();
    long leafEnd = leaf + shape.leafBytes();
    long page = from & -shape.pageBytes();
    long pieceStart = 0;
    int pieceWords = 0;
    while (page < end
        && consistent + torn < extentsMax
        && !budget.isExhausted()
        && presence.failure() == 0) {
      long at = leaf + ((page - base) >>> shape.pageShift()) * elementBytes;
      if (at < pieceStart || at + elementBytes > pieceStart + pieceWords * 8L) {
        pieceStart = presence.nextPresent(at, leafEnd);
        unseenBytes += pieceStart > at ? presence.swappedBytes(at, pieceStart) : 0;
        int wanted = (int) Math.min(PIECE_WORDS, (leafEnd - pieceStart) >>> 3);
        pieceWords = Math.max(0, memory.peek(pieceStart, piece, wanted));
        pieceWords -= pieceWords % (elementBytes / Long.BYTES);
        seenBytes += pieceWords * 8L;
        unseenBytes += wanted > 0 && pieceWords == 0 ? memory.pageBytes() : 0;
        budget.spend(Math.max(8, pieceWords * 8L));
        long reached = base + (((pieceStart - leaf) / elementBytes) << shape.pageShift());
        page = pieceWords > 0 ? reached : Math.max(page, reached) + shape.pageBytes();
        presence.forget();
        continue;
      }
      int i = (int) ((at - pieceStart) >>> 3);
      long entry = piece[i];
      long extra = piece[i + elementBytes / Long.BYTES - 1];
      page += entry == 0 ? shape.pageBytes() : accept(entry, extra, page, receiver);
    }
    return page;
  }

  /** Bytes to the next page of interest. */
  private long accept(long entry, long extra, long page, Receiver receiver) {
    if (!load(entry, extra)) {
      torn++;
      unseenBytes += memory.pageBytes();
      return shape.pageBytes();
    }
    boolean holds = extent.bytes > 0 && extent.bytes < EXTENT_BYTES_MAX && page >= extent.start;
    if (!holds || page >= extent.end()) {
      torn++;
      return shape.pageBytes();
    }
    if (page == extent.start && receiver.extent(extent)) {
      consistent++;
      return extent.bytes;
    }
    torn += page == extent.start ? 1 : 0; // Else a page of an extent that was met before it grew.
    return shape.pageBytes();
  }

  private boolean load(long entry, long extra) {
    long struct = shape.structOf(entry);
    if (!structs.words(struct, words, STRUCT_WORDS)) {
      return false;
    }
    extent.entry = entry;
    extent.extra = extra;
    extent.isCompact = shape.isCompact();
    extent.struct = struct;
    extent.bits = words[0];
    extent.first = words[1];
    extent.start = words[1] & -shape.pageBytes();
    extent.bytes = words[2] & -shape.pageBytes();
    extent.pageBytes = shape.pageBytes();
    return true;
  }
}
