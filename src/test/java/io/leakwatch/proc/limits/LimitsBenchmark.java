package io.leakwatch.proc.limits;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.LiveCgroup;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.ReadBuffers;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the figures of a sample cost that are read without any lock of the target, and what it costs
 * to count mappings:
 *
 * <pre>mvn -o test -Dtest=LimitsBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class LimitsBenchmark {
  private static final int ROUNDS = 2_001;

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
              micros(101, () -> value(reader.countMappings(ReadMeter.UNPACED))));
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
      report("counters", micros(ROUNDS, () -> value(reader.status())));
      report("descriptors", micros(ROUNDS, reader::descriptorsTold));
      report("limits, " + what + ", first of a round", micros(ROUNDS, anew(node, reader, status)));
      Runnable limits = () -> value(reader.limits(status, 300));
      report("limits, " + what + ", just after", micros(ROUNDS, limits));
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      limits.run();
      System.out.println(threads.getCurrentThreadAllocatedBytes() - before + " bytes allocated");
    }
  }

  /**
   * Looks as if each were a second after the one before, at a process that was started long ago.
   */
  private static Runnable anew(ProcFs node, ProcessReader reader, Status status) {
    Path proc = node.procRoot();
    Path directory = node.directory(reader.id().pid());
    ReadBuffers buffers = new ReadBuffers();
    CgroupLineage cgroups =
        new CgroupLineage(
            node.cgroupRoot(), directory, new CgroupNamespace(proc), new CgroupFigures());
    LimitReader limits =
        new LimitReader(proc, new NodeFigures(proc), cgroups, new ResourceLimits(directory), 1);
    long[] nanos = {System.nanoTime()};
    return () -> {
      nanos[0] += 1_000_000_000;
      limits.read(status, 300, reader.descriptorsTold(), buffers, nanos[0]);
    };
  }

  private static void report(String what, double median) {
    System.out.printf(Locale.ROOT, "%s: %.1f us%n", what, median);
  }

  /** The median. */
  private static double micros(int rounds, Runnable read) {
    double[] micros = new double[rounds];
    for (int warm = 0; warm < 4; warm++) {
      for (int i = 0; i < rounds; i++) {
        long before = System.nanoTime();
        read.run();
        micros[i] = (System.nanoTime() - before) / 1e3;
      }
    }
    Arrays.sort(micros);
    return micros[rounds / 2];
  }
}
