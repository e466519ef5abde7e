package io.leakwatch.heap;

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

  private ChainSearch() {}

  /**
   * Searches a window.
   *
   * @param from first address to look at, 16-aligned
   * @return the chunk's address, -1 when there is none in this window
   */
  static long find(long[] words, int count, long base, long from, Segment segment) {
    long limit = Math.min(base + count * 8L, segment.end());
    for (long address = from; address + 32 < limit; address += 16) {
      if (isChain(words, base, limit, address, segment)) {
        return address;
      }
    }
    return -1;
  }

  /** Whether a chunk starts at an address, as far as the headers behind it tell. */
  static boolean startsAt(long[] words, int count, long base, long address, Segment segment) {
    return isChain(words, base, Math.min(base + count * 8L, segment.end()), address, segment);
  }

  private static boolean isChain(long[] words, long base, long limit, long from, Segment segment) {
    boolean main = segment.isMain();
    long bad = main ? 2 | 4 | 8 : 2 | 8;
    long at = from;
    int weight = 0;
    while (weight < ENOUGH && at < limit - 16) {
      if (at == segment.top()) {
        return weight > 0 || at == from;
      }
      long head = words[(int) ((at - base) >>> 3) + 1];
      long size = head & -8L;
      if (size < 32 || (head & bad) != 0 || size > limit - 16 - at) {
        return false;
      }
      int behind = (int) ((at + size - base) >>> 3);
      if ((words[behind + 1] & 1) != 0) {
        if (!main && (head & 4) == 0) {
          return false;
        }
        weight++;
      } else {
        if (words[behind] != size) {
          return false;
        }
        weight += REPEATED;
      }
      at += size;
    }
    return weight >= ENOUGH;
  }
}
