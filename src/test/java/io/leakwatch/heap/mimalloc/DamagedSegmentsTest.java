package io.leakwatch.heap.mimalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.DamagedMemory;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.memory.MappingTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A walk over mimalloc with damage in its segments and lists ends with figures. */
class DamagedSegmentsTest {
  private static final Path NEEDED = Path.of("/usr/lib/x86_64-linux-gnu/libmimalloc.so.2");
  private static final MappingTable TABLE = new MappingTable();
  private static DamagedMemory memory;
  private static long[] structures;
  private static long objects;

  @BeforeAll
  static void takeSnapshot() {
    assumeTrue(Files.exists(NEEDED), "no libmimalloc2.0");
    try (CTarget target =
        CTarget.start(
            Map.of("LD_PRELOAD", NEEDED.toString()), CTarget.compile("mimalloc_truth"), "4")) {
      target.awaitLine("ready");
      memory = DamagedMemory.of(target.pid(), TABLE, "-");
    }
    DamagedMemory whole = memory.whole();
    objects = read(whole, new long[1]).objects();
    structures = whole.peekedPages().stream().mapToLong(Long::longValue).toArray();
  }

  static IntStream seeds() {
    return IntStream.range(0, 24).filter(seed -> seed % 3 == 0);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndWithFiguresWhateverTheStructuresSay(int seed) {
    Random random = new Random(seed);
    DamagedMemory damaged = memory.whole();
    for (int i = 0; i < 20 * seed; i++) {
      long at = structures[random.nextInt(structures.length)] + 8L * random.nextInt(512);
      long other = structures[random.nextInt(structures.length)] + 8L * random.nextInt(512);
      long truth = damaged.word(at);
      damaged.change(
          at,
          switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt(1 << 16);
            case 2 -> truth ^ 1L << random.nextInt(64);
            case 3 -> other;
            default -> truth + 8L * random.nextInt(64);
          });
      if (random.nextInt(20) == 0) {
        damaged.remove(at & -4096L);
      }
    }
    long[] shown = new long[1];
    BlocksReport report = read(damaged, shown);
    assertTrue(shown[0] < 20_000_000, () -> shown[0] + " objects");
    assertTrue(damaged.reads < 2_000_000, () -> damaged.reads + " reads");
    double coverage = report.recognition().coverage();
    assertTrue(coverage >= 0 && coverage <= 1, report::toString);
    for (Balance.Part part : Balance.Part.values()) {
      long bytes = report.balance().bytes(part);
      assertTrue(bytes >= 0 && bytes < 1L << 40, part + " " + report);
    }
    if (seed == 0) {
      assertEquals(objects, report.objects());
      assertTrue(objects > 1000, report::toString);
    }
  }

  private static BlocksReport read(DamagedMemory from, long[] shown) {
    return LiveHeap.value(
        new MimallocReader(Defaults.WALK)
            .read(
                from.target(TABLE, OwnerTarget.Depth.PROFILE),
                (address, bytes, inUse) -> shown[0] += bytes > 0 ? 1 : 1 << 30));
  }
}
