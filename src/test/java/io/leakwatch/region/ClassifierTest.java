package io.leakwatch.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Layouts of kernels, libraries and programs that are not at hand. */
class ClassifierTest {
  private static final long MIB = 1 << 20;
  private static final String LIBC =
      """
      7f0100000000-7f0100200000 r-xp 100 /lib/libc-2.24.so
      7f0100200000-7f0100204000 rw-p 16 /lib/libc-2.24.so
      """;
  private static final long MAIN_ARENA = 0x7f0100200b00L;

  private final RegionMap regions = new RegionMap();

  private Layout look(MappingTable table, MemoryProbe probe) {
    Layout layout =
        new Classifier(ClassifierSettings.DEFAULTS)
            .classify(table, probe, Linkage.UNKNOWN, regions)
            .layout();
    long sum = layout.kinds().values().stream().mapToLong(Layout.Totals::residentBytes).sum();
    assertEquals(table.total(MappingTable.Field.RSS), sum);
    return layout;
  }

  @Test
  void shouldTellArenasOfCurveMdsFromItsGoHeap() {
    MappingTable table = Tables.ofPmap("curve-mds.pmap");

    Layout layout = look(table, MemoryProbe.NONE);

    assertEquals(
        List.of(0x7f6124000000L, 0x7f612c000000L),
        layout.heaps().stream().map(Layout.Heap::address).toList());
    assertEquals(160L << 10, layout.totals(RegionKind.ARENA).residentBytes());
    assertEquals(128 * MIB, layout.totals(RegionKind.ARENA).mappedBytes());
    assertEquals(1852L << 10, layout.totals(RegionKind.GO_HEAP).residentBytes());
    assertEquals(RegionKind.GO_HEAP, regions.kindAt(0xc000000000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x7f612b800000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x7f612b7ff000L));
    assertEquals(RegionKind.FILE_PRIVATE, regions.kindAt(0x559f0ebc2000L));
    assertEquals(RegionKind.BRK_HEAP, regions.kindAt(0x559f1110a000L));
    assertEquals(RegionKind.ANONYMOUS, regions.kindAt(0x7f618ac4a000L));
    assertEquals(RegionKind.SPECIAL, regions.kindAt(0xffffffffff600000L));
    assertEquals(List.of("ptmalloc", "go"), layout.allocators());
  }

  @Test
  void shouldFindHeapsInFusedMappingsByShape() {
    // 83 MB and 128 MB as one thread leaks 400 MB in small chunks
    Layout layout =
        look(
            Tables.ofText(
                """
                7f00c0000000-7f00c8000000 rw-p 131072
                7f00cc000000-7f00d1335000 rw-p 85204
                7f00d1335000-7f00d4000000 ---p 0
                """
                    + LIBC),
            MemoryProbe.NONE);

    assertEquals(
        List.of(0x7f00c0000000L, 0x7f00c4000000L, 0x7f00cc000000L, 0x7f00d0000000L),
        layout.heaps().stream().map(Layout.Heap::address).toList());
    assertEquals(256 * MIB, layout.totals(RegionKind.ARENA).mappedBytes());
  }

  @Test
  void shouldConfirmHeapsThroughTheRingAndSplitAFusedNeighbour() {
    // A full heap without tail, fused with 1 MiB of something else above and below
    MappingTable table = Tables.ofText("7f00c3f00000-7f00c8100000 rw-p 67584\n" + LIBC);
    long heap = 0x7f00c4000000L;
    var memory =
        new Tables.RecordedMemory()
            .put(heap, heap + 0x20, 0, 64 * MIB, 64 * MIB)
            .put(heap + 0x20 + 0x868, MAIN_ARENA)
            .put(MAIN_ARENA + 0x868, heap + 0x20);

    Layout layout = look(table, memory);

    assertEquals(
        List.of(new Layout.Heap(heap, heap + 0x20, 0, 64 * MIB, 64 * MIB)), layout.heaps());
    assertEquals(2, layout.arenaCount());
    assertEquals(64 * MIB, layout.totals(RegionKind.ARENA).residentBytes());
    assertEquals(2 * MIB, layout.totals(RegionKind.ANONYMOUS).residentBytes());
    assertEquals(3, regions.firstRegion(1));
    assertEquals(RegionKind.ARENA, regions.kindOfMapping(0));
    assertEquals(RegionKind.ANONYMOUS, regions.kindAt(heap - 1));
    assertEquals(RegionKind.ANONYMOUS, regions.kindAt(heap + 64 * MIB));
  }

