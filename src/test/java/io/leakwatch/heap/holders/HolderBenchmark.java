package io.leakwatch.heap.holders;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a search for holders costs, beside what any reader of the same pages pays. Run it by {@code
 * mvn test -Dtest=HolderBenchmark -Dtest.excludedGroups=none}.
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class HolderBenchmark {
  private static final int ROUNDS = 5;
  private static final int SAMPLE = 1000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @CsvSource({"vector,10000000", "sessions,11000000", "list,12000000", "lost-list,12000000"})
  void searchOfAGigabyte(String mode, int count) {
    try (HolderTarget target = HolderTarget.start(mode, count);
        CTarget floor =
            CTarget.start("heapfloor", Integer.toString(target.live.target.pid()), "9")) {
      double[] floorRates = new double[9];
      for (int i = 0; i < floorRates.length; i++) {
        String[] words = floor.awaitLine("floor").split(" ", -1);
        floorRates[i] = Double.parseDouble(words[2]) / Double.parseDouble(words[1]) / 1e9;
      }
      HolderSettings once =
          Defaults.with(
                  "diagnosis.holders { passes-max = 1, bytes-max = 1 TiB, bytes-per-second-max = 1 TiB }")
              .diagnosis()
              .holders();
      double[] scanRates = new double[ROUNDS];
      double[] seconds = new double[ROUNDS];
      HolderReport report = null;
      for (int i = 0; i < ROUNDS; i++) {
        long[] end = new long[1];
        long start = THREADS.getCurrentThreadCpuTime();
        HolderReport scan =
            target.search(
                SAMPLE,
                once,
                (pass, done, total) -> end[0] = THREADS.getCurrentThreadCpuTime(),
                bytes -> {});
        scanRates[i] = scan.search().searchedBytes() / (double) (end[0] - start);
        start = THREADS.getCurrentThreadCpuTime();
        report = target.search(SAMPLE);
        seconds[i] = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
      }
      assertTrue(report != null && report.groups().size() == 1);
      double floorRate = median(floorRates);
      double scanRate = median(scanRates);
      print(
          "%s: %.2f GB, floor %.2f GB/s, scan %.2f GB/s (%.2f x), search %.2f s (first %.2f s), "
              + "%d passes, unreferenced %.3f, %s",
          mode,
          report.search().searchedBytes() / 1e9,
          floorRate,
          scanRate,
          floorRate / scanRate,
          median(seconds),
          seconds[0],
          report.search().passes(),
          report.groups().get(0).unreferencedFraction(),
          report.groups().get(0).holders().stream().limit(2).toList());
    }
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
