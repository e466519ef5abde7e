package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.Arrays;

/**
 * Finds the caches of threads of jemalloc 5 by their shape. A cache is an array of bins, one for
 * each size class, each with a stack of free regions; the stacks of all bins follow each other in
 * one piece of memory, and that chains the bins together: include/jemalloc/internal/cache_bin.h and
 * tcache_structs.h. It lies in the thread's own variables, that is, at the upper end of its stack,
 * or, of the main thread, where the loader put them.
 *
 * <p>Since 5.3 a bin is {@code {head, requests, low water, full, empty}} with the lower 16 bits of
 * the last three alone: where a bin's stack is empty, the next one's is full. Before, it is {@code
 * {low water, count, requests, end of the stack}}, and the stack reaches back from there.
 */
final class CacheBins {
  /** A program may have large variables of its own there, and those lie above. */
  private static final int WINDOW_BYTES = 512 << 10;

  private static final int WINDOW_WORDS = WINDOW_BYTES / 8;
  private static final int BIN_WORDS = 3;
  private static final int STACK_WORDS_MAX = 8191;

  /** The small size classes alone are more, with any size of page. */
  private static final int BINS_MIN = 24;

  /** Words between the small bins and the large ones, up to 5.2. */
  private static final int GAP_WORDS_MAX = 64;

  private final HeapMemory memory;
  private final Presence presence;
  private final ByteBudget budget;
  private final AddressRanges anonymous;
  private final boolean isNew;
  private final long[] window = new long[WINDOW_WORDS];
  private final Receiver receiver;
  private int caches;

  /** Receives what the caches hold. */
  interface Receiver {
    /** Takes an address that a bin of a size class holds ready. */
    void cached(int bin, long address);

    /** Takes the address of the first word of all bins' stacks, or one shortly behind it. */
    void stack(long address);
  }

  CacheBins(
      HeapMemory memory,
      ByteBudget budget,
      AddressRanges anonymous,
      JemallocLayout layout,
      Receiver receiver) {
    this.memory = memory;
    this.presence = new Presence(memory);
    this.budget = budget;
    this.anonymous = anonymous;
    this.isNew = layout == JemallocLayout.V5_3;
    this.receiver = receiver;
  }

  /** Caches that were found. */
  int count() {
    return caches;
  }

  /** Searches where threads have their variables. */
  void search(OwnerTarget target, AddressSpace space, long bytesMax) {
    long left = bytesMax;
    for (long[] part : ThreadVariables.of(target.table(), space, WINDOW_BYTES)) {
      left -= left <= 0 || budget.isExhausted() ? 0 : search(part[0], part[1]);
    }
  }

  private long search(long start, long end) {
    Arrays.fill(window, 0);
    long read = 0;
    long[] piece = new long[memory.pageBytes() / 8];
    for (long at = presence.nextPresent(start, end);
        at < end;
        at = presence.nextPresent(at + memory.pageBytes(), end)) {
      int got = Math.max(0, memory.peek(at, piece, piece.length));
      System.arraycopy(piece, 0, window, (int) ((at - start) >>> 3), got);
      read += Math.max(8, got * 8L);
    }
    budget.spend(Math.max(8, read));
    int words = (int) ((end - start) >>> 3);
    for (int i = 0; i + BINS_MIN * BIN_WORDS <= words && read > 0; i++) {
      int bins = isNew ? binsSince53(i, words) : binsBefore53(i, words);
      if (bins >= BINS_MIN) {
        caches++;
        i = Math.max(i, isNew ? takeSince53(i, bins) : takeBefore53(i, bins, words));
      }
    }
    return Math.max(8, read);
  }

  private int binsSince53(int from, int words) {
    int bins = 0;
    int at = from;
    while (at + BIN_WORDS <= words && isBinSince53(at)) {
      boolean follows = at == from || full(at) == empty(at - BIN_WORDS);
      if (!follows) {
        break;
      }
      bins++;
      at += BIN_WORDS;
    }
    return bins;
  }

  private boolean isBinSince53(int at) {
    long head = window[at];
    int count = empty(at) - (int) head & 0xffff;
    int room = empty(at) - full(at) & 0xffff;
    int low = empty(at) - (int) window[at + 2] & 0xffff;
    return head > 0
        && (head & 7) == 0
        && (room & 7) == 0
        && (count & 7) == 0
        && room > 0
        && room / 8 <= STACK_WORDS_MAX
        && count <= room
        && low <= room
        && anonymous.contains(head - 8);
  }

  private int full(int at) {
    return (int) (window[at + 2] >>> 16) & 0xffff;
  }

  private int empty(int at) {
    return (int) (window[at + 2] >>> 32) & 0xffff;
  }

  private int takeSince53(int from, int bins) {
    receiver.stack(window[from] - ((int) window[from] - full(from) & 0xffff));
    for (int bin = 0; bin < bins; bin++) {
      int at = from + BIN_WORDS * bin;
      take(bin, window[at], (empty(at) - (int) window[at] & 0xffff) / 8);
    }
    return from + BIN_WORDS * bins - 1;
  }

  private int binsBefore53(int from, int words) {
    int bins = 0;
    int at = from;
    while (at + BIN_WORDS <= words && isBinBefore53(at, bins == 0 ? 0 : window[at - 1])) {
      bins++;
      at += BIN_WORDS;
    }
    return bins;
  }

  /**
   * Whether a bin begins there.
   *
   * @param before end of the stack of the bin before it, 0 where it is the first
   */
  private boolean isBinBefore53(int at, long before) {
    long end = window[at + 2];
    int count = (int) (window[at] >>> 32);
    int low = (int) window[at];
    long room = before == 0 ? STACK_WORDS_MAX : (end - before) / 8;
    return end > 0
        && (end & 7) == 0
        && room > 0
        && room <= STACK_WORDS_MAX
        && count >= 0
        && count <= room
        && low >= -1
        && low <= count
        && anonymous.contains(end - 8);
  }

  private int takeBefore53(int from, int bins, int words) {
    receiver.stack(window[from + 2] - 8);
    int at = from;
    for (int bin = 0; bin < bins; bin++) {
      takeBefore53(bin, at);
      at += BIN_WORDS;
    }
    int gap = at;
    while (gap < at + GAP_WORDS_MAX
        && gap + BIN_WORDS <= words
        && !isBinBefore53(gap, window[at - 1])) {
      gap++;
    }
    long before = window[at - 1];
    int bin = bins;
    for (int large = gap;
        gap < at + GAP_WORDS_MAX && large + BIN_WORDS <= words && isBinBefore53(large, before);
        large += BIN_WORDS) {
      takeBefore53(bin++, large);
      before = window[large + 2];
    }
    return at - 1;
  }

  private void takeBefore53(int bin, int at) {
    int count = (int) (window[at] >>> 32);
    take(bin, window[at + 2] - 8L * count, count);
  }

  private void take(int bin, long address, int count) {
    long[] pointers = new long[count];
    int got = Math.max(0, memory.peek(address, pointers, count));
    budget.spend(Math.max(8, got * 8L));
    for (int i = 0; i < got; i++) {
      receiver.cached(bin, pointers[i]);
    }
  }
}
