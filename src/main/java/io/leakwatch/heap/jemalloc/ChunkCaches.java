package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Finds the caches of threads of jemalloc 3.6 and 4 (include/jemalloc/internal/tcache.h). They form
 * a ring that hangs on the arena; each has an array of bins, and a bin a stack that lies in the
 * same piece of memory, behind that of the bin before it.
 */
final class ChunkCaches {
  private static final int ARENA_WORDS = 2048;
  private static final int CACHES_MAX = 1 << 16;
  private static final int CACHE_WORDS = 512;
  private static final int BINS_MIN = 24;
  private static final int BIN_WORDS = 4;
  private static final int STACK_WORDS_MAX = 8191;

  /** Words before the bins. */
  private static final int[] BINS_AT = {5, 4};

  private final HeapMemory memory;
  private final AddressRanges anonymous;
  private final PageCache pages;
  private final ByteBudget budget;
  private final Set<Long> seen = new HashSet<>();
  private final long[] cache = new long[CACHE_WORDS];
  private final long[] link = new long[2];

  /** Receives what a cache may hold. */
  interface Receiver {
    /** Whether something is allocated at an address and at no other place of the region around. */
    boolean isAllocation(long address);

    void cached(long address);
  }

  ChunkCaches(HeapMemory memory, AddressRanges anonymous, ByteBudget budget) {
    this.memory = memory;
    this.anonymous = anonymous;
    this.pages = new PageCache(memory, budget);
    this.budget = budget;
  }

  /** Caches that were found. */
  int count() {
    return seen.size();
  }

  /** Follows what hangs on an arena. */
  void search(long arena, LongConsumer caches, Receiver receiver) {
    long[] words = new long[ARENA_WORDS];
    int got = Math.max(0, memory.peek(arena, words, ARENA_WORDS));
    budget.spend(Math.max(8, got * 8L));
    for (int i = 0; i < got; i++) {
      long at = words[i];
      while (seen.size() < CACHES_MAX && isLinked(at) && !seen.contains(at)) {
        int bins = binsAt(at);
        if (bins == 0) {
          break;
        }
        seen.add(at);
        caches.accept(at);
        take(bins, receiver);
        at = cache[0];
      }
    }
  }

  private boolean isLinked(long at) {
    if ((at & 63) != 0 || !anonymous.contains(at) || !pages.words(at, link, 2)) {
      return false;
    }
    long next = link[0];
    return anonymous.contains(next)
        && (next & 63) == 0
        && pages.words(next, link, 2)
        && link[1] == at;
  }

  /** Loads a cache, and tells which word its bins begin with, 0 where it is none. */
  private int binsAt(long at) {
    Arrays.fill(cache, 0);
    int got = Math.max(0, memory.peek(at, cache, CACHE_WORDS));
    budget.spend(Math.max(8, got * 8L));
    for (int from : BINS_AT) {
      if (bins(from) >= BINS_MIN) {
        return from;
      }
    }
    return 0;
  }

  private int bins(int from) {
    int bins = 0;
    for (int i = from; i + BIN_WORDS <= CACHE_WORDS; i += BIN_WORDS) {
      long stack = cache[i + 3];
      int count = (int) cache[i + 2];
      long room = bins == 0 ? STACK_WORDS_MAX : (stack - cache[i - 1]) / 8;
      boolean is =
          stack > 0
              && (stack & 7) == 0
              && anonymous.contains(stack)
              && room > 0
              && room <= STACK_WORDS_MAX
              && count >= 0
              && count <= STACK_WORDS_MAX;
      if (!is) {
        break;
      }
      bins++;
    }
    return bins;
  }

  /** Stacks grow upward in 3.6 and 4.0 and reach back from their end since 4.1. */
  private void take(int from, Receiver receiver) {
    int bins = bins(from);
    long up = 0;
    long down = 0;
    for (int pass = 0; pass < 2; pass++) {
      for (int bin = 0; bin < bins; bin++) {
        int at = from + BIN_WORDS * bin;
        long stack = cache[at + 3];
        int count = Math.min(STACK_WORDS_MAX, (int) cache[at + 2]);
        if (pass == 0) {
          up += count > 0 && isAllocated(stack, receiver) ? 1 : 0;
          down += count > 0 && isAllocated(stack - 8, receiver) ? 1 : 0;
        } else {
          take(up >= down ? stack : stack - 8L * count, count, receiver);
        }
      }
    }
  }

  private boolean isAllocated(long place, Receiver receiver) {
    return pages.words(place, link, 1) && receiver.isAllocation(link[0]);
  }

  private void take(long place, int count, Receiver receiver) {
    long[] pointers = new long[count];
    int got = Math.max(0, memory.peek(place, pointers, count));
    budget.spend(Math.max(8, got * 8L));
    for (int i = 0; i < got; i++) {
      receiver.cached(pointers[i]);
    }
  }
}
