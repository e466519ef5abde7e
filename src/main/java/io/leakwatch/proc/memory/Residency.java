package io.leakwatch.proc.memory;

import java.util.Arrays;

/**
 * Which pages of an address range can be read without disturbing their owner: those that are
 * present and are not the shared zero page. Ranges are in address order. It is reused from look to
 * look.
 */
public final class Residency {
  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private int count;
  private long presentBytes;
  private long swappedBytes;
  private long zeroPageBytes;

  /** Number of ranges of present pages. */
  public int count() {
    return count;
  }

  public long start(int range) {
    return starts[range];
  }

  /** First address behind the range. */
  public long end(int range) {
    return ends[range];
  }

  /** Present pages, zero pages not counted. */
  public long presentBytes() {
    return presentBytes;
  }

  public long swappedBytes() {
    return swappedBytes;
  }

  /** Pages that were only ever read and still are the kernel's page of zeros. */
  public long zeroPageBytes() {
    return zeroPageBytes;
  }

  /** Whether all of {@code [start, end)} is present. */
  public boolean covers(long start, long end) {
    int at = Arrays.binarySearch(starts, 0, count, start);
    int range = at >= 0 ? at : -at - 2;
    return range >= 0 && end <= ends[range];
  }

  void clear() {
    count = 0;
    presentBytes = 0;
    swappedBytes = 0;
    zeroPageBytes = 0;
  }

  void addPresent(long start, long end) {
    presentBytes += end - start;
    if (count > 0 && ends[count - 1] == start) {
      ends[count - 1] = end;
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    starts[count] = start;
    ends[count] = end;
    count++;
  }

  void addSwapped(long bytes) {
    swappedBytes += bytes;
  }

  void addZeroPages(long bytes) {
    zeroPageBytes += bytes;
  }
}
