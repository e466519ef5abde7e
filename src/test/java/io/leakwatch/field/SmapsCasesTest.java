package io.leakwatch.field;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingSource;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.Layout;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.kind.RegionKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole {@code smaps} files as people sent them, of which the memory is not there: every mapping is
 * understood, the kinds' resident bytes add up to Rss, and nothing is named after an address alone.
 */
class SmapsCasesTest {
  @TempDir private Path directory;

  private MappingTable read(String name) throws IOException {
    try (InputStream file = SmapsCasesTest.class.getResourceAsStream("/field/" + name)) {
      Files.copy(file, directory.resolve("smaps"));
    }
    Outcome<MappingTable> read =
        new MappingSource(directory, "smaps", new ReadBuffers())
            .read(new MappingTable(), ReadMeter.UNPACED);
    return ((Outcome.Sampled<MappingTable>) read).value();
  }

  /** Resident KiB by kind. */
  private static Map<RegionKind, Long> kinds(Layout layout) {
    return layout.kinds().entrySet().stream()
        .collect(
            Collectors.toMap(Map.Entry::getKey, kind -> kind.getValue().residentBytes() >> 10));
  }

  /**
   * A kernel of the 6 series: names that glibc and jemalloc give, shared memory with a name,
   * persistent memory (DAX), a GPU, a perf event, names with blanks, {@code \012}, a byte that is
   * not UTF-8 and {@code (deleted)}. Right: see the figures; of 13 mappings none is lost, and only
   * the blank first line is malformed.
   */
  @Test
  void mixed6x() throws IOException {
    MappingTable table = read("mixed-6x.smaps");
    Layout layout = Classifier.layout(table, MemoryProbe.NONE, Linkage.UNKNOWN);

    assertEquals(13, table.size());
    assertEquals(1, table.malformedLines());
    assertEquals(1_120_304, table.total(MappingTable.Field.RSS) >> 10);
    assertEquals(
        Map.of(
            RegionKind.FILE,
            400L + (1 << 20),
            RegionKind.ARENA,
            60_000L,
            RegionKind.BRK_HEAP,
            2048L,
            RegionKind.JEMALLOC,
            4096L,
            RegionKind.SHARED_MEMORY,
            4096L + 1024,
            RegionKind.SPECIAL,
            36L + 8,
            RegionKind.MAIN_STACK,
            20L,
            RegionKind.HUGETLB,
            0L),
        kinds(layout));
    assertEquals(4000, layout.totals(RegionKind.ARENA).swapBytes() >> 10);
    assertEquals(1000, layout.totals(RegionKind.ARENA).lazyFreeBytes() >> 10);
    assertEquals(List.of("ptmalloc", "jemalloc"), layout.allocators());
    assertEquals("/home/user/pg10/bin/post gres (deleted) x", table.name(0));
    assertEquals(49_684_469, table.inode(0));
    assertEquals("[anon_shmem:ring [0] of (deleted)]", table.name(4));
    assertEquals("/memfd:a\\012b\\040\ufffd (deleted)", table.name(9));
  }

  /**
   * A dynamic program of another processor: {@code [heap]} and mappings where Go's heap begins on
   * arm64, {@code VmFlags:} without any flag. Right: no Go, no arena; all is the brk heap and
   * anonymous.
   */
  @Test
  void emptyFlags() throws IOException {
    MappingTable table = read("empty-flags.smaps");
    Layout layout = Classifier.layout(table, MemoryProbe.NONE, Linkage.UNKNOWN);

    assertEquals(6, table.size());
    assertEquals(0, table.malformedLines());
    assertTrue(table.hasFlags());
    assertEquals(Map.of(RegionKind.BRK_HEAP, 100L, RegionKind.ANONYMOUS, 515L), kinds(layout));
    assertEquals(615 << 10, table.total(MappingTable.Field.ANONYMOUS));
    assertEquals(List.of("ptmalloc"), layout.allocators());
  }
}