  @Test
  void shouldNotBelieveAForgedHeapHeader() {
    MappingTable table = Tables.ofText("7f00c0000000-7f00e0000000 rw-p 4096\n" + LIBC);
    long forged = 0x7f00c4000000L;
    var memory =
        new Tables.RecordedMemory()
            .put(forged, forged + 0x30, 0, 1 * MIB, 2 * MIB)
            .put(forged + 0x30 + 0x870, MAIN_ARENA)
            .put(MAIN_ARENA + 0x870, MAIN_ARENA);

    Layout layout = look(table, memory);

    assertEquals(List.of(), layout.heaps());
    assertEquals(0, layout.totals(RegionKind.ARENA).count());
  }

  @Test
  void shouldJoinOlderAndNewerHeapsOfAnArena() {
    long first = 0x7f00c0000000L;
    long second = 0x7f00d0000000L;
    MappingTable table =
        Tables.ofText(
            """
            7f00c0000000-7f00c4000000 rw-p 65536
            7f00d0000000-7f00d0100000 rw-p 1024
            7f00d0100000-7f00d4000000 ---p 0
            """
                + LIBC);
    var memory =
        new Tables.RecordedMemory()
            .put(first, first + 0x30, 0, 64 * MIB, 64 * MIB)
            .put(second, first + 0x30, first, MIB, MIB)
            .put(first + 0x30 + 0x870, MAIN_ARENA)
            .put(MAIN_ARENA + 0x870, first + 0x30);

    Layout layout = look(table, memory);

    assertEquals(2, layout.heaps().size());
    assertEquals(2, layout.arenaCount());
    assertEquals(first, layout.heaps().get(1).previousAddress());
  }

  @Test
  void shouldFindHeapsOfHugePages() {
    long heap = 0x7f00c0800000L;
    MappingTable table =
        Tables.ofText("7f00c0800000-7f00c1000000 rw-p 0 /anon_hugepage (deleted)\n" + LIBC);
    table.set(0, MappingTable.Field.KERNEL_PAGE_SIZE, 2 * MIB);
    table.set(1, MappingTable.Field.KERNEL_PAGE_SIZE, 4096);
    table.set(2, MappingTable.Field.KERNEL_PAGE_SIZE, 4096);
    var memory =
        new Tables.RecordedMemory()
            .put(heap, heap + 0x30, 0, 2 * MIB, 8 * MIB)
            .put(heap + 0x30 + 0x870, MAIN_ARENA)
            .put(MAIN_ARENA + 0x870, heap + 0x30);

    assertEquals(1, look(table, memory).heaps().size());
    assertEquals(RegionKind.ARENA, regions.kindAt(heap));
    assertEquals(List.of(), look(table, MemoryProbe.NONE).heaps());
    assertEquals(RegionKind.HUGETLB, regions.kindAt(heap));
  }

