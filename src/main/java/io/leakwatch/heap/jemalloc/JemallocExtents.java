package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;

/**
 * Finds and reads jemalloc's own map of its memory: a radix tree from page number to the struct
 * that describes the extent around the page (include/jemalloc/internal/rtree.h).
 *
 * <p>With addresses of 48 bits and pages of 4 KiB it has two levels of 2^18 entries. The root is an
 * array among the variables of the library or of the program that contains it, one entry for each
 * GiB of addresses, almost all of them zero; an entry points to a leaf, one word for each page: the
 * struct's address, with the size class in the upper 16 bits and flags in the lowest. The struct
 * says in its turn where its extent lies, so each of them proves itself, and the root is where many
 * do. Nothing else is needed: no symbol, no version, no offset of a counter.
 *
 * <p>A page of a leaf that was never written says that there is nothing. One that is swapped says
 * nothing, and so does one that the kernel is just moving elsewhere (compaction, a huge page in the
 * making): the pagemap shows both alike. Such pages lower the coverage by their share of the
 * leaves' pages.
 */
final class JemallocExtents {
  private static final int PAGE_SHIFT = 12;
  private static final int LEAF_SHIFT = 30;
  private static final long LEAF_WORDS = 1L << (LEAF_SHIFT - PAGE_SHIFT);
  private static final long NODE_BYTES = LEAF_WORDS * Long.BYTES;
  private static final long STRUCT_MASK = ((1L << 48) - 1) & -64L;
  private static final long PAGE_MASK = -1L << PAGE_SHIFT;
  private static final int PIECE_WORDS = 4096;
  private static final int PROOFS = 48;

  /** Words that are tried as entries of the root. */
  private static final int TRIES_MAX = 20_000;

  /** Part of the root: 512 GiB of addresses. */
  private static final int GROUP_WORDS = 512;

  /** Entries of GiB where there is no memory any more. */
  private static final int SLACK_ENTRIES = 16;

  private static final long EXTENT_BYTES_MAX = 1L << 44;

  private final HeapMemory memory;
  private final Presence presence;
  private final PageCache structs;
  private final ByteBudget budget;
  private final AddressSpace space;
  private final long[] piece = new long[PIECE_WORDS];
  private final long[] words = new long[3];
  private long consistent;
  private long torn;
  private long seenBytes;
  private long unseenBytes;
  private int triesLeft = TRIES_MAX;

  JemallocExtents(HeapMemory memory, ByteBudget budget, AddressSpace space) {
    this.memory = memory;
    this.presence = new Presence(memory);
    this.structs = new PageCache(memory, budget);
    this.budget = budget;
    this.space = space;
  }

  /** Receives extents in address order. */
  @FunctionalInterface
  interface Receiver {
    /**
     * Takes one.
     *
     * @param entry the leaf's word, which repeats size class and slab flag
     * @param bits the struct's packed word
     * @return whether they make sense together
     */
    boolean extent(long entry, long bits, long bytes);
  }

  int failure() {
    return presence.failure();
  }

  /** Share of the extents met that proved themselves, by the share of the tree that was seen. */
  double coverage() {
    return consistent == 0
        ? 0
        : (double) consistent / (consistent + torn) * seenBytes / (seenBytes + unseenBytes);
  }

  /** Whether pages were swapped or on the move, of which the latter are there again soon. */
  boolean missesPages() {
    return unseenBytes > 0;
  }

  /** Address of the tree's root, 0 when there is none. */
  long findRoot(long scanBytesMax) {
    long left = scanBytesMax;
    for (AddressSpace.DataSegment data : space.data()) {
      if (data.libc() || data.end() - data.start() < NODE_BYTES) {
        continue;
      }
      long at = presence.nextPresent(data.start(), data.end());
      while (at < data.end() && left > 0 && presence.failure() == 0) {
        int wanted = (int) Math.min(PIECE_WORDS, (data.end() - at) >>> 3);
        int count = Math.max(0, memory.peek(at, piece, wanted));
        budget.spend(Math.max(8, count * 8L));
        left -= Math.max(4096, count * 8L);
        long[] candidates = piece.clone();
        for (int group = 0; group < count; group += GROUP_WORDS) {
          int end = Math.min(count, group + GROUP_WORDS);
          for (int i = isSparse(candidates, group, end) ? group : end; i < end; i++) {
            long root = rootBehind(candidates[i], at + i * 8L, data);
            if (root != 0) {
              return root;
            }
          }
        }
        at = presence.nextPresent(at + Math.max(count * 8L, memory.pageBytes()), data.end());
      }
    }
    return 0;
  }

  /** Whether a group of words has no more entries than a part of the root, unlike other tables. */
  private boolean isSparse(long[] group, int from, int end) {
    int entries = 0;
    for (int i = from; i < end; i++) {
      entries += group[i] == 0 ? 0 : 1;
    }
    return entries <= gigabytes() + SLACK_ENTRIES;
  }

