package io.leakwatch.heap.musl;

/**
 * A group of slots of one size as musl describes it ({@code struct meta} in mallocng/meta.h).
 *
 * @param memory of the group: it begins with the address of its description
 * @param slots that it has
 * @param free of them, as a set of bits
 * @param slotBytes from one slot to the next
 * @param mappedBytes of a mapping of its own, 0 where the group lies in a slot of another group
 */
record Group(long memory, int slots, int free, long slotBytes, long mappedBytes) {
  static final int WORDS = 5;

  /** What comes before the first slot. */
  static final int HEAD_BYTES = 16;

  private static final int PAGE_BYTES = 4096;
  private static final int ALONE = 63;

  /** Slots' sizes in units of 16 bytes, by class (mallocng/malloc.c). */
  private static final int[] SIZES = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 31, 36, 42, 50, 63, 72, 84, 102, 127, 146,
    170, 204, 255, 292, 340, 409, 511, 584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730,
    3276, 4095, 4680, 5460, 6552, 8191
  };

  /** That a description says nothing. */
  static final Group NONE = new Group(0, 0, 0, 0, 0);

  /** The group that five words describe. */
  static Group of(long[] words) {
    long bits = words[4];
    int last = (int) bits & 31;
    int sizeClass = (int) (bits >>> 6) & 63;
    long mapped = (bits >>> 12) * PAGE_BYTES;
    boolean isAlone = last == 0 && mapped > 0;
    if (words[2] == 0 || (!isAlone && sizeClass >= SIZES.length) || mapped < 0) {
      return NONE;
    }
    int all = last == 31 ? -1 : (1 << (last + 1)) - 1;
    int free = ((int) words[3] | (int) (words[3] >>> 32)) & all;
    long slot = isAlone || sizeClass == ALONE ? mapped - HEAD_BYTES : 16L * SIZES[sizeClass];
    return new Group(words[2], last + 1, free, slot, mapped);
  }

  /** Whether a description told it. */
  boolean isKnown() {
    return memory != 0;
  }

  long first() {
    return memory + HEAD_BYTES;
  }

  /** Behind the last slot, or behind the mapping. */
  long end() {
    return mappedBytes > 0 ? memory + mappedBytes : first() + slots * slotBytes;
  }
}
