package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkWindow;
import java.nio.LongBuffer;

/**
 * Finds the next chunk in memory of which it is not known where chunks start: the first address
 * from which consistent headers follow one another for so long that chance and the application's
 * data are no explanation.
 *
 * <p>A header in the right place weighs 1, a free chunk's size repeated at its end 6 (64 bits
 * agree), arriving at the top of the heap enough. {@link #ENOUGH} asks for a dozen headers with two
 * such repetitions, or two dozen without. Data that imitates headers (a table of sizes at a stride
 * equal to them) can deceive it; the walk then meets trouble again and goes on from there.
 */
final class ChainSearch {
  private static final int ENOUGH = 24;
  private static final int REPEATED = 6;

  private final WalkWindow window;
  private final Presence presence;
  private final ByteBudget budget;
  private final int pageBytes;

  ChainSearch(WalkWindow window, Presence presence, ByteBudget budget, int pageBytes) {
    this.window = window;
    this.presence = presence;
    this.budget = budget;
    this.pageBytes = pageBytes;
  }

  /** The next address from which a consistent chain starts, window by window; -1 for none. */
  long next(long from, Segment segment) {
    long at = from + 15 & -16L;
    while (at < segment.end() && !budget.isExhausted() && presence.failure() == 0) {
      at = presence.nextPresent(at, segment.end());
      if (at >= segment.end()) {
        return -1;
      }
      if (at == segment.top()) {
        return at;
      }
      if (!window.load(at, segment.end())) {
        presence.forget();
        at = (at & -pageBytes) + pageBytes;
        continue;
      }
      long found = find(at, segment);
      if (found >= 0) {
        return found;
      }
      at = window.end();
    }
    return -1;
  }

  private long find(long from, Segment segment) {
    long limit = Math.min(window.end(), segment.end());
    for (long address = from; address + 32 < limit; address += 16) {
      if (isChain(window.words(), window.start(), limit, address, segment)) {
        return address;
      }
    }
    return -1;
  }

  private static boolean isChain(
      LongBuffer words, long base, long limit, long from, Segment segment) {
    boolean main = segment.isMain();
    long bad = main ? 2 | 4 | 8 : 2 | 8;
    long at = from;
    int weight = 0;
    while (weight < ENOUGH && at < limit - 16) {
      if (at == segment.top()) {
        return weight > 0 || at == from;
      }
      long head = words.get((int) ((at - base) >>> 3) + 1);
      long size = head & -8L;
      if (size < 32 || (head & bad) != 0 || size > limit - 16 - at) {
        return false;
      }
      int behind = (int) ((at + size - base) >>> 3);
      if ((words.get(behind + 1) & 1) != 0) {
        if (!main && (head & 4) == 0) {
          return false;
        }
        weight++;
      } else {
        if (words.get(behind) != size) {
          return false;
        }
        weight += REPEATED;
      }
      at += size;
    }
    return weight >= ENOUGH;
  }
}
