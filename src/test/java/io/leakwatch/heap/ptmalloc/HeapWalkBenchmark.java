package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a walk costs, beside what any reader of the same pages pays. Run it by {@code mvn test
 * -Dtest=HeapWalkBenchmark -Dtest.excludedGroups=none}.
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class HeapWalkBenchmark {
  private static final int ROUNDS = 15;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void walkOfAGigabyteOfHundredByteBlocks() {
    try (LiveHeap live = LiveHeap.start("uniform", 0, 1024);
        CTarget floor = CTarget.start("heapfloor", Integer.toString(live.target.pid()), "9")) {
      double[] floorSeconds = new double[9];
      double bytes = 0;
      for (int i = 0; i < floorSeconds.length; i++) {
        String[] words = floor.awaitLine("floor").split(" ", -1);
        floorSeconds[i] = Double.parseDouble(words[1]);
        bytes = Double.parseDouble(words[2]);
      }
      double[] walkSeconds = new double[ROUNDS];
      long allocated = 0;
      for (int i = 0; i < ROUNDS; i++) {
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        long before = THREADS.getCurrentThreadCpuTime();
        HeapReport report = live.walk();
        walkSeconds[i] = (THREADS.getCurrentThreadCpuTime() - before) / 1e9;
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        assertEquals(1.0, report.walk().coverage());
      }
      double first = walkSeconds[0];
      double floorMedian = median(floorSeconds);
      double walkMedian = median(walkSeconds);
      print(
          "floor %.3f s (%.2f GB/s)  walk %.3f s (%.2f GB/s, first %.3f s)  %.2f x  %d kB allocated",
          floorMedian,
          bytes / floorMedian / 1e9,
          walkMedian,
          bytes / walkMedian / 1e9,
          first,
          walkMedian / floorMedian,
          allocated >> 10);
    }
  }

  @Test
  void throughputOfTheTargetBesideAWalkASecond() throws InterruptedException {
    try (LiveHeap live = LiveHeap.start("storm", 2, 0)) {
      live.walk();
      for (int i = 0; i < 3; i++) {
        double alone = operationsPerCpuSecond(live, false);
        double walked = operationsPerCpuSecond(live, true);
        print("alone %.3f M/s  with a walk a second %.3f M/s", alone / 1e6, walked / 1e6);
      }
    }
  }

  private static double operationsPerCpuSecond(LiveHeap live, boolean walking)
      throws InterruptedException {
    long before = operations(live);
    long cpuBefore = cpuNanos(live);
    for (int second = 0; second < 5; second++) {
      long started = System.nanoTime();
      if (walking) {
        live.walk();
      }
      long left = TimeUnit.SECONDS.toNanos(1) - (System.nanoTime() - started);
      TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
    }
    return (operations(live) - before) * 1e9 / (cpuNanos(live) - cpuBefore);
  }

  private static long operations(LiveHeap live) {
    live.target.send("ops");
    return Long.parseLong(live.target.awaitLine("ops").substring(4));
  }

  private static long cpuNanos(LiveHeap live) {
    return ProcessHandle.of(live.target.pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow()
        .toNanos();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
