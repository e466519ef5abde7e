package io.leakwatch.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shape of the address space alone says of memory that may not be read. */
class HeapShapesTest {
  private static final long MIB = 1 << 20;
  private static final String GLIBC = "7f0100000000-7f0100200000 r-xp 100 /lib/libc.so.6\n";
  private static final String GLIBC_ABOVE =
      "7f0100300000-7f0100500000 r-xp 100 /lib/libc.so.6 (deleted)\n";
  private static final String HEAP =
      """
      7f00c0000000-7f00c0021000 rw-p 132
      7f00c0021000-7f00c4000000 ---p 0
      """;

  private static Classification look(String text) {
    return look(Tables.ofText(text), MemoryProbe.NONE);
  }

  private static Classification look(MappingTable table, MemoryProbe probe) {
    return new Classifier(ClassifierSettings.DEFAULTS)
        .classify(table, probe, Linkage.UNKNOWN, null);
  }

  private static List<Long> heaps(Classification seen) {
    return seen.layout().heaps().stream().map(Layout.Heap::address).toList();
  }

  @Test
  void aHeapWithItsTailIsAnArenaAndTheResultSaysThatTheShapeAloneSaysSo() {
    Classification seen = look(HEAP + GLIBC);

    assertEquals(List.of(0x7f00c0000000L), heaps(seen));
    assertEquals(64 * MIB, seen.layout().totals(RegionKind.ARENA).mappedBytes());
    assertEquals(132 << 10, seen.layout().totals(RegionKind.ARENA).residentBytes());
    assertEquals(Set.of(RegionKind.ARENA), seen.layout().basis().byShape());
    assertEquals(
        "1 heap of a thread arena is known by the shape alone (64 MiB, aligned, writable and then"
            + " inaccessible): each counts as an arena of its own",
        seen.notes().get(0));
    assertEquals(
        "memory not read: what malloc got by mmap counts as anonymous", seen.notes().get(1));
  }

  @Test
  void whatIsReadNeedsNoShape() {
    Classification seen = look(Tables.ofText(HEAP + GLIBC), new Tables.RecordedMemory());

    assertEquals(List.of(), heaps(seen));
    assertEquals(Set.of(), seen.layout().basis().byShape());
    assertEquals(List.of(), seen.notes());
  }

  @Test
  void fullHeapsAreArenasWhereOthersHaveATail() {
    String full = "7f00d0000000-7f00d8000000 rw-p 131072\n";

    assertEquals(
        List.of(0x7f00c0000000L, 0x7f00d0000000L, 0x7f00d4000000L),
        heaps(look(HEAP + full + GLIBC)));
    assertEquals(List.of(), heaps(look(full + GLIBC)));
    String untouched = "7f00d0000000-7f00d8000000 rw-p 8\n";
    assertEquals(List.of(0x7f00c0000000L), heaps(look(HEAP + untouched + GLIBC)));
  }

  @Test
  void fullHeapsFuseWithTheHeapBehindAndWithStrangersBelow() {
    Classification seen =
        look(
            """
            7f00bff00000-7f00c8021000 rw-p 132228
            7f00c8021000-7f00cc000000 ---p 0
            """
                + GLIBC);

    assertEquals(List.of(0x7f00c0000000L, 0x7f00c4000000L, 0x7f00c8000000L), heaps(seen));
    assertEquals(MIB, seen.layout().totals(RegionKind.ANONYMOUS).mappedBytes());
  }

