package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a walk leaves swapped and lazily freed pages as they are; swap needs root. */
class PagedHeapTest {
  private static final List<String> FIGURES = List.of("VmRSS", "VmSwap", "VmPTE", "VmSize");
  private static final int SWAP_BYTES = 64 << 20;

  @TempDir Path folder;
  private boolean swapping;

  @AfterEach
  void swapOff() {
    if (swapping) {
      assertTrue(run("swapoff", folder.resolve("swap").toString()));
    }
  }

  @Test
  void shouldWalkPastLazilyFreedPagesAndLeaveThemSo() {
    try (LiveHeap live = start()) {
      long lazyBefore = lazyFreeBytes(live);
      assertTrue(lazyBefore >= 1 << 20, () -> lazyBefore + " bytes lazily freed");
      List<Long> before = FIGURES.stream().map(live::status).toList();
      live.walk();
      assertEquals(before, FIGURES.stream().map(live::status).toList());
      // The kernel marks pages in batches, so a few may follow.
      assertTrue(lazyFreeBytes(live) >= lazyBefore);
    }
  }

  /** 64 chunks of 1 MiB, of each of which one page is written to. */
  @ParameterizedTest
  @ValueSource(strings = {"mmap", "arena"})
  void shouldTellWhatWasAskedForFromWhatWasTouched(String where) {
    CTarget target = CTarget.start("reserver", where);
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      HeapReport report = live.walk();
      long inUse = HeapTotals.of(report).inUseBytes();
      assertTrue(inUse >= 64 << 20, report::toString);
      assertEquals(64L << 20, inUse, 1 << 20);
      assertTrue(report.untouchedBytes() >= 62 << 20, report::toString);
      assertTrue(report.inUseBytes() < 2 << 20, report::toString);
    }
  }

  @Test
  void shouldWalkASwappedHeapInPartAndSaySo() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can add swap");
    Path file = Files.write(folder.resolve("swap"), new byte[SWAP_BYTES]);
    swapping =
        run("chmod", "600", file.toString())
            && run("mkswap", file.toString())
            && run("swapon", file.toString());
    assumeTrue(swapping, "this machine or file system takes no swap file");
    try (LiveHeap live = start()) {
      List<Long> before = FIGURES.stream().map(live::status).toList();
      assumeTrue(before.get(1) > 4096, "the kernel kept the pages: " + before);
      HeapReport report = live.walk();
      assertEquals(before, FIGURES.stream().map(live::status).toList());
      assertTrue(
          report.walk().coverage() > 0.2 && report.walk().coverage() < 0.8, report::toString);
      HeapReport.Arena main = report.arenas().get(0);
      assertEquals(
          main.totals().systemBytes(),
          main.totals().inUseBytes()
              + main.totals().freeBytes()
              + main.totals().topBytes()
              + main.unknownBytes());
      assertTrue(report.walk().notes().stream().anyMatch(note -> note.contains("swapped out")));
    }
  }

  private static LiveHeap start() {
    CTarget target = CTarget.start("heapchurn", "paged");
    target.awaitLine("ready");
    return new LiveHeap(target);
  }

  private static long lazyFreeBytes(LiveHeap live) {
    return LiveHeap.value(live.process.smaps(new MappingTable(), ReadMeter.UNPACED))
        .total(Field.LAZY_FREE);
  }

  private static boolean run(String... command) {
    return Tool.run("", List.of(command)).status() == 0;
  }
}