  @Test
  void shouldBelieveTheNamesOfGlibcAndOthers() {
    look(
        Tables.ofText(
            """
            100000000000-100000021000 rw-p 132 [anon: glibc: malloc arena]
            100000021000-100004000000 ---p 0
            100010000000-100010100000 rw-p 4 [anon: glibc: malloc]
            100020000000-100020100000 rw-p 4 [anon: glibc: pthread stack: 17]
            100030000000-100030100000 rw-p 4 [anon: Go: heap]
            100040000000-100040100000 rw-p 4 [stack:77]
            100050000000-100050100000 rw-s 4 /memfd:x (deleted)
            100060000000-100060100000 rw-s 4 /SYSV00000000 (deleted)
            100070000000-100070100000 rw-s 4 /dev/zero (deleted)
            100080000000-100080100000 rw-p 4 /dev/zero
            100090000000-100090100000 rw-s 4 anon_inode:[io_uring]
            1000a0000000-1000a0100000 rw-p 4 [anon:cache]
            1000b0000000-1000b0100000 r--p 4 /x (deleted)
            1000c0000000-1000c0100000 rw-s 4 [anon_shmem:y]
            """),
        MemoryProbe.NONE);

    assertEquals(RegionKind.ARENA, regions.kindAt(0x100000000000L));
    assertEquals(RegionKind.ARENA, regions.kindAt(0x100003fff000L));
    assertEquals(RegionKind.MALLOC_MMAP, regions.kindAt(0x100010000000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x100020000000L));
    assertEquals(RegionKind.GO_HEAP, regions.kindAt(0x100030000000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x100040000000L));
    assertEquals(RegionKind.SHARED_MEMORY, regions.kindAt(0x100050000000L));
    assertEquals(RegionKind.SHARED_MEMORY, regions.kindAt(0x100060000000L));
    assertEquals(RegionKind.SHARED_MEMORY, regions.kindAt(0x100070000000L));
    assertEquals(RegionKind.ANONYMOUS, regions.kindAt(0x100080000000L));
    assertEquals(RegionKind.SPECIAL, regions.kindAt(0x100090000000L));
    assertEquals(RegionKind.ANONYMOUS, regions.kindAt(0x1000a0000000L));
    assertEquals(RegionKind.FILE, regions.kindAt(0x1000b0000000L));
    assertEquals(RegionKind.SHARED_MEMORY, regions.kindAt(0x1000c0000000L));
  }

  @Test
  void shouldNotTakeGoHeapsOfEitherMachineForArenas() {
    // Go 1.12 maps the whole 64 MiB writable; arm64 places it elsewhere
    Layout layout =
        look(
            Tables.ofText(
                """
                4000000000-4000400000 rw-p 100
                4000400000-4004000000 ---p 0
                c000000000-c004000000 rw-p 1852
                """),
            MemoryProbe.NONE);

    assertEquals(List.of("go"), layout.allocators());
    assertEquals(128 * MIB, layout.totals(RegionKind.GO_HEAP).mappedBytes());
    assertEquals(0, layout.arenaCount());
  }

  @Test
  void shouldSeparateAStackGuardFusedWithAHeapsTail() {
    look(
        Tables.ofText(
            """
            7f00c0000000-7f00c0021000 rw-p 132
            7f00c0021000-7f00c4001000 ---p 0
            7f00c4001000-7f00c4801000 rw-p 8
            """
                + LIBC),
        MemoryProbe.NONE);

    assertEquals(RegionKind.ARENA, regions.kindAt(0x7f00c3fff000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x7f00c4000000L));
    assertEquals(RegionKind.THREAD_STACK, regions.kindAt(0x7f00c4001000L));
  }

  @Test
  void shouldFollowMmappedChunksOfOldAndNewGlibc() {
    MappingTable table = Tables.ofText("7f00c0001000-7f00c0101000 rw-p 400\n" + LIBC);
    var memory =
        new Tables.RecordedMemory()
            .put(0x7f00c0001000L, 0, 0x40000 | 2)
            .put(0x7f00c0041000L, 0, 0x3fff0 | 2);

    Layout layout = look(table, memory);

    assertEquals(512L << 10, layout.totals(RegionKind.MALLOC_MMAP).mappedBytes());
    assertEquals(512L << 10, layout.totals(RegionKind.ANONYMOUS).mappedBytes());
    assertEquals(200L << 10, layout.totals(RegionKind.MALLOC_MMAP).residentBytes());
  }

  @Test
  void shouldSayThatMemoryWasNotRead() {
    Classification blind =
        new Classifier(ClassifierSettings.DEFAULTS)
            .classify(Tables.ofText(LIBC), MemoryProbe.NONE, Linkage.UNKNOWN, regions);

    assertFalse(blind.notes().isEmpty());
    assertTrue(blind.notes().get(0).contains("not read"), blind.notes().toString());
  }
}
