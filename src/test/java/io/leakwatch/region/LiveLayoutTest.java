package io.leakwatch.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.elf.Linkage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.beam.BeamReader;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.heap.python.PythonReader;
import io.leakwatch.heap.python.PythonTarget;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Live programs with a known layout. */
class LiveLayoutTest {
  private final RegionMap regions = new RegionMap();

  private Layout look(long pid, boolean mayRead) throws IOException {
    MappingTable table = Tables.ofProcess(pid);
    try (Tables.LiveMemory memory = new Tables.LiveMemory(pid)) {
      Layout layout =
          new Classifier(ClassifierSettings.DEFAULTS)
              .classify(table, mayRead ? memory : MemoryProbe.NONE, Linkage.UNKNOWN, regions)
              .layout();
      assertEquals(
          table.total(MappingTable.Field.RSS),
          layout.kinds().values().stream().mapToLong(Layout.Totals::residentBytes).sum());
      return layout;
    }
  }

  @Test
  void shouldShowTwoArenasBesideTheMainHeap() throws IOException {
    try (CTarget target = CTarget.start("two_arenas")) {
      target.awaitLine("ready");
      for (boolean mayRead : new boolean[] {true, false}) {
        Layout layout = look(target.pid(), mayRead);
        assertEquals(List.of("ptmalloc"), layout.allocators());
        assertEquals(3, layout.arenaCount());
        assertEquals(2, layout.heaps().size());
        for (Layout.Heap heap : layout.heaps()) {
          assertEquals(404, (int) (heap.committedBytes() >> 10), 8);
        }
        assertEquals(128L << 20, layout.totals(RegionKind.ARENA).mappedBytes());
        assertEquals(132, (int) (layout.totals(RegionKind.BRK_HEAP).mappedBytes() >> 10), 4);
        assertEquals(4, layout.totals(RegionKind.THREAD_STACK).count());
      }
    }
  }

  @Test
  void shouldFindTheArenasOfAStaticProgram() throws IOException {
    try (CTarget target = CTarget.start(Map.of(), CTarget.compile("two_arenas", "-static"))) {
      target.awaitLine("ready");
      Layout layout = look(target.pid(), true);
      assertEquals(List.of("ptmalloc"), layout.allocators());
      assertEquals(3, layout.arenaCount());
    }
  }

  @Test
  void shouldAttributeMemoryToPreloadedAllocators() throws IOException {
    Path program = CTarget.compile("two_arenas");
    for (String name : List.of("jemalloc.so.2", "tcmalloc_minimal.so.4")) {
      String library = "/usr/lib/x86_64-linux-gnu/lib" + name;
      try (CTarget target = CTarget.start(Map.of("LD_PRELOAD", library), program)) {
        target.awaitLine("ready");
        Layout layout = look(target.pid(), true);
        boolean jemalloc = name.startsWith("jemalloc");
        assertEquals(List.of(jemalloc ? "jemalloc" : "tcmalloc"), layout.allocators());
        assertEquals(0, layout.arenaCount());
        long bytes =
            layout.totals(jemalloc ? RegionKind.JEMALLOC : RegionKind.TCMALLOC).residentBytes();
        assertTrue(bytes >= 800 << 10, bytes + " bytes");
      }
    }
  }

  @Test
  void shouldTellApartWhatOneProgramMixes() throws IOException {
    try (CTarget target = CTarget.start("mixed_regions")) {
      String[] truth = target.awaitLine("ready").split(" ");
      Layout layout = look(target.pid(), true);
      assertEquals(RegionKind.GO_HEAP, regions.kindAt(0xc000000000L));
      assertEquals(RegionKind.MALLOC_MMAP, regions.kindAt(Long.decode(truth[1])));
      assertEquals(RegionKind.MALLOC_MMAP, regions.kindAt(Long.decode(truth[2])));
      assertEquals(RegionKind.THREAD_STACK, regions.kindAt(Long.decode(truth[3])));
      assertEquals(RegionKind.SHARED_MEMORY, regions.kindAt(Long.decode(truth[4])));
      assertEquals(RegionKind.ANONYMOUS, regions.kindAt(Long.decode(truth[5])));
      assertTrue(layout.heaps().size() >= 6, layout.heaps().toString());
      assertEquals(2, layout.arenaCount(), layout.heaps().toString());
      assertTrue(layout.totals(RegionKind.ARENA).residentBytes() >= 400L << 20);
    }
  }

  @Test
  void shouldFindTheArenasOfEachPython() throws IOException {
    for (Path interpreter : PythonTarget.interpreters()) {
      try (CTarget target = PythonTarget.start(interpreter, Map.of())) {
        target.awaitLine("ready");
        Layout layout = look(target.pid(), true);
        assertEquals(List.of("ptmalloc", "python"), layout.allocators());
        BlocksReport report =
            LiveHeap.read(target.pid(), new PythonReader(Defaults.WALK), ObjectVisitor.NONE);
        assertEquals(
            report.balance().residentBytes(),
            layout.totals(RegionKind.PYTHON_ARENA).residentBytes(),
            64 << 10,
            interpreter::toString);
        assertTrue(layout.totals(RegionKind.MALLOC_MMAP).residentBytes() > 8 << 20);
      }
      Map<String, String> byMalloc = Map.of("PYTHONMALLOC", "malloc");
      try (CTarget target = PythonTarget.start(interpreter, byMalloc)) {
        target.awaitLine("ready");
        assertEquals(List.of("ptmalloc"), look(target.pid(), true).allocators());
      }
    }
  }

  @Test
  void shouldFindTheCarriersOfBeam() throws IOException {
    Path erl = Path.of("/usr/bin/erl");
    assumeTrue(Files.isExecutable(erl), "no erlang-base");
    String wait = "io:format(\"ready~n\"), timer:sleep(infinity).";
    List<String> command = List.of(erl.toString(), "-noshell", "-eval", wait);
    try (CTarget target = CTarget.launch(Map.of(), command)) {
      target.awaitLine("ready");
      Layout layout = look(target.pid(), true);
      assertEquals(List.of("ptmalloc", "beam"), layout.allocators());
      long carriers = layout.totals(RegionKind.BEAM_CARRIER).residentBytes();
      BlocksReport report =
          LiveHeap.read(target.pid(), new BeamReader(Defaults.WALK), ObjectVisitor.NONE);
      assertEquals(report.balance().residentBytes(), carriers, carriers / 50.0);
    }
  }

  @Test
  void shouldFindTheHeapOfAJvm() throws IOException {
    Layout layout = look(ProcessHandle.current().pid(), true);
    assertTrue(layout.allocators().contains("jvm"));
    long committed = Runtime.getRuntime().totalMemory();
    long mapped = layout.totals(RegionKind.JAVA_HEAP).mappedBytes();
    assertTrue(mapped >= committed && mapped <= 2L << 30, mapped + " bytes");
  }
}
