package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageHeads;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.WalkWindow;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the main arena goes on when brk could not be extended: because something is mapped behind
 * it, a limit is reached, or a tunable asks for huge pages, which brk cannot have. Then it gets
 * regions by mmap (malloc/malloc.c, {@code sysmalloc_mmap_fallback}; a megabyte at least by the
 * source's intent, 132 KiB on 2.36 as measured), and keeps no list of them.
 *
 * <p>What shows a region: it starts on a page, with a chunk that has nothing before it (no previous
 * size, PREV_INUSE set), and headers lead from there to the arena's top, or to the two fence posts
 * of 16 bytes that are written when the arena leaves a region for the next one and that end on a
 * page again. A false start would have to hit those by chance. Newer regions lie below older ones
 * as a rule, and the kernel fuses them, with each other and with other anonymous memory; so every
 * present page is a candidate. What is not found lowers the walk's coverage, because the arena's
 * {@code system_mem} counts it.
 */
final class MainRegions {
  private static final int TRIES = 3;
  private static final long FENCE_BYTES = 16;

  private final HeapMemory memory;
  private final Presence presence;
  private final ByteBudget budget;
  private final WalkWindow window;
  private final long pageBytes;
  private final PageHeads heads;
  private final List<long[]> regions = new ArrayList<>();

  MainRegions(HeapMemory memory, Presence presence, ByteBudget budget, WalkSettings settings) {
    this.memory = memory;
    this.presence = presence;
    this.budget = budget;
    this.window = new WalkWindow(memory, presence, budget, settings.windowBytes());
    this.pageBytes = memory.pageBytes();
    this.heads = new PageHeads(memory, presence, budget, settings.mmapProbePagesMax());
  }

  /** Start and end of each region found outside brk and the other arenas' heaps, in order. */
  List<long[]> find(AddressSpace space, AddressRanges heaps, MallocState main) {
    for (int i = 0; i < space.mmapped().count(); i++) {
      long at = space.mmapped().start(i);
      long end = space.mmapped().end(i);
      while (at < end && !heads.isCut() && !budget.isExhausted() && presence.failure() == 0) {
        long behindHeap = heaps.endOf(at);
        at = behindHeap != 0 ? behindHeap : batch(at, end, heaps, main);
      }
    }
    return regions;
  }

  /** Probes the next present pages up to the first region or mmapped chunk; returns what's next. */
  private long batch(long from, long end, AddressRanges heaps, MallocState main) {
    int n = heads.read(from, end, heaps);
    for (int i = 0; i < n; i++) {
      long start = heads.page(i);
      long size = heads.second(i) & -16L;
      boolean plausible = heads.first(i) == 0 && (heads.second(i) & 15) == 1 && size >= 32;
      if (plausible && size <= end - start) {
        for (int tried = 0; tried < TRIES; tried++) {
          long regionEnd = endOfRegion(start, end, main);
          if (regionEnd != 0) {
            regions.add(new long[] {start, regionEnd});
            return regionEnd;
          }
          presence.forget();
        }
      }
    }
    return heads.next();
  }

  /** Where the chunks from a page on lead to: the end of a region, or 0 for no region. */
  private long endOfRegion(long start, long bound, MallocState main) {
    long[] words = new long[2];
    long top = memory.peek(main.topField(), words, 1) == 1 ? words[0] : main.top();
    window.drop();
    window.startSmall();
    long at = start;
    while (at < bound && !budget.isExhausted()) {
      if (!window.holds(at) && !window.load(at, bound)) {
        return 0;
      }
      long head = window.word(at + 8);
      long size = head & -8L;
      if (at == top) {
        boolean ends = size >= 16 && size <= bound - at && (at + size) % pageBytes == 0;
        return ends ? at + size : 0;
      }
      if (size == FENCE_BYTES) {
        return at > start ? endOfFence(at) : 0;
      }
      if (size < 32 || (head & 14) != 0 || size > bound - at) {
        return 0;
      }
      at += size;
    }
    return 0;
  }

  /** Where the page ends in two posts, or three when the old top was too small to be freed. */
  private long endOfFence(long at) {
    long end = (at & -pageBytes) + pageBytes;
    boolean fence = end - at == 2 * FENCE_BYTES || end - at == 3 * FENCE_BYTES;
    for (long post = at; fence && post < end; post += FENCE_BYTES) {
      fence = window.holds(post) && (window.word(post + 8) & -8L) == FENCE_BYTES;
    }
    return fence ? end : 0;
  }
}
