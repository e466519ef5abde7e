package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.heap.HeapReport;

/** How a report compares with what the target's own malloc says. */
final class Agreement {
  private Agreement() {}

  /**
   * Arenas, free bytes and mmapped chunks are those of {@code malloc_info}, to the byte. Its free
   * bytes are one too many per free chunk, a top counted among them since 2.31 excepted, and know
   * nothing of tcaches.
   */
  static void assertExact(MallocInfo truth, HeapReport report, boolean topIsFree) {
    assertExact(truth, report, topIsFree, 0);
  }

  /**
   * The same where the main arena has something more than its chunks.
   *
   * @param mainOverheadBytes fence posts between its parts, and what others got by sbrk
   */
  static void assertExact(
      MallocInfo truth, HeapReport report, boolean topIsFree, long mainOverheadBytes) {
    assertEquals(1.0, report.walk().coverage());
    assertEquals(
        truth.heaps().stream().map(MallocInfo.Heap::systemBytes).sorted().toList(),
        report.arenas().stream().map(arena -> arena.totals().systemBytes()).sorted().toList());
    long inBins = -report.cachedBytes();
    for (HeapReport.Arena arena : report.arenas()) {
      long parts =
          arena.totals().inUseBytes() + arena.totals().freeBytes() + arena.totals().topBytes();
      long headers = arena.totals().systemBytes() - parts;
      if (arena.main()) {
        assertEquals(mainOverheadBytes, headers, arena::toString);
      } else {
        long headersMax = 2400 + 128L * (arena.totals().heapCount() - 1);
        assertTrue(headers >= 0 && headers <= headersMax, () -> headers + " left of " + arena);
      }
      inBins += arena.totals().freeBytes() + (topIsFree ? arena.totals().topBytes() : 0);
    }
    long expected = 0;
    for (MallocInfo.Heap heap : truth.heaps()) {
      expected += heap.restBytes() - heap.restCount() + (topIsFree ? 1 : 0);
    }
    assertEquals(expected, inBins);
    assertEquals(truth.mmapCount(), report.mmapped().chunks());
    assertEquals(truth.mmapBytes(), report.mmapped().bytes());
  }

  static long inUseAndCached(HeapReport report) {
    return report.cachedBytes()
        + report.arenas().stream().mapToLong(arena -> arena.totals().inUseBytes()).sum();
  }
}
