package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The walk against what programs of many habits say of themselves by {@code malloc_info}. What that
 * has of the main arena beyond its chunks are fence posts, to the byte: with {@code hugetlb=2} on a
 * machine that keeps no huge pages ready every 132 KiB end in some.
 */
class UnseenProgramsTest {
  @ParameterizedTest
  @CsvSource({
    "plain, 0, ''",
    "aligned, 0, ''",
    "grown, 0, ''",
    "tuned, 0, ''",
    "huge, 0, ''",
    "threads, 0, ''",
    "threads, 0, glibc.malloc.arena_max=1",
    "manyarenas, 0, glibc.malloc.arena_max=64",
    "sbrk, 500160, ''",
    "blocked, 0, ''",
    "released, 0, ''",
    "full, 0, ''",
    "plain, 0, glibc.malloc.tcache_count=0",
    "threads, 0, glibc.malloc.tcache_count=0",
    "plain, 0, glibc.malloc.mxfast=160:glibc.malloc.tcache_count=2",
    "plain, 0, glibc.malloc.top_pad=10000000:glibc.malloc.mmap_threshold=4000",
    "plain, 0, glibc.malloc.hugetlb=1",
    "manyarenas, 0, glibc.malloc.hugetlb=1",
    "plain, 0, glibc.malloc.hugetlb=2",
    "manyarenas, 0, glibc.malloc.hugetlb=2"
  })
  void shouldAgreeWithMallocInfoToTheByte(String mode, long foreignBytes, String tunables) {
    try (LiveHeap live = start("", mode, tunables)) {
      MallocInfo truth = MallocInfo.ask(live.target);
      HeapReport report = live.walk();
      Agreement.assertExact(truth, report, true, foreignBytes + FencePosts.bytes(live));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "aligned", "blocked", "released", "manyarenas"})
  void shouldAgreeInAProgramLinkedStatically(String mode) {
    try (LiveHeap live = start("-static", mode, "")) {
      MallocInfo truth = MallocInfo.ask(live.target);
      HeapReport report = live.walk();
      Agreement.assertExact(truth, report, true, FencePosts.bytes(live));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "plain, ''",
    "aligned, ''",
    "grown, ''",
    "sbrk, ''",
    "blocked, ''",
    "released, ''",
    "threads, ''",
    "plain, glibc.malloc.hugetlb=1"
  })
  void shouldPredictWhatMallocTrimGivesBack(String mode, String tunables) {
    try (LiveHeap live = start("", mode, tunables)) {
      long predicted = HeapTotals.of(live.walk()).trimmableBytes();
      live.target.send("trim");
      String[] words = live.target.awaitLine("trim").split(" ");
      long lost = Long.parseLong(words[1]) - Long.parseLong(words[2]);
      assertEquals(lost, predicted, lost * 0.02);
    }
  }

  @Test
  void shouldLookIntoAForkedChild() {
    try (CTarget parent = CTarget.start("heapchurn", "forked")) {
      int pid = Integer.parseInt(parent.awaitLine("ready").split(" ")[1]);
      LiveHeap live = new LiveHeap(parent, pid, Defaults.WALK);
      Agreement.assertExact(MallocInfo.ask(parent), live.walk(), true);
      live.process.close();
      parent.send("");
    }
  }

  private static LiveHeap start(String flag, String mode, String tunables) {
    Map<String, String> environment =
        tunables.isEmpty() ? Map.of() : Map.of("GLIBC_TUNABLES", tunables);
    String[] flags = flag.isEmpty() ? new String[0] : new String[] {flag};
    CTarget target = CTarget.start(environment, CTarget.compile("heapchurn", flags), mode);
    target.awaitLine("ready");
    return new LiveHeap(target);
  }
}
