package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.config.Defaults;
import io.leakwatch.elf.ElfImage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.jemalloc.JemallocReader;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that a walk does, over a real process' memory with damage in it: arenas, free lists,
 * tcaches, parameters and chunks that lie. Whatever they say, the walk ends, and its figures are
 * figures.
 */
class DamagedProcessTest {
  private static final Path JEMALLOC = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");

  private static Snapshot ptmalloc;
  private static Snapshot jemalloc;
  private static Snapshot chunks;
  private static long[] places;

  /** A process' memory at one time. */
  private record Snapshot(
      DamagedMemory memory, MappingTable table, List<ArenaFinder.Anchor> anchors) {}

  @BeforeAll
  static void takeSnapshots() {
    try (CTarget target = CTarget.start("heapchurn", "few")) {
      target.awaitLine("ready");
      ptmalloc = snapshot(target.pid());
    }
    Path layouts = CTarget.compile("jemalloc_layouts");
    try (CTarget target = CTarget.start(Map.of(), layouts, "chunks", "3.6")) {
      target.awaitLine("ready");
      chunks = snapshot(target.pid());
    }
    places = interesting(walk(ptmalloc.memory().whole()));
    if (Files.exists(JEMALLOC)) {
      Path program = CTarget.compile("jemalloc_truth");
      try (CTarget target =
          CTarget.start(Map.of("LD_PRELOAD", JEMALLOC.toString()), program, "1")) {
        target.awaitLine("ready");
        jemalloc = snapshot(target.pid());
      }
    }
  }

