package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What executables of live processes say about themselves, wherever they lie. */
class ExecutableCacheTest {
  private final ProcFs node = ProcFs.live();
  private final ExecutableCache images = new ExecutableCache(null);

  @TempDir Path folder;

  @Test
  void shouldTellTheBuildIdThatTheLinkerWrote() {
    try (CTarget target = CTarget.start("two_arenas")) {
      target.awaitLine("ready");
      assertEquals(
          buildId(CTarget.compile("two_arenas")), images.buildId(node.files(target.pid())));
    }
  }

  @Test
  void shouldReadAnExecutableThatWasRemoved() throws IOException {
    Path program = CTarget.compile("two_arenas");
    Path copy = Files.copy(program, folder.resolve("removed"));
    try (CTarget target = CTarget.start(Map.of(), copy)) {
      target.awaitLine("ready");
      Files.delete(copy);
      ProcessInfo info = info(target.pid());
      assertTrue(info.program().exeDeleted());
      assertEquals(buildId(program), images.buildId(node.files(info.id().pid())));
    }
  }

  @Test
  void shouldReadAnExecutableOfAnotherMountNamespace() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can mount");
    Path program = CTarget.compile("two_arenas").toAbsolutePath();
    String script = "mount -t tmpfs none %1$s && cp %2$s %1$s/inner && exec %1$s/inner";
    List<String> command =
        List.of("unshare", "-m", "sh", "-c", String.format(script, folder, program));
    try (CTarget target = CTarget.launch(Map.of(), command)) {
      target.awaitLine("ready");
      ProcessInfo info = info(target.pid());
      assertFalse(Files.exists(Path.of(info.program().exe())), info.program().exe());
      assertEquals(buildId(program), images.buildId(node.files(info.id().pid())));
    }
  }

  @Test
  void shouldKnowNothingOfWhatHasNoExecutable() {
    boolean seen =
        node.identify(2) instanceof Outcome.Sampled<ProcessInfo> second
            && second.value().kernelThread();
    assumeTrue(seen, "no kernel threads in this namespace");
    assertEquals("", images.buildId(node.files(2)));
  }

  @Test
  void shouldAttributeMemoryToAnAllocatorInsideTheExecutable() {
    for (Path program :
        List.of(CTarget.compile("own_malloc"), CTarget.compile("own_malloc", "-static-pie"))) {
      try (CTarget target = CTarget.start(Map.of(), program)) {
        target.awaitLine("ready");
        Layout layout = look(info(target.pid()));
        assertEquals("jemalloc", layout.allocators().get(0), layout.toString());
        assertEquals(0, layout.arenaCount());
        long bytes = layout.totals(RegionKind.JEMALLOC).residentBytes();
        assertTrue(bytes >= 800 << 10 && bytes < 1200 << 10, bytes + " bytes");
      }
    }
  }

  private Layout look(ProcessInfo info) {
    try (ProcessReader reader = value(node.open(info.id()))) {
      return value(
          reader
              .smaps(new MappingTable(), ReadMeter.UNPACED)
              .flatMap(table -> images.classify(table, reader))
              .map(seen -> seen.layout()));
    }
  }

  private ProcessInfo info(int pid) {
    return value(node.identify(pid));
  }

  @SuppressWarnings("unchecked")
  private static <T> T value(Outcome<T> outcome) {
    return ((Outcome.Sampled<T>) assertInstanceOf(Outcome.Sampled.class, outcome)).value();
  }

  /** As binutils read it. */
  private static String buildId(Path program) {
    String notes = Tool.run("", List.of("readelf", "-n", program.toString())).output();
    String mark = "Build ID: ";
    return notes.substring(notes.indexOf(mark) + mark.length()).lines().findFirst().orElseThrow();
  }
}
