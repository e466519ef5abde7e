package io.leakwatch.proc.memory;

/**
 * Which pages of an address range can be read without disturbing their owner: those that are
 * present and are not the shared zero page. Ranges are in address order. It is reused from look to
 * look.
 */
public final class Residency {
  private final AddressRanges present = new AddressRanges();
  private long presentBytes;
  private long swappedBytes;
  private long zeroPageBytes;

  /** Number of ranges of present pages. */
  public int count() {
    return present.count();
  }

  public long start(int range) {
    return present.start(range);
  }

  /** First address behind the range. */
  public long end(int range) {
    return present.end(range);
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
    return present.covers(start, end);
  }

  /** Forgets the last look. */
  public void clear() {
    present.clear();
    presentBytes = 0;
    swappedBytes = 0;
    zeroPageBytes = 0;
  }

  /** Adds present pages, in address order. */
  public void addPresent(long start, long end) {
    presentBytes += end - start;
    present.add(start, end);
  }

  void addSwapped(long bytes) {
    swappedBytes += bytes;
  }

  /** Adds pages that are the kernel's page of zeros, or as good as that. */
  public void addZeroPages(long bytes) {
    zeroPageBytes += bytes;
  }
}
