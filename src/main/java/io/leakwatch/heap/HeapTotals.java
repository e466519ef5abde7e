package io.leakwatch.heap;

/**
 * What one arena or all of one walk hold, bytes.
 *
 * @param heapCount mappings that it lies in
 * @param systemBytes obtained from the system ({@code system_mem})
 * @param inUseBytes not freed by the application, headers included
 * @param freeBytes in bins, fastbins and tcaches as far as seen
 * @param topBytes the top chunks
 * @param trimmableBytes resident bytes that {@code malloc_trim(0)} would give back
 * @param pinnedBytes free bytes below the last chunk in use of each heap
 */
public record HeapTotals(
    int heapCount,
    long systemBytes,
    long inUseBytes,
    long freeBytes,
    long topBytes,
    long trimmableBytes,
    long pinnedBytes) {
  static final HeapTotals ZERO = new HeapTotals(0, 0, 0, 0, 0, 0, 0);

  /** Freed and kept by the allocator, the tops included. */
  public long keptBytes() {
    return freeBytes + topBytes;
  }

  /**
   * Sums over all arenas of a walk. Chunks that malloc got by mmap are in use by definition (free
   * gives them back to the kernel), so they count in {@code systemBytes} and {@code inUseBytes}.
   */
  public static HeapTotals of(HeapReport heap) {
    HeapTotals others = heap.others().sums();
    int heapCount = others.heapCount;
    long system = others.systemBytes + heap.mmapped().bytes();
    long inUse = others.inUseBytes + heap.mmapped().bytes();
    long free = others.freeBytes;
    long top = others.topBytes;
    long trimmable = others.trimmableBytes;
    long pinned = others.pinnedBytes;
    for (HeapReport.Arena arena : heap.arenas()) { // For each scrape: no object for each arena.
      HeapTotals one = arena.totals();
      heapCount += one.heapCount;
      system += one.systemBytes;
      inUse += one.inUseBytes;
      free += one.freeBytes;
      top += one.topBytes;
      trimmable += one.trimmableBytes;
      pinned += one.pinnedBytes;
    }
    return new HeapTotals(heapCount, system, inUse, free, top, trimmable, pinned);
  }

  HeapTotals plus(HeapTotals other) {
    return new HeapTotals(
        heapCount + other.heapCount,
        systemBytes + other.systemBytes,
        inUseBytes + other.inUseBytes,
        freeBytes + other.freeBytes,
        topBytes + other.topBytes,
        trimmableBytes + other.trimmableBytes,
        pinnedBytes + other.pinnedBytes);
  }
}
