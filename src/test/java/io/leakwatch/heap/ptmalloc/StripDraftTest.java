package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapStrip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One look at the strips must tell a leak from a pinned heap. */
class StripDraftTest {

  private static List<HeapStrip> ofThreads(HeapReport report) {
    return report.strips().list().stream().filter(strip -> !strip.main()).toList();
  }

  private static double share(HeapStrip strip, char cell) {
    return (double) strip.cells().chars().filter(c -> c == cell).count() / strip.cells().length();
  }

  @Test
  void aLeakShouldFillItsStripsToTheTop() throws IOException {
    CTarget target = CTarget.start("leak_threads", "3", "100000000", "400");
    target.awaitLine("ready");
    target.awaitResidentBytes(60e6);
    try (LiveHeap live = new LiveHeap(target)) {
      List<HeapStrip> strips = ofThreads(live.walk());
      assertTrue(strips.size() >= 3, strips::toString);
      for (HeapStrip strip : strips) {
        assertEquals(HeapStrip.CELL_BYTES_MIN, strip.cellBytes());
        assertEquals(0, strip.address() % (64 << 20));
        assertTrue(share(strip, '9') > 0.9, strip::toString);
        assertEquals(-1, strip.pinCell(), strip::toString);
      }
    }
  }

  @Test
  void aPinnedHeapShouldBeEmptyBelowOneDot() {
    CTarget target = CTarget.start("heaptruth", "pinned", "2", "40");
    List<Long> pins = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      pins.add(Long.decode(target.awaitLine("pin").split(" ")[1]));
    }
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      List<HeapStrip> pinned =
          ofThreads(live.walk()).stream().filter(strip -> strip.pinCell() >= 0).toList();
      assertEquals(2, pinned.size());
      for (HeapStrip strip : pinned) {
        long from = strip.address() + strip.pinCell() * strip.cellBytes();
        assertTrue(
            pins.stream().anyMatch(pin -> pin >= from && pin < from + strip.cellBytes()),
            strip::toString);
        assertTrue(share(strip, HeapStrip.FREE) > 0.9, strip::toString);
        HeapStrip small = strip.folded(100);
        assertTrue(small.cells().length() <= 100 && small.bytes() >= strip.bytes());
        assertEquals(
            small.pinCell(), strip.pinCell() * strip.cellBytes() / small.cellBytes(), "its pin");
        assertTrue(share(small, HeapStrip.FREE) > 0.8, small::toString);
      }
    }
  }

  @Test
  void cellsShouldAddUpToWhatIsInUse() {
    try (LiveHeap live = LiveHeap.start("uniform", 0, 200)) {
      HeapReport report = live.walk();
      HeapStrip main = report.strips().list().get(0);
      assertTrue(main.main() && main.cells().length() <= HeapStrip.CELLS_MAX, main::toString);
      double inUse = report.arenas().get(0).totals().inUseBytes();
      double drawn =
          main.cells().chars().filter(Character::isDigit).map(c -> c - '0').sum()
              / 10.0
              * main.cellBytes();
      assertEquals(inUse, drawn, inUse * 0.12);
    }
  }
}
