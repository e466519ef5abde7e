package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.Words;

/**
 * Finds and reads tcmalloc's map from page number to span (src/pagemap.h): since 2.6 an array of
 * leaves among the variables, each an array of spans; before that a tree of one level more, whose
 * root was allocated.
 *
 * <p>A span says in its turn which page it begins with, so each entry proves itself, and the root
 * is where entries do. Pages have 8 KiB unless the library was built with others: that is found in
 * the same way. Entries that nothing resets when spans merge are passed over, as a span is followed
 * by the next.
 *
 * <p>A page of a leaf that was never written says that there is nothing; one that is swapped, or
 * that the kernel is just moving, says nothing and lowers the coverage.
 */
final class PageMap {
  private static final int PIECE_WORDS = 4096;
  private static final int PAGE_BYTES = 4096;

  /** Bytes of the usual leaf. */
  private static final long ARRAY = 2 << 20;

  private static final int TRIES_MAX = 20_000;
  private static final int PROOFS = 48;

  /** Pages of supposed leaves that are searched: a leaf is zeros up to the first span. */
  private static final long LEAF_PAGES_MAX = 1 << 16;

  /** Readings of a span that changed while the map was read. */
  private static final int REREADS = 2;

  /** All such readings of a walk: each may have to wait for its turn. */
  private static final int REREADS_MAX = 256;

  private static final long SPAN_BYTES_MAX = 1L << 44;

  private final HeapMemory memory;
  private final ByteBudget budget;
  private final AddressSpace space;
  private final Words words;
  private final Presence presence;
  private final long[] first = new long[PAGE_BYTES / 8];
  private final long[] piece = new long[PIECE_WORDS];
  private final long[] struct = new long[Span.WORDS];
  private long consistent;
  private long torn;
  private long seenBytes;
  private long unseenBytes;
  private int triesLeft = TRIES_MAX;
  private long leafPagesLeft = LEAF_PAGES_MAX;
  private int rereadsLeft = REREADS_MAX;

  /** Whether the last entry led nowhere: those behind it are likely as old. */
  private boolean isLost;

  PageMap(HeapMemory memory, ByteBudget budget, AddressSpace space, Words words) {
    this.memory = memory;
    this.budget = budget;
    this.space = space;
    this.words = words;
    this.presence = new Presence(memory);
  }

  /** Receives spans in the order of their addresses. */
  @FunctionalInterface
  interface Receiver {
    /** Takes one, and where it is described. */
    void span(long struct, Span span);
  }

  int failure() {
    return presence.failure();
  }

  /** Share of the entries met that proved themselves, by the share of the map that was seen. */
  double coverage() {
    return consistent == 0
        ? 0
        : (double) consistent / (consistent + torn) * seenBytes / (seenBytes + unseenBytes);
  }

  private void forget() {
    consistent = 0;
    torn = 0;
    seenBytes = 0;
    unseenBytes = 0;
  }

  /**
   * The map whose root lies among a library's variables; {@link MapRoot#NONE} when there is none.
   */
  MapRoot find(DataSegment data, long bytesMax, boolean isTree) {
    MapRoot[] found = {MapRoot.NONE};
    words.search(
        data,
        bytesMax,
        (address, word) -> {
          if (word > 0 && (word & 7) == 0 && space.anonymous().endOf(word) != 0) {
            found[0] = isTree ? treeBehind(word) : rootBehind(word, address, data);
          }
          return found[0].root() == 0 && triesLeft > 0;
        });
    forget();
    return found[0];
  }

  private MapRoot rootBehind(long word, long address, DataSegment data) {
    MapRoot found = MapRoot.NONE;
    boolean leads = leadsToSpan(word);
    for (int i = 0; i < MapRoot.PAGE_SHIFTS.size() && leads && found.root() == 0; i++) {
      int pageShift = MapRoot.PAGE_SHIFTS.get(i);
      long bytes = new MapRoot(address, pageShift, 2).leafBytes();
      if (space.anonymous().endOf(word) >= word + bytes) {
        found = leafBehind(word, address, pageShift, data);
      }
    }
    return found;
  }

