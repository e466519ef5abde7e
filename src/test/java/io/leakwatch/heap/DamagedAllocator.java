package io.leakwatch.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.DamagedMemory;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.memory.MappingTable;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The memory of a program with an allocator preloaded, whose structures are damaged for a walk. */
public final class DamagedAllocator {
  private final MappingTable table = new MappingTable();
  private final Supplier<? extends OwnerReader<?>> readers;
  private final DamagedMemory memory;
  private final long[] structures;
  private final long objects;

  private DamagedAllocator(
      Path library, String program, Supplier<? extends OwnerReader<?>> readers) {
    this.readers = readers;
    try (CTarget target =
        CTarget.start(Map.of("LD_PRELOAD", library.toString()), CTarget.compile(program), "4")) {
      target.awaitLine("ready");
      memory = DamagedMemory.of(target.pid(), table, "-");
    }
    DamagedMemory whole = memory.whole();
    objects = read(whole, new long[1]).objects();
    structures = whole.peekedPages().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Takes a snapshot.
   *
   * @param program compiled from {@code src/test/c}
   * @param readers makes one for each walk
   */
  public static DamagedAllocator preloaded(
      Path library, String program, Supplier<? extends OwnerReader<?>> readers) {
    return new DamagedAllocator(library, program, readers);
  }

  /** Every third seed of 24: 0, without damage, among them. */
  public static IntStream seeds() {
    return IntStream.range(0, 24).filter(seed -> seed % 3 == 0);
  }

  /** Damages what a walk reads, the more the higher the seed, and walks. */
  public void assertEndsWithFigures(int seed) {
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
    OwnerReport report = read(damaged, shown);
    assertFigures(report, shown[0], damaged);
    if (seed == 0) {
      assertEquals(objects, report.objects());
      assertTrue(objects > 1000, report::toString);
    }
  }

  /**
   * A walk through damaged memory ended soon, and its figures are figures.
   *
   * @param shown objects
   */
  public static void assertFigures(OwnerReport report, long shown, DamagedMemory damaged) {
    assertTrue(shown < 20_000_000, () -> shown + " objects");
    assertTrue(damaged.reads < 2_000_000, () -> damaged.reads + " reads");
    double coverage = report.recognition().coverage();
    assertTrue(coverage >= 0 && coverage <= 1, report::toString);
    for (Balance.Part part : Balance.Part.values()) {
      long bytes = report.balance().bytes(part);
      assertTrue(bytes >= 0 && bytes < 1L << 40, () -> part + " " + report);
    }
  }

  private OwnerReport read(DamagedMemory from, long[] shown) {
    return LiveHeap.value(
        readers.get().read(from.target(table, OwnerTarget.Depth.PROFILE), counter(shown)));
  }

  /** Counts objects; one without bytes is a fault. */
  public static ObjectVisitor counter(long[] shown) {
    return (address, bytes, inUse) -> shown[0] += bytes > 0 ? 1 : 1 << 30;
  }
}