  @Test
  void heapsOfKernelsWithLargePagesHaveTheSameShape() {
    MappingTable table =
        Tables.ofText(
            """
            ffff80000000-ffff80030000 rw-p 192
            ffff80030000-ffff84010000 ---p 0
            ffff84010000-ffff84810000 rw-p 64
            ffff90000000-ffff90200000 r-xp 100 /lib/aarch64-linux-gnu/libc.so.6
            """);
    for (int i = 0; i < table.size(); i++) {
      table.set(i, MappingTable.Field.KERNEL_PAGE_SIZE, 64 << 10);
    }
    Classification seen = look(table, MemoryProbe.NONE);

    assertEquals(List.of(0xffff80000000L), heaps(seen));
    assertEquals(8 * MIB + (64 << 10), seen.layout().totals(RegionKind.THREAD_STACK).mappedBytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // 64 MiB, not aligned
        "7f00c0001000-7f00c0022000 rw-p 132\n7f00c0022000-7f00c4001000 ---p 0\n",
        // Adds up to 128 MiB
        "7f00c0000000-7f00c0021000 rw-p 132\n7f00c0021000-7f00c8000000 ---p 0\n",
        // Never written, so without a header
        "7f00c0000000-7f00c0021000 rw-p 0\n7f00c0021000-7f00c4000000 ---p 0\n",
        // Smaller than any heap
        "7f00c0000000-7f00c0004000 rw-p 16\n7f00c0004000-7f00c4000000 ---p 0\n",
        // Generated code
        "7f00c0000000-7f00c0021000 rwxp 132\n7f00c0021000-7f00c4000000 ---p 0\n",
        // Shared, and a file's
        "7f00c0000000-7f00c0021000 rw-s 132\n7f00c0021000-7f00c4000000 ---s 0\n",
        "7f00c0000000-7f00c0021000 rw-p 132 /x\n7f00c0021000-7f00c4000000 ---p 0 /x\n",
        // A gap instead of a tail
        "7f00c0000000-7f00c0021000 rw-p 132\n7f00c4000000-7f00c8000000 ---p 0\n",
        // Where mimalloc and tcmalloc put their own, far from what the kernel places
        "20000000000-20000021000 rw-p 132\n20000021000-20004000000 ---p 0\n",
        // An arena of 1 GiB that is mapped as a whole
        "7f0080000000-7f00c0000000 rw-p 1048576\n",
      })
  void otherShapesAreNone(String mappings) {
    Classification seen = look(mappings + GLIBC);

    assertEquals(List.of(), heaps(seen), mappings);
    assertEquals(Set.of(), seen.layout().basis().byShape());
    assertEquals(1, seen.layout().arenaCount());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7f0100000000-7f0100200000 r-xp 100 /lib/ld-musl-x86_64.so.1\n",
        "7f0100000000-7f0100200000 r-xp 100 /lib/libc.so\n",
        "7f0100000000-7f0100200000 r-xp 100 /lib/libjemalloc.so.2\n" + GLIBC_ABOVE,
      })
  void withoutGlibcOrUnderAnotherMallocThereIsNoArena(String libraries) {
    Classification seen = look(HEAP + libraries);

    assertEquals(List.of(), heaps(seen), libraries);
    assertEquals(0, seen.layout().totals(RegionKind.ARENA).count());
  }

  @Test
  void goHeapsAndJavaHeapsAreNone() {
    String heapsOfOthers =
        """
        c000000000-c000021000 rw-p 132
        c000021000-c004000000 ---p 0
        7ee000000000-7ee000200000 rw-p 2048
        7ee000200000-7ee004000000 ---p 0
        7ee004000000-7ee008000000 rw-p 65536
        7ee008000000-7ee900000000 ---p 0
        """;
    Classification seen =
        look(
            heapsOfOthers
                + HEAP
                + GLIBC
                + "7f0100300000-7f0100500000 r-xp 100 /lib/jvm/libjvm.so\n");

    assertEquals(List.of(0x7f00c0000000L), heaps(seen));
    assertEquals(64 * MIB, seen.layout().totals(RegionKind.GO_HEAP).mappedBytes());
    assertEquals(36L << 30, seen.layout().totals(RegionKind.JAVA_HEAP).mappedBytes());
  }

  /** JDK 25 without compressed references: its archive and its classes lie low all the same. */
  @Test
  void classesBehindTheirArchiveAreNoJavaHeap() {
    String classes =
        """
        52000000-52001000 ---p 0
        52001000-52d96000 rw-p 9000 /lib/jvm/classes_nocoops.jsa
        52d96000-53000000 ---p 0
        53000000-53010000 rw-p 64
        53010000-53040000 ---p 0
        53040000-53050000 rw-p 64
        53050000-93000000 ---p 0
        """;
    String heap =
        """
        7ec2f0200000-7ec2f2600000 rw-p 36864
        7ec2f2600000-7ec310000000 ---p 0
        7ec310000000-7ec310100000 rw-p 1024 /lib/jvm/classes_nocoops.jsa
        7ec310100000-7ec310200000 ---p 0
        """;
    String jvm = "7f0100300000-7f0100500000 r-xp 100 /lib/jvm/libjvm.so\n";
    Classification high = look(classes + heap + GLIBC + jvm);
    assertEquals(510 * MIB, high.layout().totals(RegionKind.JAVA_HEAP).mappedBytes());
    String low = heap.replace("7ec2f", "e").replace("7ec310", "100");
    Classification compressed = look(classes + low + GLIBC + jvm);
    assertEquals(36 * MIB, compressed.layout().totals(RegionKind.JAVA_HEAP).residentBytes(), low);
  }

  @Test
  void addressesOfGoAloneAreNoGo() {
    Classification seen =
        look(
            """
            c000000000-c000021000 rw-p 132
            c004000000-c008000000 rw-p 65536
            """
                + GLIBC);

    assertEquals(0, seen.layout().totals(RegionKind.GO_HEAP).count());
    assertEquals(List.of("ptmalloc"), seen.layout().allocators());
    assertEquals(List.of(), heaps(seen));
  }

  @Test
  void aHeapWhoseFirstPageIsAbsentIsNone() {
    // What the pagemap tells needs less permission than the memory
    MemoryProbe absent = new Residency(0);
    MemoryProbe present = new Residency(4096);

    assertEquals(List.of(), heaps(look(Tables.ofText(HEAP + GLIBC), absent)));
    assertEquals(1, heaps(look(Tables.ofText(HEAP + GLIBC), present)).size());
    MappingTable swapped = Tables.ofText(HEAP + GLIBC);
    swapped.set(0, MappingTable.Field.SWAP, 132 << 10);
    assertEquals(1, heaps(look(swapped, absent)).size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJemallocUnderOtherNamesLeavesTheHeapsToGlibc(boolean replacesMalloc) {
    Layout layout =
        Classifier.layout(
            Tables.ofText("555500000000-555500200000 rw-p 2048 [heap]\n" + HEAP + GLIBC),
            MemoryProbe.NONE,
            new Linkage(true, false, replacesMalloc, false));

    assertEquals(
        replacesMalloc ? List.of("jemalloc") : List.of("ptmalloc", "jemalloc"),
        layout.allocators());
    assertEquals(replacesMalloc ? 0 : 1, layout.heaps().size());
    assertEquals(replacesMalloc ? 0 : 1, layout.totals(RegionKind.BRK_HEAP).count());
  }

  private record Residency(long bytes) implements MemoryProbe {
    @Override
    public boolean read(long address, long[] words) {
      return false;
    }

    @Override
    public boolean mayRead() {
      return false;
    }

    @Override
    public long residentBytes(long start, long end) {
      return bytes;
    }
  }

  @Test
  void memoryThatGlibcHasNamedServesMallocBesideAJemalloc() {
    Classification seen =
        look(
            """
            555500000000-555500200000 rw-p 2048 [heap]
            7f00c0000000-7f00c4000000 rw-p 60000 [anon: glibc: malloc arena]
            7f00d0000000-7f00d0400000 rw-p 4096 [anon:jemalloc_pg]
            """);

    assertEquals(List.of("ptmalloc", "jemalloc"), seen.layout().allocators());
    assertEquals(2 * MIB, seen.layout().totals(RegionKind.BRK_HEAP).residentBytes());
    assertEquals(4 * MIB, seen.layout().totals(RegionKind.JEMALLOC).residentBytes());
    assertTrue(seen.layout().totals(RegionKind.ARENA).residentBytes() > 0);
  }
}