  private static Snapshot snapshot(int pid) {
    ProcFs proc = ProcFs.live();
    MappingTable table = new MappingTable();
    try (ProcessReader process =
        LiveHeap.value(proc.open(LiveHeap.value(proc.identify(pid)).id()))) {
      LiveHeap.value(process.maps(table, ReadMeter.UNPACED));
      return new Snapshot(
          DamagedMemory.of(process, table),
          table,
          MainArenaFile.anchors(AddressSpace.of(table), table, process.files()));
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  @Test
  void shouldWalkTheSnapshotWhole() {
    HeapReport report = walk(ptmalloc.memory().whole());
    assertEquals(3, report.arenas().size());
    assertEquals(1.0, report.walk().coverage());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndWithFiguresWhateverTheStructuresSay(int seed) {
    Random random = new Random(seed);
    DamagedMemory memory = ptmalloc.memory().whole();
    for (int i = 0; i < 1 + seed; i++) {
      long at = places[random.nextInt(places.length)] + 8L * random.nextInt(300);
      memory.change(at, lie(random.nextInt(5), random.nextLong(), memory.word(at), places));
    }
    assertSound(walk(memory), memory);
  }

  @FuzzTest(maxDuration = "2m")
  void shouldEndWithFiguresWhateverIsDamaged(FuzzedDataProvider data) {
    DamagedMemory memory = ptmalloc.memory().whole();
    long[] pages = memory.pageAddresses();
    int changes = data.consumeInt(0, 40);
    for (int i = 0; i < changes; i++) {
      boolean structure = data.consumeBoolean();
      long base =
          structure
              ? places[data.consumeInt(0, places.length - 1)]
              : pages[data.consumeInt(0, pages.length - 1)];
      long at = base + 8L * data.consumeInt(0, structure ? 300 : 511);
      memory.change(at, lie(data.consumeInt(0, 4), data.consumeLong(), memory.word(at), places));
      if (data.consumeInt(0, 9) == 0) {
        memory.remove(base & -4096);
      }
    }
    assertSound(walk(memory), memory);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldNotBelieveJemallocsStructuresBlindly(int seed) {
    assumeTrue(jemalloc != null, "no libjemalloc2");
    assertUnbelieving(seed, jemalloc);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldNotBelieveJemallocsChunksBlindly(int seed) {
    assertUnbelieving(seed, chunks);
  }

  private static void assertUnbelieving(int seed, Snapshot snapshot) {
    Random random = new Random(seed);
    DamagedMemory memory = snapshot.memory().whole();
    long[] pages = memory.pageAddresses();
    for (int i = 0; i < 200 * seed; i++) {
      long at = pages[random.nextInt(pages.length)] + 8L * random.nextInt(512);
      memory.change(at, lie(random.nextInt(5), random.nextLong(), memory.word(at), pages));
    }
    long[] shown = new long[1];
    JemallocReport report =
        LiveHeap.value(
            new JemallocReader(Defaults.WALK)
                .read(
                    memory.target(snapshot.table(), OwnerTarget.Depth.SUMS),
                    (address, bytes, inUse) -> shown[0] += bytes > 0 ? 1 : 1_000_000_000));
    assertTrue(shown[0] < 20_000_000, () -> shown[0] + " objects");
    assertTrue(memory.reads < 2_000_000, () -> memory.reads + " reads");
    assertTrue(report.coverage() >= 0 && report.coverage() <= 1);
    for (JemallocReport.Arena arena : report.arenas()) {
      assertTrue(arena.allocatedBytes() >= 0 && arena.activeBytes() >= arena.allocatedBytes());
    }
    for (Balance.Part part : Balance.Part.values()) {
      assertTrue(report.balance().bytes(part) >= 0, () -> report.balance().toString());
    }
    assertTrue(seed > 0 || report.coverage() == 1);
  }

  @Test
  void shouldSayThatAPageOfJemallocsTreeIsSwapped() {
    assumeTrue(jemalloc != null, "no libjemalloc2");
    DamagedMemory whole = jemalloc.memory().whole();
    JemallocReport truth = readJemalloc(whole);
    int unlike = 0;
    for (long page : whole.peekedPages()) {
      DamagedMemory memory = jemalloc.memory().whole();
      memory.swap(page, Integer.MAX_VALUE);
      JemallocReport report = readJemalloc(memory);
      boolean same = report.arenas().equals(truth.arenas());
      assertTrue(same || report.coverage() < 1, () -> "without " + page);
      unlike += same ? 0 : 1;
    }
    assertTrue(unlike > 10, unlike + " pages that count");
  }

  @Test
  void shouldLookAgainWhereThePagesOfJemallocsTreeWereOnTheMove() {
    assumeTrue(jemalloc != null, "no libjemalloc2");
    DamagedMemory whole = jemalloc.memory().whole();
    JemallocReport truth = readJemalloc(whole);
    int missed = 0;
    for (long page : whole.peekedPages()) {
      DamagedMemory memory = jemalloc.memory().whole();
      memory.swap(page, 4);
      JemallocReport report = readJemalloc(memory);
      boolean same = report.arenas().equals(truth.arenas());
      assertTrue(same || report.arenas().isEmpty(), () -> "without " + page);
      missed += same ? 0 : 1;
    }
    assertTrue(missed <= 1, missed + " times no tree was found");
  }

  private static JemallocReport readJemalloc(DamagedMemory memory) {
    return LiveHeap.value(
        new JemallocReader(Defaults.WALK)
            .read(memory.target(jemalloc.table(), OwnerTarget.Depth.SUMS), ObjectVisitor.NONE));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldFindNoArenaInAFileThatLies(int seed, @TempDir Path folder) throws IOException {
    Random random = new Random(seed);
    byte[] libc = Files.readAllBytes(Path.of("/lib/x86_64-linux-gnu/libc.so.6"));
    for (int i = 0; i < 50; i++) {
      int at = random.nextInt(random.nextBoolean() ? 4096 : libc.length);
      libc[at] = (byte) random.nextInt();
    }
    Path file = Files.write(folder.resolve("libc.so.6"), libc);
    var opened = ElfImage.open(FileChannel.open(file));
    if (opened.isPresent()) {
      try (ElfImage image = opened.get()) {
        assertTrue(MainArenaFile.places(image).size() <= 1);
      }
    }
  }

  private static HeapReport walk(DamagedMemory memory) {
    return LiveHeap.value(
        new HeapWalker(Defaults.WALK)
            .walk(
                memory.target(ptmalloc.table(), OwnerTarget.Depth.SUMS),
                ptmalloc.anchors(),
                ObjectVisitor.NONE));
  }

  /** Where structures lie: the arenas with their heaps, the first chunks, malloc's parameters. */
  private static long[] interesting(HeapReport report) {
    long[] places = new long[3 * report.arenas().size() + 1];
    int n = 0;
    for (HeapReport.Arena arena : report.arenas()) {
      places[n++] = arena.address() & -16L;
      places[n++] = (arena.address() & -4096L) + (arena.main() ? -4096 : 0);
      places[n++] = (arena.address() & -4096L) + 2048;
    }
    AddressSpace space = AddressSpace.of(ptmalloc.table());
    places[n] = space.brk().get(0)[0];
    return places;
  }

  private static long lie(int kind, long any, long truth, long[] targets) {
    return switch (kind) {
      case 0 -> any;
      case 1 -> any & 0xffff;
      case 2 -> truth ^ 1L << (any & 63);
      case 3 -> targets[(int) ((any & 0x7fffffff) % targets.length)] + (any >>> 48 & 0xff0);
      default -> truth + (any % 4096 & -16L);
    };
  }

  private static void assertSound(HeapReport report, DamagedMemory memory) {
    assertTrue(memory.reads < 3_000_000, () -> memory.reads + " reads");
    assertTrue(report.walk().coverage() >= 0 && report.walk().coverage() <= 1, report::toString);
    for (HeapReport.Arena arena : report.arenas()) {
      assertTrue(
          arena.totals().inUseBytes() >= 0
              && arena.totals().freeBytes() >= 0
              && arena.totals().topBytes() >= 0
              && arena.totals().trimmableBytes() >= 0
              && arena.totals().pinnedBytes() >= 0
              && arena.unknownBytes() >= 0,
          arena::toString);
    }
  }
}
