package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.leakwatch.CTarget;
import io.leakwatch.LiveCgroup;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the figures of a sample cost that are read without any lock of the target, and what it costs
 * to count mappings:
 *
 * <pre>mvn -o test -Dtest=LimitsBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
final class LimitsBenchmark {
  private static final int ROUNDS = 2_001;
  private static final int ROUNDS_APART = 41;

  /** Longer than what was read of the node and of cgroups is taken for fresh. */
  private static final Duration APART = Duration.ofMillis(550);

  @Test
  void costOfASample() {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    ProcFs node = ProcFs.live();
    try (LiveCgroup slice = LiveCgroup.make();
        LiveCgroup service = slice.child("service");
        CTarget target = CTarget.start("resource_user")) {
      target.awaitLine("ready");
      target.send("descriptors 3000");
      target.awaitLine("done");
      service.take(target.pid());
      measure(node, target, "no limit of its cgroups");
      slice.limitMemory(4L << 30);
      service.limitMemory(2L << 30);
      service.limitThreads(1000);
      measure(node, target, "two limits of memory, one of threads");
      for (int mappings : new int[] {300, 3_000, 30_000}) {
        target.send("mappings " + mappings);
        target.awaitLine("done");
        try (ProcessReader reader = open(node, target)) {
          int counted = value(reader.countMappings(ReadMeter.UNPACED));
          report(
              "counting " + counted + " mappings",
              micros(101, Duration.ZERO, () -> value(reader.countMappings(ReadMeter.UNPACED))));
        }
      }
      target.close();
    }
  }

  private static ProcessReader open(ProcFs node, CTarget target) {
    return value(node.open(value(node.identify(target.pid())).id()));
  }

  private static void measure(ProcFs node, CTarget target, String what) {
    try (ProcessReader reader = open(node, target)) {
      Status status = value(reader.status());
      Runnable limits = () -> value(reader.limits(status, 300));
      report("counters", micros(ROUNDS, Duration.ZERO, () -> value(reader.status())));
      report("descriptors", micros(ROUNDS, Duration.ZERO, reader::descriptorsTold));
      report("limits, " + what, micros(ROUNDS, Duration.ZERO, limits));
      report("limits, " + what + ", first of a round", micros(ROUNDS_APART, APART, limits));
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      limits.run();
      System.out.println(threads.getCurrentThreadAllocatedBytes() - before + " bytes allocated");
    }
  }

  private static void report(String what, double median) {
    System.out.printf(Locale.ROOT, "%s: %.1f us%n", what, median);
  }

  /** The median. */
  private static double micros(int rounds, Duration pause, Runnable read) {
    double[] micros = new double[rounds];
    for (int warm = pause.isZero() ? 0 : 2; warm < 3; warm++) {
      for (int i = 0; i < rounds; i++) {
        LockSupport.parkNanos(pause.toNanos());
        long before = System.nanoTime();
        read.run();
        micros[i] = (System.nanoTime() - before) / 1e3;
      }
    }
    Arrays.sort(micros);
    return micros[rounds / 2];
  }
}
