package io.leakwatch.heap.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.memory.OwnerTarget.Depth;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read of CPython's allocator against its own count and against what the program made. */
class PythonReaderTest {
  static List<Path> interpreters() {
    return PythonTarget.interpreters();
  }

  @ParameterizedTest
  @MethodSource("interpreters")
  void shouldCountWhatTheInterpreterCounts(Path interpreter) {
    try (CTarget target = PythonTarget.start(interpreter, Map.of())) {
      Map<Long, Long> truth = PythonTarget.truth(target);
      Set<Long> seen = new HashSet<>();
      BlocksReport report =
          LiveHeap.read(
              target.pid(),
              new PythonReader(Defaults.WALK),
              Depth.PROFILE,
              (address, bytes, inUse) -> {
                if (inUse) {
                  seen.add(address);
                }
              });
      Map<Long, Long> counted =
          report.census().stream()
              .collect(
                  Collectors.toMap(
                      SizeClass::chunkBytes, SizeClass::count, Long::sum, TreeMap::new));
      assertEquals(truth, counted);
      assertEquals(report.objects(), seen.size());
      assertEquals(1.0, report.recognition().selfCheck());
      assertEquals(1.0, report.recognition().coverage());
      long bytes = truth.entrySet().stream().mapToLong(e -> e.getKey() * e.getValue()).sum();
      assertEquals(bytes, report.handedOutBytes());
      assertTrue(report.balance().bytes(Balance.Part.PINNED) > 4_000_000, report::toString);

      MemoryProfile profile = report.profiles().get(0);
      assertEquals(MemoryProfile.Basis.TYPE, profile.basis());
      assertEquals(100_000, objects(profile, "Session"));
      long numbers = objects(profile, "int");
      assertTrue(numbers >= 1_000_000 && numbers < 1_110_000, () -> numbers + " numbers");
      assertTrue(objects(profile, "function") > 500, profile::toString);
      assertTrue(objects(profile, "unnamed types") < 50, profile::toString);
      assertEquals(
          report.handedOutBytes(),
          profile.entries().stream().mapToLong(MemoryProfile.Entry::bytes).sum());
    }
  }

  @Test
  void shouldSayThatItKnowsNothingWhereMallocServesPython() {
    Path interpreter = PythonTarget.interpreters().get(0);
    try (CTarget target = PythonTarget.start(interpreter, Map.of("PYTHONMALLOC", "malloc"))) {
      target.awaitLine("ready");
      BlocksReport report =
          LiveHeap.read(target.pid(), new PythonReader(Defaults.WALK), ObjectVisitor.NONE);
      assertFalse(report.isRecognised());
      assertEquals(Balance.ZERO, report.balance());
    }
  }

  private static long objects(MemoryProfile profile, String type) {
    return profile.entries().stream()
        .filter(entry -> entry.frames().get(0).name().equals(type))
        .mapToLong(MemoryProfile.Entry::objects)
        .sum();
  }
}
