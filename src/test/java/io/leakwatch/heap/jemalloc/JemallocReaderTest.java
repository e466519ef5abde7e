package io.leakwatch.heap.jemalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.elf.Linkage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFill;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.Layout;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.kind.RegionKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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
      assertFill(0.8, assertAgreement(target, "refresh"));
      assertFill(0.8, assertAgreement(target, "free")); // It frees whole slabs.
    }
  }

  /**
   * Free pages decay and caches fill when jemalloc sees fit: both are asked until nothing moved.
   */
  private static JemallocReport assertAgreement(CTarget target, String command) {
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
    assertEquals("5.3.0", report.recognition().version());
    assertEquals(1.0, report.recognition().selfCheck());
    Balance balance = report.balance();
    long census = report.census().stream().mapToLong(SizeClass::bytes).sum();
    assertEquals(balance.bytes(Balance.Part.LIVE) + balance.bytes(Balance.Part.UNTOUCHED), census);
    return report;
  }

  /** Of what it allocated it frees each fifth block, then one half in one piece. */
  private static void assertFill(double share, JemallocReport report) {
    long[] bytes = new long[2];
    double[] middle = new double[2];
    for (SlabFill fill : report.slabFill()) {
      bytes[0] += fill.classBytes() * fill.live();
      bytes[1] += fill.capacityBytes();
      for (int i = 0; i < SlabFill.BUCKETS; i++) {
        middle[0] += fill.histogram().get(i) * (i + 0.5) / SlabFill.BUCKETS;
        middle[1] += fill.histogram().get(i);
      }
      assertEquals(
          fill.slabs(), fill.histogram().stream().mapToLong(Long::longValue).sum(), fill::toString);
    }
    assertEquals(share, (double) bytes[0] / bytes[1], 0.05);
    assertEquals(share, middle[0] / middle[1], 0.1);
  }

  @ParameterizedTest
  @CsvSource({"preloaded, 4", "-no-pie, 2"})
  void shouldShowEachObjectInUseAndNoneThatIsFreeOrCached(String how, int threads) {
    try (CTarget target = start(how, threads, "caches")) {
      target.send("list");
      List<String> list = List.of(target.awaitLine("list").split(" "));
      int freed = list.indexOf("freed");
      Listing listing = new Listing();
      JemallocReport report = read(target, listing);
      assertEquals(1.0, report.coverage());
      for (String block : list.subList(1, freed)) {
        String[] parts = block.split(":");
        assertEquals(
            Long.valueOf(parts[1], 16), listing.live.get(Long.valueOf(parts[0], 16)), block);
      }
      for (String address : list.subList(freed + 1, list.size())) {
        assertFalse(listing.live.containsKey(Long.valueOf(address, 16)), address);
      }
      assertEquals(report.objects(), listing.live.size());
      Balance balance = report.balance();
      assertTrue(balance.bytes(Balance.Part.CACHED) > 0, balance::toString);
      assertEquals(
          balance.bytes(Balance.Part.LIVE) + balance.bytes(Balance.Part.UNTOUCHED),
          listing.live.values().stream().mapToLong(Long::longValue).sum());
      assertEquals(List.of(), report.notes());
    }
  }

  /** Releases and builds that no package brings: laid out as their sources say. */
  @ParameterizedTest
  @CsvSource({
    "tree 48 12 5.0, 5.0",
    "tree 48 12 5.1, 5.1-5.2",
    "tree 57 12 5.0, 5.0",
    "tree 57 12 5.1, 5.1-5.2",
    "tree 57 12 5.3, 5.3",
    "tree 48 14 5.3, 5.3",
    "tree 48 16 5.1, 5.1-5.2",
    "tree 57 14 5.3, 5.3",
    "tree 57 16 5.3, 5.3",
    "chunks 3.6, 3.6",
    "chunks 3.6p, 3.6",
    "chunks 4.5, 4.4-4.5"
  })
  void shouldReadOtherReleasesAndBuilds(String layout, String generation) {
    Path program = CTarget.compile("jemalloc_layouts");
    try (CTarget target = CTarget.start(Map.of(), program, layout.split(" "))) {
      String[] truth = target.awaitLine("ready").split(" ");
      Listing listing = new Listing();
      JemallocReport report = read(target, listing);
      assertEquals(generation, report.layout());
      assertEquals(1.0, report.coverage());
      assertEquals(1.0, report.recognition().selfCheck());
      JemallocReport.Arena total = report.total();
      assertEquals(Long.parseLong(truth[1]), total.allocatedBytes());
      assertEquals(Long.parseLong(truth[2]), total.allocations());
      assertEquals(Long.parseLong(truth[3]), total.activeBytes());
      assertEquals(Long.parseLong(truth[4]), total.dirtyBytes());
      assertEquals(total.allocations(), listing.live.size());
    }
  }

  /** What is in use, as a visitor learns it. */
  private static final class Listing implements ObjectVisitor {
    private final Map<Long, Long> live = new HashMap<>();
    private long last;

    @Override
    public void object(long address, long bytes, boolean inUse) {
      assertTrue(address >= last, "in the order of addresses");
      last = address + bytes;
      if (inUse) {
        live.put(address, bytes);
      }
    }

    @Override
    public void cached(long address, long bytes) {
      assertEquals(bytes, live.remove(address));
    }
  }

  @Test
  void shouldExplainTheResidentMemoryOfABusyProgram() {
    try (CTarget target = start("preloaded", 4, "busy")) {
      ProcFs proc = ProcFs.live();
      MappingTable table = new MappingTable();
      try (ProcessReader process =
          LiveHeap.value(proc.open(LiveHeap.value(proc.identify(target.pid())).id()))) {
        LiveHeap.value(process.smaps(table, ReadMeter.UNPACED));
      }
      Layout layout = Classifier.layout(table, MemoryProbe.NONE, Linkage.UNKNOWN);
      long resident = layout.totals(RegionKind.JEMALLOC).residentBytes();
      JemallocReport report = read(target);
      assertTrue(report.coverage() > 0.99, () -> report.recognition().toString());
      long explained = report.balance().residentBytes() + report.foreignBytes();
      assertEquals(resident, explained, resident * 0.02, () -> report.balance().toString());
    }
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
      assertEquals("jemalloc: layout not recognised", report.notes().get(0));
    }
  }

  private static CTarget start(String how, int threads) {
    return start(how, threads, "still");
  }

  private static CTarget start(String how, int threads, String manner) {
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
    CTarget target = CTarget.start(environment, program, Integer.toString(threads), manner);
    target.awaitLine("ready");
    return target;
  }

  private static JemallocReport read(CTarget target) {
    return read(target, ObjectVisitor.NONE);
  }

  private static JemallocReport read(CTarget target, ObjectVisitor visitor) {
    return LiveHeap.read(target.pid(), new JemallocReader(Defaults.WALK), visitor);
  }
}
