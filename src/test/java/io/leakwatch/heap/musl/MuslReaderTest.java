package io.leakwatch.heap.musl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of musl's malloc against what the program itself holds. */
class MuslReaderTest {
  private static final Path SPECS = Path.of("/usr/lib/x86_64-linux-musl/musl-gcc.specs");

  @ParameterizedTest
  @ValueSource(strings = {"-static", "-no-pie"})
  void shouldCountWhatTheProgramHolds(String how) {
    try (CTarget target = start(how)) {
      for (String command : new String[] {"refresh", "free"}) {
        long[] truth = truth(target, command);
        Set<Long> seen = new HashSet<>();
        BlocksReport report =
            read(
                target,
                (address, bytes, inUse) -> {
                  if (inUse) {
                    seen.add(address);
                  }
                });
        assertEquals(1.0, report.recognition().coverage(), report::toString);
        assertEquals(truth[0], report.objects(), report::toString);
        assertEquals(truth[0], seen.size());
        assertTrue(report.handedOutBytes() > truth[1], report::toString);
        assertTrue(report.handedOutBytes() < 1.3 * truth[1], report::toString);
        long census = report.census().stream().mapToLong(SizeClass::bytes).sum();
        assertEquals(report.handedOutBytes(), census, report::toString);
      }
    }
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoMusl() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      BlocksReport report = read(target, ObjectVisitor.NONE);
      assertFalse(report.recognition().isRecognised());
    }
  }

  private static CTarget start(String how) {
    assumeTrue(Files.exists(SPECS), "no musl-tools");
    Path program = CTarget.compile("musl_truth", how, "-specs", SPECS.toString());
    CTarget target = CTarget.start(Map.of(), program);
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
    return LiveHeap.read(target.pid(), new MuslReader(Defaults.WALK), visitor);
  }
}
