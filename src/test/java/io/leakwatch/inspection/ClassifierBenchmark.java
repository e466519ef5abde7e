package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.leakwatch.elf.Linkage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.Layout;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.RegionMap;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What classification takes beside the reading, in processor time and in garbage:
 *
 * <pre>mvn -o test -Dtest=ClassifierBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class ClassifierBenchmark {
  private static final int ROUNDS = 41;

  private final ProcFs node = ProcFs.live();
  private final MappingTable table = new MappingTable();
  private final Classifier classifier = new Classifier(ClassifierSettings.DEFAULTS);
  private final RegionMap regions = new RegionMap();

  @Test
  void costOfAClassification() {
    for (String mappings : new String[] {"300", "3000", "30000"}) {
      try (CTarget target = CTarget.start("many_mappings", mappings)) {
        target.awaitLine("ready");
        measure(mappings + " mappings, small", target);
      }
    }
    try (CTarget target = CTarget.start("mixed_regions")) {
      target.awaitLine("ready");
      measure("arenas and others", target);
    }
  }

  private void measure(String what, CTarget target) {
    try (ProcessReader reader = value(node.id(target.pid()).flatMap(node::open))) {
      value(reader.smaps(table, ReadMeter.UNPACED));
      measure(what + ", memory not read", MemoryProbe.NONE);
      measure(what + ", memory read", new RemoteProbe(reader.memory()));
    }
  }

  private void measure(String what, MemoryProbe probe) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double[] millis = new double[ROUNDS];
    double[] bytes = new double[ROUNDS];
    for (int round = -ROUNDS; round < ROUNDS; round++) {
      long bytesBefore = threads.getCurrentThreadAllocatedBytes();
      long before = threads.getCurrentThreadCpuTime();
      Layout layout = classifier.classify(table, probe, Linkage.UNKNOWN, regions).layout();
      long after = threads.getCurrentThreadCpuTime();
      assertEquals(table.size(), layout.mappingCount());
      if (round >= 0) {
        millis[round] = (after - before) / 1e6;
        bytes[round] = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
      }
    }
    Arrays.sort(millis);
    Arrays.sort(bytes);
    System.out.printf(
        Locale.ROOT,
        "%s: %.2f ms (worst %.2f), %.0f kB allocated%n",
        what,
        millis[ROUNDS / 2],
        millis[ROUNDS - 1],
        bytes[ROUNDS / 2] / 1000);
  }

  private static <T> T value(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new AssertionError(outcome);
  }
}
