package io.leakwatch.heap.memory;

import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.memory.AddressRanges;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * Reads ranges of a process' memory from one end to the other: what is present and nothing else.
 * The scan may stop at any piece and go on later.
 */
public final class MemoryScan {
  private static final int STRETCH_PAGES = 512;

  /** Receives what was read. */
  @FunctionalInterface
  public interface Receiver {
    /** Takes words; the array is reused. */
    void words(long address, long[] words, int count);
  }

  private final HeapMemory memory;
  private final AddressRanges ranges;
  private final ByteBudget budget;
  private final ByteBuffer buffer;
  private final LongBuffer longs;
  private final long[] words;
  private final int pageShift;
  private final long[] bits = new long[STRETCH_PAGES / 64];

  private int range;
  private long position;
  private long readBytes;
  private long swappedBytes;
  private long refusedBytes;
  private int failure;

  public MemoryScan(HeapMemory memory, AddressRanges ranges, ByteBudget budget, int pieceBytes) {
    this.memory = memory;
    this.ranges = ranges;
    this.budget = budget;
    this.buffer = RemoteMemory.allocate(pieceBytes);
    this.longs = buffer.asLongBuffer();
    this.words = new long[pieceBytes / 8];
    this.pageShift = Integer.numberOfTrailingZeros(memory.pageBytes());
    this.position = ranges.count() > 0 ? ranges.start(0) : 0;
  }

  /** Bytes that were read. */
  public long readBytes() {
    return readBytes;
  }

  public long swappedBytes() {
    return swappedBytes;
  }

  /** Present bytes that could not be read. */
  public long refusedBytes() {
    return refusedBytes;
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} once that was met, else 0. */
  public int failure() {
    return failure;
  }

  public boolean isFinished() {
    return range >= ranges.count() || failure != 0;
  }

  /** Mapped bytes that the scan has not come to. */
  public long leftBytes() {
    long left = 0;
    for (int i = range; i < ranges.count(); i++) {
      left += ranges.end(i) - (i == range ? position : ranges.start(i));
    }
    return left;
  }

  /** Goes on by one stretch of 512 pages at the most. */
  public void advance(Receiver receiver) {
    if (isFinished()) {
      return;
    }
    long stretchBytes = (long) STRETCH_PAGES << pageShift;
    long end = Math.min(ranges.end(range), (position & -stretchBytes) + stretchBytes);
    int pages = (int) ((end - position + (1L << pageShift) - 1) >>> pageShift);
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
      read(position + ((long) from << pageShift), position + ((long) page << pageShift), receiver);
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
      buffer.clear().limit(wanted * 8);
      int bytes = memory.read(at, buffer);
      if (bytes < 0) {
        failure = bytes;
        return;
      }
      int got = bytes / 8;
      longs.get(0, words, 0, got);
      budget.spend(Math.max(8, got * 8L));
      readBytes += got * 8L;
      receiver.words(at, words, got);
      at += got * 8L;
      if (got < wanted) {
        long behind = (at & -(1L << pageShift)) + (1L << pageShift);
        refusedBytes += behind - at;
        at = behind;
      }
    }
  }
}
