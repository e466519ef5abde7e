package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.proc.file.ReadMeter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A walk through heaps that grow while it is under way, at points that the test chooses. */
class GrowingHeapTest {
  private static final long MEGABYTES = 80;
  private static final int THREADS = 3;

  private CTarget target;
  private LiveHeap live;
  private long allocatedBytes = THREADS * MEGABYTES << 20;

  @BeforeEach
  void start() {
    target = CTarget.start("growing_heap", Integer.toString(THREADS), Long.toString(MEGABYTES));
    target.awaitLine("ready");
    live = new LiveHeap(target);
  }

  @AfterEach
  void stop() {
    live.close();
  }

  private void grow() {
    target.send("grow");
    allocatedBytes = Long.parseLong(target.awaitLine("grown").split(" ")[1]);
  }

  /**
   * Walks while the heaps grow.
   *
   * @param times how often they grow, each time after as many bytes were read as they had at first
   */
  private HeapReport walk(int times) {
    long[] read = new long[1];
    int[] left = {times};
    LiveHeap.value(live.process.maps(live.table, ReadMeter.UNPACED));
    return LiveHeap.value(
        OwnerTarget.of(
                live.process,
                live.table,
                List.of(),
                ReadMeter.UNPACED,
                bytes -> {
                  read[0] += bytes;
                  if (left[0] > 0
                      && read[0] > (times - left[0] + 1) * (THREADS * MEGABYTES << 20) / 2) {
                    left[0]--;
                    grow();
                  }
                })
            .flatMap(seen -> new HeapWalker(Defaults.WALK).read(seen, ObjectVisitor.NONE)));
  }

  @Test
  void heapsThatComeDuringTheWalkShouldBeWalkedToo() {
    HeapReport report = walk(1);
    HeapTotals totals = HeapTotals.of(report);
    assertTrue(report.walk().coverage() >= 0.98, () -> "coverage " + report.walk().coverage());
    assertEquals(allocatedBytes, totals.inUseBytes(), allocatedBytes * 0.03);
    assertClosed(report);
  }

  @Test
  void whatComesAfterTheHeapsWereLookedForAgainShouldLowerTheCoverage() {
    HeapReport report = walk(4);
    HeapTotals totals = HeapTotals.of(report);
    assertTrue(totals.inUseBytes() < allocatedBytes * 0.95, "the target grew too late");
    assertEquals((double) totals.inUseBytes() / allocatedBytes, report.walk().coverage(), 0.03);
    assertClosed(report);
  }

  /** In use, free, top and what was not walked add up to what the arenas say to have. */
  private static void assertClosed(HeapReport report) {
    for (HeapReport.Arena arena : report.arenas()) {
      long sum =
          arena.totals().inUseBytes()
              + arena.totals().freeBytes()
              + arena.totals().topBytes()
              + arena.unknownBytes();
      assertEquals(
          arena.totals().systemBytes(),
          sum,
          arena.totals().systemBytes() * 0.001 + 4096,
          arena::toString);
    }
  }
}
