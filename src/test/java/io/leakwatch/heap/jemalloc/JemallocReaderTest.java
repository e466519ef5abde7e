package io.leakwatch.heap.jemalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of jemalloc against what its mallctl says in the target itself. */
class JemallocReaderTest {
  private static final int ATTEMPTS = 20;
  private static final Path LIBRARY = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");
  private static final Path ARCHIVE = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.a");

  @ParameterizedTest
  @CsvSource({"preloaded, 1", "preloaded, 6", "linked, 3", "-pie, 3", "-no-pie, 3"})
  void shouldAgreeWithMallctl(String how, int threads) {
    try (CTarget target = start(how, threads)) {
      assertAgreement(target, "refresh");
      assertAgreement(target, "free");
    }
  }

  /**
   * Free pages decay and caches fill when jemalloc sees fit: both are asked until nothing moved.
   */
  private static void assertAgreement(CTarget target, String command) {
    String before = truth(target, command);
    JemallocReport report = read(target);
    String after = truth(target, "refresh");
    for (int i = 0; i < ATTEMPTS && !(after.equals(before) && agrees(report, after)); i++) {
      before = after;
      report = read(target);
      after = truth(target, "refresh");
    }
    assertEquals(before, after);
    String[] truth = after.split(" ");
    assertEquals("5.3", report.layout(), report.notes()::toString);
    assertEquals(1.0, report.coverage());
    JemallocReport.Arena total = report.total();
    assertEquals(Long.parseLong(truth[1]), total.allocatedBytes());
    assertEquals(Long.parseLong(truth[2]), total.activeBytes());
    assertEquals(Long.parseLong(truth[3]), total.dirtyBytes());
    assertEquals(Long.parseLong(truth[4]), total.muzzyBytes());
    assertEquals(Long.parseLong(truth[5]), total.retainedBytes());
    long census = report.census().stream().mapToLong(SizeClass::bytes).sum();
    assertEquals(total.allocatedBytes(), census);
  }

  /** A thread that fills its cache meanwhile is seen half way. */
  private static boolean agrees(JemallocReport report, String truth) {
    return report.total().allocatedBytes() == Long.parseLong(truth.split(" ")[1]);
  }

  private static String truth(CTarget target, String command) {
    target.send(command);
    return target.awaitLine("truth");
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoJemalloc() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      JemallocReport report = read(target);
      assertTrue(report.arenas().isEmpty());
      assertEquals("jemalloc's structures were not found", report.notes().get(0));
    }
  }

  private static CTarget start(String how, int threads) {
    Map<String, String> environment = Map.of();
    Path program;
    if (how.endsWith("pie")) {
      assumeTrue(Files.exists(ARCHIVE), "no libjemalloc-dev");
      String[] flags = {how, ARCHIVE.toString(), "-lstdc++", "-lm"};
      program = CTarget.compile("jemalloc_truth", flags);
    } else {
      assumeTrue(Files.exists(LIBRARY), "no libjemalloc2");
      boolean linked = how.equals("linked");
      program =
          linked
              ? CTarget.compile("jemalloc_truth", LIBRARY.toString())
              : CTarget.compile("jemalloc_truth");
      environment = linked ? Map.of() : Map.of("LD_PRELOAD", LIBRARY.toString());
    }
    CTarget target = CTarget.start(environment, program, Integer.toString(threads));
    target.awaitLine("ready");
    return target;
  }

  private static JemallocReport read(CTarget target) {
    ProcFs proc = ProcFs.live();
    MappingTable table = new MappingTable();
    try (ProcessReader process =
        LiveHeap.value(proc.open(LiveHeap.value(proc.identify(target.pid())).id()))) {
      LiveHeap.value(process.maps(table, ReadMeter.UNPACED));
      return LiveHeap.value(
          OwnerTarget.of(process, table, ReadMeter.UNPACED, ReadPace.UNPACED)
              .flatMap(seen -> new JemallocReader(Defaults.WALK).read(seen, ObjectVisitor.NONE)));
    }
  }
}
