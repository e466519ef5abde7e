package io.leakwatch.heap.tcmalloc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.heap.DamagedAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A walk over tcmalloc with damage in its spans and lists ends with figures. */
class DamagedSpansTest {
  private static final Path NEEDED = Path.of("/usr/lib/x86_64-linux-gnu/libtcmalloc.so.4");
  private static DamagedAllocator allocator;

  @BeforeAll
  static void takeSnapshot() {
    assumeTrue(Files.exists(NEEDED), "no libtcmalloc");
    allocator =
        DamagedAllocator.preloaded(
            NEEDED, "tcmalloc_truth", () -> new TcmallocReader(Defaults.WALK));
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
