package io.leakwatch.heap;

/**
 * Sums over the arenas of one walk, bytes. Chunks that malloc got by mmap are in use by definition
 * (free gives them back to the kernel), so they count in {@code systemBytes} and {@code
 * inUseBytes}.
 */
public record HeapTotals(
    int heapCount,
    long systemBytes,
    long inUseBytes,
    long freeBytes,
    long topBytes,
    long trimmableBytes,
    long pinnedBytes) {

  /** Freed and kept by the allocator, the tops included. */
  public long keptBytes() {
    return freeBytes + topBytes;
  }

  public static HeapTotals of(HeapReport heap) {
    HeapReport.Arena others = heap.others().sums();
    int heapCount = others.heapCount();
    long system = heap.mmappedBytes() + others.systemBytes();
    long inUse = heap.mmappedBytes() + others.inUseBytes();
    long free = others.freeBytes();
    long top = others.topBytes();
    long trimmable = others.trimmableBytes();
    long pinned = others.pinnedBytes();
    for (HeapReport.Arena arena : heap.arenas()) {
      heapCount += arena.heapCount();
      system += arena.systemBytes();
      inUse += arena.inUseBytes();
      free += arena.freeBytes();
      top += arena.topBytes();
      trimmable += arena.trimmableBytes();
      pinned += arena.pinnedBytes();
    }
    return new HeapTotals(heapCount, system, inUse, free, top, trimmable, pinned);
  }
}
