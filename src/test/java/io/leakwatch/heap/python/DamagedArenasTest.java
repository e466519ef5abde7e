package io.leakwatch.heap.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.DamagedMemory;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.memory.MappingTable;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A walk over an interpreter's memory with damage in it: arenas, pools, chains of free blocks and
 * types that lie. It ends, and its figures are figures.
 */
class DamagedArenasTest {
  private static final int PAGE = 4096;

  private static final MappingTable TABLE = new MappingTable();
  private static DamagedMemory memory;
  private static long[] structures;
  private static long objects;

  @BeforeAll
  static void takeSnapshot() {
    try (CTarget target = PythonTarget.start(PythonTarget.interpreters().get(0), Map.of())) {
      PythonTarget.truth(target);
      memory = DamagedMemory.of(target.pid(), TABLE, "-");
    }
    TreeSet<Long> pools = new TreeSet<>();
    objects = read(memory.whole(), pools).objects();
    structures = pools.stream().mapToLong(Long::longValue).toArray();
  }

  static IntStream seeds() {
    return IntStream.range(0, 24);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndWithFiguresWhateverTheStructuresSay(int seed) {
    Random random = new Random(seed);
    DamagedMemory damaged = memory.whole();
    long[] pages = damaged.pageAddresses();
    for (int i = 0; i < 200 * seed; i++) {
      boolean isPool = random.nextBoolean();
      long[] places = isPool ? structures : pages;
      long at = places[random.nextInt(places.length)] + 8L * random.nextInt(isPool ? 8 : PAGE / 8);
      long other = structures[random.nextInt(structures.length)] + 16L * random.nextInt(64);
      long truth = damaged.word(at);
      damaged.change(
          at,
          switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt(1 << 16);
            case 2 -> truth ^ 1L << random.nextInt(64);
            case 3 -> other;
            default -> truth + 16L * random.nextInt(256);
          });
      if (random.nextInt(20) == 0) {
        damaged.remove(at & -PAGE);
      }
    }
    BlocksReport report = read(damaged, new TreeSet<>());
    assertTrue(damaged.reads < 2_000_000, () -> damaged.reads + " reads");
    assertTrue(report.objects() >= 0 && report.objects() <= 1.2 * objects, report::toString);
    double coverage = report.recognition().coverage();
    assertTrue(coverage >= 0 && coverage <= 1, report::toString);
    for (Balance.Part part : Balance.Part.values()) {
      assertTrue(report.balance().bytes(part) < 1L << 30, report::toString);
    }
    for (MemoryProfile profile : report.profiles()) {
      profile.entries().forEach(entry -> assertTrue(entry.objects() > 0, entry::toString));
    }
    assertEquals(seed == 0, report.objects() == objects && coverage == 1);
  }

  /** Reads, and notes where pools begin. */
  private static BlocksReport read(DamagedMemory from, TreeSet<Long> pools) {
    return LiveHeap.value(
        new PythonReader(Defaults.WALK)
            .read(
                from.target(TABLE, OwnerTarget.Depth.PROFILE),
                (address, bytes, inUse) -> pools.add(address & -(4L * PAGE))));
  }
}
