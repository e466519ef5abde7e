package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapStrip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The picture of a live program's heaps, against what is known of the program. */
class HeapStripsTest {

  @Test
  void ofALeakEveryCellShouldBeFull() {
    CTarget target = CTarget.start("two_arenas", "40000"); // 157 MiB in each thread's arena.
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      HeapReport report = live.walk();
      assertSums(report);
      List<HeapStrip> heaps = ofThreads(report);
      assertEquals(6, heaps.size());
      for (HeapStrip heap : heaps) {
        assertEquals(HeapStrip.CELL_BYTES_MIN, heap.cellBytes());
        assertTrue(heap.cells().matches("9+[1-9]?[fr]{0,2}"), heap::toString);
        assertEquals(-1, heap.pinCell(), heap::toString);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "2"})
  void aPinnedHeapShouldBeEmptyWithThePinInItsLastCell(int threads) {
    CTarget target = CTarget.start("heaptruth", "pinned", Integer.toString(threads), "100");
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      HeapReport report = live.walk();
      assertSums(report);
      for (HeapReport.Arena arena : report.arenas()) {
        HeapReport.Pin pin = arena.pin();
        if (arena.totals().pinnedBytes() > 1 << 20 && pin != null) {
          HeapStrip last =
              report.strips().list().stream()
                  .filter(strip -> strip.arena() == arena.index())
                  .reduce((first, second) -> second)
                  .orElseThrow();
          long cell = (pin.address() - last.address()) / last.cellBytes();
          assertEquals(cell, last.pinCell(), last::toString);
          assertTrue(
              last.cells().substring(2, last.pinCell()).matches("f*"),
              () -> "free up to the pin: " + last);
        }
      }
      long pinned = report.strips().list().stream().filter(strip -> strip.pinCell() > 0).count();
      assertTrue(pinned >= Math.max(1, threads), () -> report.strips().toString());
    }
  }

  @Test
  void whatMallocTrimGaveBackShouldShow() {
    try (LiveHeap live = LiveHeap.start("pinned", 0, 100)) {
      live.target.send("trim");
      live.target.awaitLine("trim");
      HeapStrip brk = live.walk().strips().list().get(0);
      long returned = brk.cells().chars().filter(cell -> cell == HeapStrip.RETURNED).count();
      assertTrue(returned >= 0.9 * brk.cells().length(), brk::toString);
      assertTrue(brk.cells().length() <= HeapStrip.CELLS_MAX, brk::toString);
      assertEquals(2 * HeapStrip.CELL_BYTES_MIN, brk.cellBytes());
    }
  }

  @Test
  void whatTheWalkDidNotReachShouldBeUnknownAndNotFree() {
    CTarget target = CTarget.start("two_arenas", "10000"); // 39 MiB in each thread's arena.
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target, Defaults.with("walk.bytes-max = 16 MiB").walk())) {
      String cells =
          live.walk().strips().list().stream().map(HeapStrip::cells).reduce("", String::concat);
      assertTrue(cells.matches("1?r*9+[1-9]?[?]+.*"), cells);
      assertTrue(cells.chars().filter(c -> c == HeapStrip.UNKNOWN).count() > 500, cells);
      assertTrue(cells.chars().filter(c -> c == HeapStrip.FREE).count() < 8, cells);
    }
  }

  @ParameterizedTest
  @CsvSource({"mixed,3", "holes,2", "pinned,2", "uniform,0"})
  void theCellsShouldAddUpToWhatIsInUse(String mode, int threads) {
    try (LiveHeap live = LiveHeap.start(mode, threads, 40)) {
      live.target.send("quiet");
      live.target.awaitLine("quiet");
      HeapReport report = live.walk();
      assertSums(report);
      for (HeapStrip whole : report.strips().list()) {
        HeapStrip folded = whole.folded(64);
        assertTrue(folded.cells().length() <= 64);
        assertEquals(shown(whole), shown(folded), 0.1 * shown(whole) + 3 * folded.cellBytes());
      }
    }
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

  private static double share(HeapStrip strip, char cell) {
    return (double) strip.cells().chars().filter(c -> c == cell).count() / strip.cells().length();
  }

  private static List<HeapStrip> ofThreads(HeapReport report) {
    return report.strips().list().stream().filter(strip -> !strip.main()).toList();
  }

  /** For each arena, as near as tenths of cells are; a tcache is empty memory that looks in use. */
  private static void assertSums(HeapReport report) {
    for (HeapReport.Arena arena : report.arenas()) {
      List<HeapStrip> own =
          report.strips().list().stream().filter(strip -> strip.arena() == arena.index()).toList();
      double shown = own.stream().mapToDouble(HeapStripsTest::shown).sum();
      long bytes = own.stream().mapToLong(HeapStrip::bytes).sum();
      assertEquals(
          arena.totals().inUseBytes(), shown, 0.1 * bytes + report.cachedBytes(), own::toString);
    }
  }

  private static double shown(HeapStrip strip) {
    return strip.cellBytes()
        * strip
            .cells()
            .chars()
            .filter(cell -> cell >= '1' && cell <= '9')
            .mapToDouble(cell -> cell == '9' ? 0.95 : (cell - '0') / 10.0)
            .sum();
  }
}
