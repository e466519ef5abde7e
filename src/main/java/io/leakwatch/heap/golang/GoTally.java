package io.leakwatch.heap.golang;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import java.util.TreeSet;

/**
 * The sums of a runtime's spans. What survived the last collection is one bit for each object: of a
 * span that was swept since, the bits by which it hands out objects; of one that was not, those of
 * the marking ({@code sweepgen}, runtime/mheap.go). What was handed out beyond that is garbage, or
 * has come since; the next collection tells.
 */
final class GoTally {
  private static final int ARENA_SHIFT = 26;
  private static final long LARGE_PAGES = 64;
  private static final int BITS_WORDS_MAX = 1024;

  private final SpanLayout layout;
  private final int sweepgen;
  private final PageCache pages;
  private final Presence presence;
  private final SizeCensus census;
  private final ObjectVisitor visitor;
  private final TreeSet<Long> arenas = new TreeSet<>();
  private final long[] bits = new long[BITS_WORDS_MAX];
  private final SlabFills.Builder slabs = new SlabFills.Builder();
  private long usedPages;
  private long liveBytes;
  private long liveObjects;
  private long allocatedBytes;
  private long slackBytes;
  private long untouchedBytes;
  private long stackBytes;
  private long emptyBytes;

  /**
   * Nothing yet.
   *
   * @param sweepgen the runtime's, of which spans are told by their distance from it
   * @param census takes what survived the last collection
   */
  GoTally(
      SpanLayout layout,
      int sweepgen,
      PageCache pages,
      Presence presence,
      SizeCensus census,
      ObjectVisitor visitor) {
    this.layout = layout;
    this.sweepgen = sweepgen;
    this.pages = pages;
    this.presence = presence;
    this.census = census;
    this.visitor = visitor;
  }

  /** Adds a span. */
  void add(long[] span) {
    long start = layout.start(span);
    long bytes = layout.pages(span) * SpanTable.PAGE_BYTES;
    for (long arena = start >>> ARENA_SHIFT;
        arena <= (start + bytes - 1) >>> ARENA_SHIFT;
        arena++) {
      arenas.add(arena);
    }
    if (layout.state(span) == SpanTable.MANUAL) {
      stackBytes += bytes;
      return;
    }
    usedPages += layout.pages(span);
    long element = layout.elementBytes(span);
    long allocated = layout.allocated(span) * element;
    long live = live(span, start, element);
    allocatedBytes += Math.max(allocated, live * element);
    slackBytes += Math.max(0, bytes - Math.max(allocated, live * element));
    if (layout.elements(span) > 1) {
      slabs.add(element, layout.elements(span), live);
    }
    liveObjects += live;
    liveBytes += live * element;
    emptyBytes += live == 0 ? bytes : 0;
    if (layout.pages(span) >= LARGE_PAGES && live > 0) {
      untouchedBytes += Math.min(live * element, presence.untouchedBytes(start, start + bytes));
    }
  }

  /** Objects of a span that survived the last collection. */
  private long live(long[] span, long start, long element) {
    if (sweepgen <= 0) {
      return untilFirst(span, start, element);
    }
    int age = layout.sweepgen(span) - sweepgen;
    long address = age == -2 || age == -1 ? layout.markBits(span) : layout.allocBits(span);
    int elements = (int) Math.min(layout.elements(span), 64L * BITS_WORDS_MAX);
    int count = (elements + 63) / 64;
    if (address <= 0 || !pages.words(address & -8, bits, count)) {
      return 0;
    }
    int live = 0;
    for (int i = 0; i < elements; i++) {
      boolean survived = (bits[i >>> 6] >>> i & 1) != 0;
      if (survived) {
        live++;
        census.add(element + 7 & -8);
      }
      if (visitor != ObjectVisitor.NONE) {
        visitor.object(start + i * element, element, survived);
      }
    }
    return live;
  }

  /** Before the first collection nothing is known to be garbage. */
  private long untilFirst(long[] span, long start, long element) {
    long handedOut = Math.min(layout.freeIndex(span), layout.elements(span));
    for (long i = 0; i < handedOut; i++) {
      census.add(element + 7 & -8);
      if (visitor != ObjectVisitor.NONE) {
        visitor.object(start + i * element, element, true);
      }
    }
    return handedOut;
  }

  /** How full the spans are of what survived. */
  SlabFills slabFill() {
    return slabs.build();
  }

  long usedPages() {
    return usedPages;
  }

  long liveObjects() {
    return liveObjects;
  }

  /** The sums, with what of the arenas belongs to no span. */
  Balance balance(AddressSpace space) {
    long present = 0;
    long mapped = 0;
    for (long arena : arenas) {
      long from = arena << ARENA_SHIFT;
      long to = from + (1L << ARENA_SHIFT);
      for (int i = 0; i < space.anonymous().count(); i++) {
        long start = Math.max(from, space.anonymous().start(i));
        long end = Math.min(to, space.anonymous().end(i));
        if (start < end) {
          present += presence.presentBytes(start, end);
          mapped += end - start;
        }
      }
    }
    long live = liveBytes - untouchedBytes;
    long garbage = allocatedBytes - liveBytes;
    long free = Math.max(0, present - live - garbage - stackBytes);
    long slack = Math.min(slackBytes, free); // What of it was never touched is not there.
    long kept = free - slack;
    return Balance.builder()
        .set(Balance.Part.LIVE, live)
        .set(Balance.Part.GARBAGE, garbage)
        .set(Balance.Part.PINNED, slack)
        .set(Balance.Part.KEPT, kept)
        .set(Balance.Part.STACK, stackBytes)
        .set(Balance.Part.UNTOUCHED, untouchedBytes)
        .set(Balance.Part.RETURNED, mapped - present - untouchedBytes)
        .set(Balance.Part.GIVE_BACK, kept + emptyBytes)
        .build();
  }
}
