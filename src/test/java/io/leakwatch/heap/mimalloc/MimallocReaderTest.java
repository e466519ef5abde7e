package io.leakwatch.heap.mimalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance.Part;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read of mimalloc against its own visit of its blocks, and what the program holds. */
class MimallocReaderTest {
  private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu";

  /** Blocks that the C library asked for, beside the program. */
  private static final long OTHERS = 24;

  /** What the main thread frees of each other one, some of it in full pages. */
  private static final long FREED_FOR_OTHERS = 667;

  /** The distribution's own release, and later ones that {@code .ci/other-glibcs} unpacks. */
  enum Release {
    INSTALLED("2.0", Path.of("/", LIBRARIES, "libmimalloc.so.2")),
    TRIXIE("3.0-3.3", unpacked("trixie", "libmimalloc.so.3.0")),
    SID("3.6", unpacked("sid", "libmimalloc.so.3.6"));

    private final String layout;
    private final Path library;

    Release(String layout, Path library) {
      this.layout = layout;
      this.library = library;
    }

    private static Path unpacked(String suite, String library) {
      return Path.of("target", "glibc", suite + "-mimalloc", LIBRARIES, library).toAbsolutePath();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldAgreeWithMimallocsOwnVisit(Release release) {
    try (CTarget target = start(release, 0)) {
      for (String command : new String[] {"refresh", "free"}) {
        long[] truth = truth(target, command);
        BlocksReport report = read(target, ObjectVisitor.NONE);
        assertEquals(truth[0], report.objects(), report::toString);
        assertEquals(truth[1], report.handedOutBytes(), report::toString);
        assertSound(release, report);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"INSTALLED, 1", "INSTALLED, 4", "TRIXIE, 4", "SID, 4"})
  void shouldCountTheBlocksOfAllThreads(Release release, int threads) {
    try (CTarget target = start(release, threads)) {
      long[] truth = truth(target, "refresh");
      long[] seen = new long[1];
      BlocksReport report = read(target, (address, bytes, inUse) -> seen[0] += inUse ? 1 : 0);
      assertSound(release, report);
      assertEquals(report.objects(), seen[0]);
      long freedForOthers = threads * FREED_FOR_OTHERS;
      assertTrue(report.objects() >= truth[2], report::toString);
      assertTrue(report.objects() <= truth[2] + freedForOthers + OTHERS, report::toString);
    }
  }

  /** mimalloc 3.0 leaves freed pages in its map, where something else may be by now. */
  private static void assertSound(Release release, BlocksReport report) {
    assertEquals(release.layout, report.recognition().version(), report::toString);
    double coverage = report.recognition().coverage();
    assertTrue(coverage == 1 || (release == Release.TRIXIE && coverage > 0.99), report::toString);
    assertEquals(1.0, report.recognition().selfCheck());
    long census = report.census().stream().mapToLong(SizeClass::bytes).sum();
    assertEquals(report.handedOutBytes(), census, report::toString);
    assertTrue(report.balance().bytes(Part.METADATA) > 0, report::toString);
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoMimalloc() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      BlocksReport report = read(target, ObjectVisitor.NONE);
      assertFalse(report.recognition().isRecognised());
    }
  }

  private static CTarget start(Release release, int threads) {
    assumeTrue(
        Files.exists(release.library),
        () -> "no " + release.library + "; install libmimalloc2.0, run .ci/other-glibcs");
    CTarget target =
        CTarget.start(
            Map.of("LD_PRELOAD", release.library.toString()),
            CTarget.compile("mimalloc_truth"),
            Integer.toString(threads));
    target.awaitLine("ready");
    return target;
  }

  private static long[] truth(CTarget target, String command) {
    target.send(command);
    String[] words = target.awaitLine("truth").split(" ");
    long[] figures = new long[words.length - 1];
    for (int i = 0; i < figures.length; i++) {
      figures[i] = Long.parseLong(words[i + 1]);
    }
    return figures;
  }

  private static BlocksReport read(CTarget target, ObjectVisitor visitor) {
    return LiveHeap.read(target.pid(), new MimallocReader(Defaults.WALK), visitor);
  }
}
