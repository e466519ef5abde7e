package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;

import com.sun.management.ThreadMXBean;
import io.leakwatch.CTarget;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the figures of a sample cost that are read without any lock of the target:
 *
 * <pre>mvn -o test -Dtest=LimitsBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
final class LimitsBenchmark {
  private static final int ROUNDS = 2_001;

  @Test
  void costOfASample() {
    ProcFs node = ProcFs.live();
    try (CTarget target = CTarget.start("many_mappings", "300")) {
      target.awaitLine("ready");
      try (ProcessReader reader = value(node.open(value(node.identify(target.pid())).id()))) {
        Status status = value(reader.status());
        System.out.println(value(reader.limits(status, 300)));
        measure("counters", () -> value(reader.status()));
        measure("limits", () -> value(reader.limits(status, 300)));
      }
    }
  }

  /** Prints the median and the bytes of garbage. */
  private static void measure(String what, Runnable read) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double[] micros = new double[ROUNDS];
    for (int warm = 0; warm < 3; warm++) {
      for (int i = 0; i < ROUNDS; i++) {
        long before = System.nanoTime();
        read.run();
        micros[i] = (System.nanoTime() - before) / 1e3;
      }
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    read.run();
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    Arrays.sort(micros);
    System.out.printf(
        Locale.ROOT, "%s: %.1f us, %d bytes allocated%n", what, micros[ROUNDS / 2], bytes);
  }
}
