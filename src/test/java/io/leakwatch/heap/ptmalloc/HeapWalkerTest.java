package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.proc.file.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeapWalkerTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void shouldAgreeWithMallocInfoToTheByteWhenQuiet(int threads) {
    try (LiveHeap live = LiveHeap.start("mixed", threads, 0)) {
      MallocInfo truth = MallocInfo.ask(live.target);
      Agreement.assertExact(truth, live.walk(), true);
    }
  }

  @ParameterizedTest
  @CsvSource({"-static,0", "-static,2", "-static-pie,2"})
  void shouldAgreeWithMallocInfoInAProgramLinkedStatically(String flag, int threads) {
    String count = Integer.toString(threads);
    try (CTarget target =
        CTarget.start(Map.of(), CTarget.compile("heaptruth", flag), "mixed", count, "0")) {
      target.awaitLine("ready");
      LiveHeap live = new LiveHeap(target);
      Agreement.assertExact(MallocInfo.ask(target), live.walk(), true);
      live.process.close();
    }
  }

  @Test
  void shouldStayCompleteWhileSixThreadsAllocateAtFullSpeed() {
    try (LiveHeap live = LiveHeap.start("storm", 6, 0)) {
      List<HeapReport> walks = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        walks.add(live.walk());
      }
      live.target.send("quiet");
      live.target.awaitLine("quiet");
      long quietBytes = Agreement.inUseAndCached(live.walk());
      for (HeapReport walk : walks) {
        assertTrue(walk.walk().coverage() >= 0.99, () -> "coverage " + walk.walk().coverage());
        assertEquals(quietBytes, Agreement.inUseAndCached(walk), quietBytes * 0.03);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"holes,0", "holes,3", "mixed,3", "pinned,2", "pinned,0"})
  void shouldPredictWhatMallocTrimGivesBack(String mode, int threads) {
    try (LiveHeap live = LiveHeap.start(mode, threads, 32)) {
      live.target.send("quiet");
      live.target.awaitLine("quiet");
      long predicted =
          live.walk().arenas().stream().mapToLong(arena -> arena.totals().trimmableBytes()).sum();
      live.target.send("trim");
      String[] words = live.target.awaitLine("trim").split(" ");
      long lost = Long.parseLong(words[1]) - Long.parseLong(words[2]);
      assertTrue(lost > 1 << 20, "a trim that shows: " + lost);
      assertEquals(lost, predicted, lost * 0.02);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldNameTheChunkThatPinsTheHeap(int threads) {
    CTarget target = CTarget.start("heaptruth", "pinned", Integer.toString(threads), "100");
    List<Long> pins = new ArrayList<>();
    for (int i = 0; i < Math.max(1, threads); i++) {
      pins.add(Long.decode(target.awaitLine("pin").split(" ")[1]));
    }
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      List<HeapReport.Arena> arenas =
          live.walk().arenas().stream().filter(a -> a.main() == (threads == 0)).toList();
      assertEquals(pins.size(), arenas.size());
      for (HeapReport.Arena arena : arenas) {
        HeapReport.Pin pin = arena.pin();
        assertTrue(pin != null && pins.contains(pin.address()), () -> "pin " + pin);
        assertEquals(1008, pin.chunkBytes());
        assertTrue(pin.content().startsWith("\"aaaaaaa-\" \"0000\""), pin.content());
        assertEquals((102_400 - 1 - 7) * 1008, arena.totals().pinnedBytes()); // 7 are in the tcache
        assertTrue(pin.freedByReleaseBytes() > 32L << 20);
      }
    }
  }

  @Test
  void shouldTellWhatTheReleaseOfThePinWouldFree() {
    CTarget target = CTarget.start("heaptruth", "pinned", "0", "20");
    target.awaitLine("ready");
    try (LiveHeap live = new LiveHeap(target)) {
      HeapReport.Arena before = live.walk().arenas().get(0);
      HeapReport.Pin pin = before.pin();
      target.send("release");
      target.awaitLine("released");
      HeapReport.Arena after = live.walk().arenas().get(0);
      long shrunk = before.totals().systemBytes() - after.totals().systemBytes();
      assertTrue(pin != null && pin.freedByReleaseBytes() > 20_000_000, () -> "pin " + pin);
      assertEquals(
          shrunk + after.totals().topBytes() - before.totals().topBytes(),
          pin.freedByReleaseBytes());
    }
  }

  @Test
  void shouldLeaveNoTraceInTheTarget() {
    try (LiveHeap live = LiveHeap.start("mixed", 3, 0)) {
      live.target.send("trim"); // leaves absent pages inside the heaps
      live.target.awaitLine("trim");
      live.target.send("quiet");
      live.target.awaitLine("quiet");
      List<String> figures = List.of("VmRSS", "VmSwap", "VmPTE", "TracerPid", "VmSize");
      List<Long> before = figures.stream().map(live::status).toList();
      assertTrue(live.walk().walk().coverage() > 0.9999);
      assertEquals(before, figures.stream().map(live::status).toList());
      assertEquals(0, live.status("TracerPid"));
    }
  }

  @Test
  void shouldSayThatTheProcessIsGone() {
    LiveHeap live = LiveHeap.start("uniform", 0, 1);
    live.walk();
    live.target.close();
    assertInstanceOf(Outcome.Vanished.class, live.tryWalk());
    live.process.close();
  }
}
