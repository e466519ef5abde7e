package io.leakwatch.heap.holders;

/**
 * The memory that a scan searches for pointers to: disjoint ranges with a filter in front, so that
 * nearly every word of memory costs one lookup in a small table.
 *
 * <p>The filter has a bit for each granule of address space (a page, or more where the ranges are
 * large), folded into 64 KiB. Words that pass are looked up in the sorted ranges.
 *
 * <p>A word refers to a range when it is the address of one of its bytes: objects are referred to
 * by the address of a base class or a member, and low bits may be tags. The upper 17 bits of a word
 * may be a tag or a counter too (user addresses of x86-64 have 47); as such words are many, they
 * count only with the exact start.
 */
final class TargetRanges {
  private static final int FILTER_WORDS = 1 << 13;
  private static final int GRANULES_MAX = 1 << 14;
  private static final long ADDRESS_BITS = (1L << 47) - 1;

  private final long[] starts;
  private final long[] ends;
  private final long[] filter = new long[FILTER_WORDS];
  private final int shift;

  /**
   * Builds the filter.
   *
   * @param starts ascending
   * @param ends first address behind each range; none overlaps the next
   */
  TargetRanges(long[] starts, long[] ends) {
    this.starts = starts;
    this.ends = ends;
    int granuleShift = 12;
    while (granules(granuleShift) > GRANULES_MAX + starts.length) {
      granuleShift++;
    }
    shift = granuleShift;
    for (int i = 0; i < starts.length; i++) {
      long last = (ends[i] - 1) >>> shift;
      for (long g = starts[i] >>> shift; g <= last; g++) {
        filter[(int) (g >>> 6) & (FILTER_WORDS - 1)] |= 1L << g;
      }
    }
  }

  private long granules(int granuleShift) {
    long sum = 0;
    for (int i = 0; i < starts.length; i++) {
      sum += ((ends[i] - starts[i]) >>> granuleShift) + 1;
    }
    return sum;
  }

  int count() {
    return starts.length;
  }

  long start(int i) {
    return starts[i];
  }

  /** Finds the words among those of one piece of memory that refer to a range. */
  void scan(long address, long[] words, int count, PointerPlaces into) {
    long[] table = filter;
    int granule = shift;
    for (int i = 0; i < count; i++) {
      long g = (words[i] & ADDRESS_BITS) >>> granule;
      if ((table[(int) (g >>> 6) & (FILTER_WORDS - 1)] >>> g & 1) != 0) {
        check(words[i], address + 8L * i, into);
      }
    }
  }

  private void check(long word, long location, PointerPlaces into) {
    long address = word & ADDRESS_BITS;
    int range = find(address);
    if (range < 0
        || (address != word && address != starts[range])
        || (location >= starts[range] && location < ends[range])) {
      return;
    }
    into.add(location, range, address - starts[range]);
  }

  private int find(long address) {
    int low = 0;
    int high = starts.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address < starts[middle]) {
        high = middle - 1;
      } else if (address >= ends[middle]) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }
}