  /** Whether the first words of an array, as far as they are not 0, are addresses of spans. */
  private boolean leadsToSpan(long array) {
    long at = presence.nextPresent(array, Math.min(space.anonymous().endOf(array), array + ARRAY));
    int count = (int) ((PAGE_BYTES - (at & (PAGE_BYTES - 1))) / 8);
    if (!words.read(at, first, count)) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (first[i] != 0) {
        return isStruct(first[i]);
      }
    }
    return true;
  }

  private MapRoot treeBehind(long word) {
    for (int pageShift : MapRoot.PAGE_SHIFTS) {
      MapRoot three = new MapRoot(word, pageShift, 3);
      if (space.anonymous().endOf(word) >= word + three.bytes() && isTree(three)) {
        return three;
      }
    }
    return MapRoot.NONE;
  }

  /** Takes a word for an entry of the root: its leaf's first span tells which one. */
  private MapRoot leafBehind(long leaf, long address, int pageShift, DataSegment data) {
    MapRoot shape = new MapRoot(leaf, pageShift, 2);
    triesLeft--;
    leafPagesLeft -=
        presence.presentBytes(leaf & -PAGE_BYTES, leaf + shape.leafBytes() & -PAGE_BYTES)
            / PAGE_BYTES;
    if (leafPagesLeft < 0) {
      return MapRoot.NONE;
    }
    MapRoot[] found = {MapRoot.NONE};
    words.search(
        leaf,
        leaf + shape.leafBytes(),
        (at, word) -> {
          if (!isStruct(word)) {
            return false;
          }
          long page = struct[0];
          long index = page >>> shape.leafBits();
          MapRoot root = new MapRoot(address - 8 * index, pageShift, 2);
          if ((page & (1L << shape.leafBits()) - 1) != (at - leaf) / 8) {
            return struct[1] > 1; // The last page of a span that begins elsewhere.
          }
          if (root.root() >= data.start()
              && root.root() + shape.bytes() <= data.end()
              && proves(root, leaf, index)) {
            found[0] = root;
          }
          return false;
        });
    return found[0];
  }

  private boolean isTree(MapRoot root) {
    triesLeft--;
    for (int i = 0; i < space.anonymous().count(); i++) {
      long address = space.anonymous().start(i);
      long leaf = leaf(root, address);
      if (leaf != 0 && proves(root, leaf, address / root.leafSpan())) {
        return true;
      }
    }
    return false;
  }

  private boolean proves(MapRoot root, long leaf, long leafIndex) {
    forget();
    walkLeaf(root, leaf, leafIndex * root.leafSpan(), 0, PROOFS, (at, span) -> {});
    return consistent >= 2 && torn * 8 <= consistent;
  }

  private boolean isStruct(long address) {
    return space.anonymous().endOf(address) >= address + 8L * Span.WORDS
        && words.read(address, struct, Span.WORDS);
  }

  /** The leaf that describes an address; 0 when there is none. */
  private long leaf(MapRoot root, long address) {
    long key = address >>> (root.pageShift() + root.leafBits());
    long node = root.root();
    if (root.levels() == 3) {
      node = words.at(node + 8 * (key >>> root.innerBits()));
      key &= (1L << root.innerBits()) - 1;
    }
    if (node <= 0 || key >= 1L << root.innerBits()) {
      return 0;
    }
    long leaf = words.at(node + 8 * key);
    return space.anonymous().endOf(leaf) >= leaf + root.leafBytes() ? leaf : 0;
  }

  /** Hands over every span. */
  void walk(MapRoot root, Receiver receiver) {
    long next = 0;
    long last = -1;
    for (int i = 0; i < space.anonymous().count(); i++) {
      long end = (space.anonymous().end(i) - 1) / root.leafSpan();
      long start = Math.max(last + 1, space.anonymous().start(i) / root.leafSpan());
      for (long index = start; index <= end; index++) {
        last = index;
        long leaf = leaf(root, index * root.leafSpan());
        if (leaf != 0) {
          next = walkLeaf(root, leaf, index * root.leafSpan(), next, Long.MAX_VALUE, receiver);
        }
      }
    }
  }

  /** Returns where the last span ends, which may be in the next leaf's part. */
  private long walkLeaf(
      MapRoot root, long leaf, long base, long from, long spansMax, Receiver receiver) {
    long pageBytes = 1L << root.pageShift();
    long leafEnd = leaf + root.leafBytes();
    long page = Math.max(base, from);
    long pieceStart = 0;
    int pieceWords = 0;
    while (page < base + root.leafSpan()
        && consistent + torn < spansMax
        && !budget.isExhausted()
        && presence.failure() == 0) {
      long at = leaf + (page - base) / pageBytes * 8;
      if (at < pieceStart || at >= pieceStart + pieceWords * 8L) {
        pieceStart = presence.nextPresent(at, leafEnd);
        unseenBytes += pieceStart > at ? presence.swappedBytes(at, pieceStart) : 0;
        int wanted = (int) Math.min(PIECE_WORDS, (leafEnd - pieceStart) >>> 3);
        pieceWords = Math.max(0, memory.peek(pieceStart, piece, wanted));
        seenBytes += pieceWords * 8L;
        unseenBytes += wanted > 0 && pieceWords == 0 ? memory.pageBytes() : 0;
        budget.spend(Math.max(8, pieceWords * 8L));
        long reached = base + (pieceStart - leaf) / 8 * pageBytes;
        page = pieceWords > 0 ? reached : Math.max(page, reached) + pageBytes;
        presence.forget();
        continue;
      }
      long entry = piece[(int) ((at - pieceStart) >>> 3)];
      page += entry == 0 ? pageBytes : span(root, entry, at, page, receiver);
    }
    return page;
  }

  /** Bytes to the next page of interest. */
  private long span(MapRoot root, long entry, long at, long page, Receiver receiver) {
    long pageBytes = 1L << root.pageShift();
    Span span = isStruct(entry) ? Span.of(struct, root.pageShift()) : Span.NONE;
    long[] again = {entry};
    for (int i = 0; i < REREADS && !isLost && rereadsLeft > 0 && !holds(span, page); i++) {
      rereadsLeft--;
      boolean isThere =
          memory.peek(at, again, 1) == 1
              && space.anonymous().endOf(again[0]) >= again[0] + 8L * Span.WORDS
              && memory.peek(again[0], struct, Span.WORDS) == Span.WORDS;
      budget.spend(8L + 8L * Span.WORDS);
      span = isThere ? Span.of(struct, root.pageShift()) : Span.NONE;
    }
    if (!holds(span, page)) {
      torn++;
      isLost = true;
      boolean isInside = span.address() < page && holds(span, span.address()) && span.end() > page;
      return isInside ? span.end() - page : pageBytes;
    }
    isLost = false;
    consistent++;
    receiver.span(again[0], span);
    return span.bytes();
  }

  private boolean holds(Span span, long page) {
    return span.address() == page
        && span.bytes() > 0
        && span.bytes() < SPAN_BYTES_MAX
        && space.anonymous().endOf(page) >= span.end();
  }
}
