package io.leakwatch.heap;

/**
 * Reads ranges of a process' memory from one end to the other: what is present and nothing else.
 * The scan may stop at any piece and go on later.
 */
final class MemoryScan {
  private static final int STRETCH_PAGES = 512;
  private static final long STRETCH_BYTES = (long) STRETCH_PAGES * HeapMemory.PAGE_BYTES;

  /** Receives what was read. */
  @FunctionalInterface
  interface Receiver {
    /** Takes words; the array is reused. */
    void words(long address, long[] words, int count);
  }

  private final HeapMemory memory;
  private final AddressRanges ranges;
  private final Budget budget;
  private final long[] words;
  private final long[] bits = new long[STRETCH_PAGES / 64];

  private int range;
  private long position;
  private long readBytes;
  private long swappedBytes;
  private long refusedBytes;
  private int failure;

  MemoryScan(HeapMemory memory, AddressRanges ranges, Budget budget, int pieceBytes) {
    this.memory = memory;
    this.ranges = ranges;
    this.budget = budget;
    this.words = new long[pieceBytes / 8];
    this.position = ranges.count() > 0 ? ranges.start(0) : 0;
  }

  /** Bytes that were read. */
  long readBytes() {
    return readBytes;
  }

  long swappedBytes() {
    return swappedBytes;
  }

  /** Present bytes that could not be read. */
  long refusedBytes() {
    return refusedBytes;
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} once that was met, else 0. */
  int failure() {
    return failure;
  }

  boolean isFinished() {
    return range >= ranges.count() || failure != 0;
  }

  /** Mapped bytes that the scan has not come to. */
  long leftBytes() {
    long left = 0;
    for (int i = range; i < ranges.count(); i++) {
      left += ranges.end(i) - (i == range ? position : ranges.start(i));
    }
    return left;
  }

  /** Goes on by one stretch of 2 MiB at the most. */
  void advance(Receiver receiver) {
    if (isFinished()) {
      return;
    }
    long end = Math.min(ranges.end(range), (position & -STRETCH_BYTES) + STRETCH_BYTES);
    int pages = (int) ((end - position + HeapMemory.PAGE_BYTES - 1) >>> 12);
    long swapped = memory.present(position, pages, bits);
    if (swapped < 0) {
      failure = (int) swapped;
      return;
    }
    swappedBytes += swapped;
    int page = 0;
    while (page < pages && failure == 0) {
      int from = nextBit(page, pages, true);
      page = nextBit(from, pages, false);
      read(position + ((long) from << 12), position + ((long) page << 12), receiver);
    }
    position = end;
    if (position >= ranges.end(range)) {
      range++;
      position = range < ranges.count() ? ranges.start(range) : 0;
    }
  }

  private int nextBit(int from, int pages, boolean set) {
    int at = from;
    while (at < pages && (bits[at >>> 6] >>> at & 1) != (set ? 1 : 0)) {
      at++;
    }
    return at;
  }

  private void read(long start, long end, Receiver receiver) {
    long at = start;
    while (at < end) {
      int wanted = (int) Math.min(words.length, (end - at) >>> 3);
      int got = memory.read(at, words, wanted);
      if (got < 0) {
        failure = got;
        return;
      }
      budget.spend(Math.max(8, got * 8L));
      readBytes += got * 8L;
      receiver.words(at, words, got);
      at += got * 8L;
      if (got < wanted) {
        long behind = (at & -HeapMemory.PAGE_BYTES) + HeapMemory.PAGE_BYTES;
        refusedBytes += behind - at;
        at = behind;
      }
    }
  }
}