  private long gigabytes() {
    long sum = 0;
    for (int i = 0; i < space.anonymous().count(); i++) {
      sum +=
          ((space.anonymous().end(i) - 1) >>> LEAF_SHIFT)
              - (space.anonymous().start(i) >>> LEAF_SHIFT)
              + 1;
    }
    return Math.min(sum, GROUP_WORDS / 2);
  }

  /** Takes a word for an entry of the root, for each GiB where there is memory. */
  private long rootBehind(long word, long address, AddressSpace.DataSegment data) {
    if (word <= 0 || (word & 63) != 0 || space.anonymous().endOf(word) < word + NODE_BYTES) {
      return 0;
    }
    long lastGigabyte = -1;
    for (int i = 0; i < space.anonymous().count(); i++) {
      long end = (space.anonymous().end(i) - 1) >>> LEAF_SHIFT;
      long start = Math.max(lastGigabyte + 1, space.anonymous().start(i) >>> LEAF_SHIFT);
      for (long gigabyte = start; gigabyte <= end; gigabyte++) {
        long root = address - 8 * gigabyte;
        lastGigabyte = gigabyte;
        boolean fits = root >= data.start() && root + NODE_BYTES <= data.end();
        if (fits && triesLeft-- > 0 && isLeaf(word, gigabyte)) {
          return root;
        }
      }
    }
    return 0;
  }

  private boolean isLeaf(long leaf, long gigabyte) {
    consistent = 0;
    torn = 0;
    walkLeaf(leaf, gigabyte << LEAF_SHIFT, 0, PROOFS, (entry, bits, bytes) -> true);
    boolean proven = consistent >= 2 && torn * 8 <= consistent;
    consistent = 0;
    torn = 0;
    return proven;
  }

  /** Hands over every extent. */
  void walk(long root, Receiver receiver) {
    long next = 0;
    long lastGigabyte = -1;
    long[] entry = new long[1];
    for (int i = 0; i < space.anonymous().count(); i++) {
      long end = (space.anonymous().end(i) - 1) >>> LEAF_SHIFT;
      long start = Math.max(lastGigabyte + 1, space.anonymous().start(i) >>> LEAF_SHIFT);
      for (long gigabyte = start; gigabyte <= end; gigabyte++) {
        lastGigabyte = gigabyte;
        if (memory.peek(root + 8 * gigabyte, entry, 1) == 1
            && space.anonymous().endOf(entry[0]) >= entry[0] + NODE_BYTES) {
          next = walkLeaf(entry[0], gigabyte << LEAF_SHIFT, next, Long.MAX_VALUE, receiver);
        }
      }
    }
  }

  /** Returns where the last extent ends, which may be in the next leaf's part. */
  private long walkLeaf(long leaf, long base, long from, long extentsMax, Receiver receiver) {
    long page = Math.max(base, from);
    long end = base + (1L << LEAF_SHIFT);
    long pieceStart = 0;
    int pieceWords = 0;
    while (page < end
        && consistent + torn < extentsMax
        && !budget.isExhausted()
        && presence.failure() == 0) {
      long at = leaf + ((page - base) >>> PAGE_SHIFT) * 8;
      if (at < pieceStart || at >= pieceStart + pieceWords * 8L) {
        pieceStart = presence.nextPresent(at, leaf + NODE_BYTES);
        unseenBytes += pieceStart > at ? presence.swappedBytes(at, pieceStart) : 0;
        int wanted = (int) Math.min(PIECE_WORDS, (leaf + NODE_BYTES - pieceStart) >>> 3);
        pieceWords = Math.max(0, memory.peek(pieceStart, piece, wanted));
        seenBytes += pieceWords * 8L;
        unseenBytes += wanted > 0 && pieceWords == 0 ? memory.pageBytes() : 0;
        budget.spend(Math.max(8, pieceWords * 8L));
        long reached = base + (((pieceStart - leaf) / 8) << PAGE_SHIFT);
        page = pieceWords > 0 ? reached : Math.max(page, reached) + (1L << PAGE_SHIFT);
        presence.forget();
        continue;
      }
      long entry = piece[(int) ((at - pieceStart) >>> 3)];
      page += entry == 0 ? 1L << PAGE_SHIFT : extent(entry, page, receiver);
    }
    return page;
  }

  /** Bytes to the next page of interest. */
  private long extent(long entry, long page, Receiver receiver) {
    long pageBytes = 1L << PAGE_SHIFT;
    if (!structs.words(entry & STRUCT_MASK, words, 3)) {
      torn++;
      unseenBytes += memory.pageBytes();
      return pageBytes;
    }
    long address = words[1] & PAGE_MASK;
    long bytes = words[2] & PAGE_MASK;
    boolean holds = bytes > 0 && bytes < EXTENT_BYTES_MAX && page >= address;
    if (!holds || page >= address + bytes) {
      torn++;
      return pageBytes;
    }
    if (page == address && receiver.extent(entry, words[0], bytes)) {
      consistent++;
      return bytes;
    }
    torn += page == address ? 1 : 0; // Else a page of an extent that was met before it grew.
    return pageBytes;
  }
}
