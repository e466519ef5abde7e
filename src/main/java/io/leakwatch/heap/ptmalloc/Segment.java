package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.HeapMemory;

/**
 * A stretch of chunks: one heap of a thread's arena, or a contiguous part of the main arena. Its
 * end and the arena's top move while the target runs, so they can be read again; what they were at
 * the last reading is kept here. A top of {@link #NONE} lies in another segment.
 */
final class Segment {
  static final long NONE = Long.MAX_VALUE;

  private final HeapMemory memory;
  private final long heapAddress;
  private final long topField;
  private final long start;
  private final long reach;
  private final boolean brk;
  private final long[] words = new long[4];
  private long end;
  private long top = NONE;

  private Segment(
      HeapMemory memory,
      long heapAddress,
      long topField,
      long start,
      long end,
      long reach,
      boolean brk) {
    this.memory = memory;
    this.heapAddress = heapAddress;
    this.topField = topField;
    this.start = start;
    this.end = end;
    this.reach = reach;
    this.brk = brk;
  }

  /**
   * A heap of a thread's arena.
   *
   * @param topField address of the arena's {@code top}
   * @param reach first address that cannot belong to the heap any more
   */
  static Segment ofHeap(
      HeapMemory memory, long heapAddress, long topField, long start, long end, long reach) {
    return new Segment(memory, heapAddress, topField, start, end, reach, false);
  }

  /** A part of the main arena in brk; where it holds the top, the top's size tells its end. */
  static Segment ofBrk(HeapMemory memory, long topField, long start, long end, long reach) {
    return new Segment(memory, 0, topField, start, end, reach, true);
  }

  /** A part of the main arena that it got by mmap. */
  static Segment ofRegion(HeapMemory memory, long topField, long start, long end) {
    return new Segment(memory, 0, topField, start, end, end, false);
  }

  boolean isMain() {
    return heapAddress == 0;
  }

  /** Whether its end is the program break, so that trimming moves that. */
  boolean isBrk() {
    return brk;
  }

  long start() {
    return start;
  }

  /** First page of the heap, or of the part. */
  long base() {
    return isMain() ? start & -memory.pageBytes() : heapAddress;
  }

  long end() {
    return end;
  }

  long top() {
    return top;
  }

  boolean holdsTop() {
    return top != NONE;
  }

  /** Whether the heap's first page is neither present nor swapped: the heap was unmapped. */
  boolean isGone() {
    long[] bits = new long[1];
    long page = isMain() ? start & -memory.pageBytes() : heapAddress;
    return memory.present(page, 1, bits) == 0 && bits[0] == 0;
  }

  /**
   * Reads end and top again.
   *
   * @return false when they could not be read or make no sense; then the old ones stay
   */
  boolean refresh() {
    if (memory.peek(topField, words, 1) != 1) {
      return false;
    }
    long newTop = words[0];
    boolean here = newTop >= start && newTop < reach && (newTop & 15) == 0;
    if (isMain()) {
      if (!here) {
        top = NONE;
        return true;
      }
      if (memory.peek(newTop, words, 2) != 2) {
        top = newTop;
        return true;
      }
      long size = words[1] & -8L;
      if (size < 16 || size > reach - newTop) {
        return false;
      }
      end = newTop + size;
      top = newTop;
      return true;
    }
    if (memory.peek(heapAddress, words, 3) != 3) {
      return false;
    }
    long size = words[2];
    if (size < memory.pageBytes() || size % memory.pageBytes() != 0 || size > reach - heapAddress) {
      return false;
    }
    end = heapAddress + size;
    top = here && newTop < end ? newTop : NONE;
    return true;
  }
}
