package io.leakwatch.heap.mimalloc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.heap.DamagedAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A walk over mimalloc with damage in its segments and lists ends with figures. */
class DamagedSegmentsTest {
  private static final Path NEEDED = Path.of("/usr/lib/x86_64-linux-gnu/libmimalloc.so.2");
  private static DamagedAllocator allocator;

  @BeforeAll
  static void takeSnapshot() {
    assumeTrue(Files.exists(NEEDED), "no libmimalloc2.0");
    allocator =
        DamagedAllocator.preloaded(
            NEEDED, "mimalloc_truth", () -> new MimallocReader(Defaults.WALK));
  }

  static IntStream seeds() {
    return DamagedAllocator.seeds();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndWithFiguresWhateverTheStructuresSay(int seed) {
    allocator.assertEndsWithFigures(seed);
  }
}
