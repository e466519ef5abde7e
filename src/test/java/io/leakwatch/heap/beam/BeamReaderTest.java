package io.leakwatch.heap.beam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance.Part;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget.Depth;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is read of BEAM's carriers against what BEAM itself says. */
class BeamReaderTest {
  private static final Path ERL = Path.of("/usr/bin/erl");
  private static final Path SCRIPT = Path.of("src", "test", "erlang", "blocks.erl");

  /** What telling takes, and what a scheduler that wakes does meanwhile. */
  private static final Map<String, Long> TELLING_BYTES =
      Map.of("eheap", 4L << 20, "binary", 128L << 10, "temp", 1L << 20, "std", 64L << 10);

  @Test
  void shouldAgreeWithBeamByKindsOfAllocators() throws IOException {
    try (CTarget target = start()) {
      for (String command : new String[] {"", "drop"}) {
        if (!command.isEmpty()) {
          target.send(command);
          target.awaitLine("dropped");
        }
        Map<String, Long> truth = truth(target);
        BlocksReport report = read(target, Depth.PROFILE, ObjectVisitor.NONE);
        assertEquals("25", report.recognition().version());
        assertEquals(1.0, report.recognition().coverage(), report::toString);
        assertEquals(1.0, report.recognition().selfCheck(), 0.001, report::toString);
        Map<String, Long> bytes = bytes(report);
        truth.forEach(
            (kind, size) ->
                assertEquals(
                    size,
                    bytes.getOrDefault(kind, 0L),
                    TELLING_BYTES.getOrDefault(kind, 4096L),
                    () -> kind + " " + truth + " " + report));
        assertTrue(bytes.get("ets") > 6_000_000, report::toString);
        long binaries = command.isEmpty() ? 13_000_000 : 1_000_000; // Beside those of code.
        assertEquals(binaries, bytes.get("binary"), 1_500_000, report::toString);
      }
    }
  }

  @Test
  void shouldShowTheBlocksThatItCounts() throws IOException {
    try (CTarget target = start()) {
      BlocksReport sums = read(target, Depth.SUMS, ObjectVisitor.NONE);
      Set<Long> seen = new HashSet<>();
      long[] bytes = new long[2];
      BlocksReport report =
          read(
              target,
              Depth.SUMS,
              (address, size, inUse) -> {
                bytes[inUse ? 1 : 0] += size;
                if (inUse) {
                  seen.add(address);
                }
              });
      assertTrue(sums.profiles().isEmpty() && Double.isNaN(sums.recognition().selfCheck()));
      assertEquals(report.objects(), seen.size(), 8);
      assertEquals(report.handedOutBytes(), bytes[1] + 8L * seen.size(), 64 << 10);
      assertTrue(report.balance().bytes(Part.PINNED) > 0, report::toString);
      assertTrue(report.balance().bytes(Part.METADATA) > 0, report::toString);
      assertTrue(report.release().call().isEmpty());
    }
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoBeam() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      BlocksReport report = read(target, Depth.PROFILE, ObjectVisitor.NONE);
      assertFalse(report.isRecognised(), report::toString);
      assertEquals(0, report.inUseBytes());
    }
  }

  private static Map<String, Long> bytes(BlocksReport report) {
    MemoryProfile profile = report.profiles().get(0);
    assertEquals(MemoryProfile.Basis.TYPE, profile.basis());
    Map<String, Long> bytes = new HashMap<>();
    profile.entries().forEach(entry -> bytes.put(entry.frames().get(0).name(), entry.bytes()));
    return bytes;
  }

  private static Map<String, Long> truth(CTarget target) {
    target.send("tell");
    Map<String, Long> truth = new HashMap<>();
    String line = target.readLine();
    while (!line.equals("end")) {
      String[] words = line.split("_alloc ", 2);
      truth.put(words[0], Long.parseLong(words[1]));
      line = target.readLine();
    }
    return truth;
  }

  private static CTarget start() throws IOException {
    assumeTrue(Files.isExecutable(ERL), "no erlang-base");
    List<String> command = List.of(ERL.toString(), "-noshell", "-eval", script());
    CTarget target = CTarget.launch(Map.of(), command);
    target.awaitLine("ready");
    return target;
  }

  private static String script() throws IOException {
    return Files.readString(SCRIPT);
  }

  private static BlocksReport read(CTarget target, Depth depth, ObjectVisitor visitor) {
    return LiveHeap.read(target.pid(), new BeamReader(Defaults.WALK), depth, visitor);
  }
}
