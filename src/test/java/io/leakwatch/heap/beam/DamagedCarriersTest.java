package io.leakwatch.heap.beam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.DamagedAllocator;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.DamagedMemory;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.memory.MappingTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A walk over the memory of Erlang's virtual machine with damage in it ends with figures. */
class DamagedCarriersTest {
  private static final Path ERL = Path.of("/usr/bin/erl");
  private static final MappingTable TABLE = new MappingTable();
  private static DamagedMemory memory;

  @BeforeAll
  static void takeSnapshot() {
    assumeTrue(Files.isExecutable(ERL), "no erlang-base");
    String wait = "io:format(\"ready~n\"), timer:sleep(infinity).";
    List<String> command = List.of(ERL.toString(), "-noshell", "-eval", wait);
    try (CTarget target = CTarget.launch(Map.of(), command)) {
      target.awaitLine("ready");
      memory = DamagedMemory.of(target.pid(), TABLE, "beam.smp");
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 24);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndWithFiguresWhateverTheCarriersSay(int seed) {
    Random random = new Random(seed);
    DamagedMemory damaged = memory.whole();
    long[] pages = damaged.pageAddresses();
    for (int i = 0; i < 200 * seed; i++) {
      long page = pages[random.nextInt(pages.length)];
      long at = page + 8L * random.nextInt(random.nextBoolean() ? 12 : 512);
      long truth = damaged.word(at);
      damaged.change(
          at,
          switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt(1 << 20);
            case 2 -> truth ^ 1L << random.nextInt(64);
            default -> pages[random.nextInt(pages.length)] + 8L * random.nextInt(512);
          });
      if (random.nextInt(20) == 0) {
        damaged.remove(page);
      }
    }
    long[] shown = new long[1];
    BlocksReport report =
        LiveHeap.value(
            new BeamReader(Defaults.WALK)
                .read(
                    damaged.target(TABLE, OwnerTarget.Depth.PROFILE),
                    DamagedAllocator.counter(shown)));
    DamagedAllocator.assertFigures(report, shown[0], damaged);
    if (seed == 0) {
      assertEquals(1.0, report.recognition().coverage());
      assertTrue(report.objects() > 1000, report::toString);
    }
  }
}
