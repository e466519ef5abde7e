package io.leakwatch.heap.golang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.MonitoringStack;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import io.leakwatch.harness.Undisturbed;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.region.kind.Allocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of a Go runtime against what it says of itself. */
class GoReaderTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"'', false", "'', true", "-buildmode=pie, true"})
  void shouldAgreeWithTheRuntime(String mode, boolean isStripped) {
    Path program = build("go_truth", mode, isStripped);
    try (CTarget target = CTarget.start(Map.of(), program)) {
      for (int round = 0; round < 2; round++) {
        String[] truth = target.awaitLine("truth").split(" ", -1);
        GoReport report = Undisturbed.look(target.pid(), () -> read(target.pid()));
        assertEquals(1.0, report.recognition().selfCheck(), report.recognition()::toString);
        assertEquals(1.0, report.recognition().coverage());
        assertEquals(Long.parseLong(truth[4]), report.collections());
        long allocated =
            report.balance().bytes(Balance.Part.LIVE)
                + report.balance().bytes(Balance.Part.UNTOUCHED)
                + report.balance().bytes(Balance.Part.GARBAGE);
        // What the line itself takes comes later.
        assertTrue(Math.abs(allocated - Long.parseLong(truth[1])) < 16 << 10, () -> truth[1]);
        assertTrue(Math.abs(report.objects() - Long.parseLong(truth[2])) < 200, () -> truth[2]);
        GoroutineGroup most = report.goroutines().groups().get(0);
        assertEquals("main.main", most.createdAt());
        assertEquals("waiting", most.state());
        assertEquals("chan receive", most.waitReason());
        assertEquals(Long.parseLong(truth[5]) - 1, most.count());
        target.send("");
      }
    }
  }

  /** Stripped, with cgo, and made by others. */
  @Test
  void shouldAgreeWithPrometheusOnItself() throws IOException {
    try (MonitoringStack stack = MonitoringStack.start(directory)) {
      Scrape before = stack.ownFigures();
      GoReport report = read(stack.prometheusPid());
      Scrape after = stack.ownFigures();
      long goroutines = report.goroutines().count();
      double least = Math.min(before.value("go_goroutines"), after.value("go_goroutines"));
      double most = Math.max(before.value("go_goroutines"), after.value("go_goroutines"));
      // The runtime does not count its own goroutines, of which there are about ten.
      assertTrue(goroutines >= least - 2 && goroutines <= most + 20, goroutines + " " + least);
      assertFalse(report.goroutines().groups().get(0).createdAt().isEmpty());
      double inUse = before.value("go_memstats_heap_inuse_bytes");
      double seen =
          report.balance().bytes(Balance.Part.LIVE)
              + report.balance().bytes(Balance.Part.UNTOUCHED)
              + report.balance().bytes(Balance.Part.GARBAGE)
              + report.balance().bytes(Balance.Part.PINNED);
      assertTrue(Math.abs(seen - inUse) < 0.25 * inUse, seen + " against " + inUse);
    }
  }

  /** Also of a stripped program: its own table of lines tells functions, inlined ones included. */
  @ParameterizedTest
  @CsvSource({"'', false", "'', true"})
  void shouldTellWhoAllocatedAsTheRuntimeDoes(String mode, boolean isStripped) {
    Path program = build("go_profile", mode, isStripped);
    try (CTarget target = CTarget.start(Map.of(), program)) {
      Map<String, long[]> truth = new HashMap<>();
      for (String line = target.readLine(); !line.equals("told"); line = target.readLine()) {
        String[] words = line.split(" ", -1);
        truth.put(
            words[1].replaceFirst("<runtime.goexit:.*", ""),
            new long[] {Long.parseLong(words[2]), Long.parseLong(words[3])});
      }
      MemoryProfile profile = profile(target.pid());
      assertEquals(MemoryProfile.Basis.STACK, profile.basis());
      int compared = 0;
      for (MemoryProfile.Entry entry : profile.entries()) {
        String stack =
            entry.frames().stream()
                .map(frame -> frame.name() + ":" + frame.line())
                .collect(Collectors.joining("<"));
        if (stack.contains("main.keep")) {
          long[] told = truth.get(stack);
          assertNotNull(told, () -> stack + " of " + truth.keySet());
          assertEquals(told[0], entry.objects(), 2, stack);
          assertEquals(told[1], entry.bytes(), 2, stack);
          assertTrue(entry.frames().get(0).file().endsWith(".go"), stack);
          compared++;
        }
      }
      assertTrue(compared >= 2, profile::toString);
    }
  }

  /** Of a release that is unpacked by {@code .ci/other-glibcs}; also of a stripped program. */
  @ParameterizedTest
  @CsvSource({"'', false", "'', true", "-buildmode=pie, true"})
  void shouldNameObjectsByTheTypesThatTheRuntimeKeeps(String mode, boolean isStripped)
      throws IOException {
    Path program = build(newerGo(), "go_types", mode, isStripped);
    try (CTarget target = CTarget.start(Map.of(), program)) {
      for (int round = 0; round < 2; round++) {
        Map<String, Long> truth = new HashMap<>();
        for (String line = target.readLine(); !line.equals("told"); line = target.readLine()) {
          int end = line.lastIndexOf(' ');
          truth.put(line.substring(0, end), Long.parseLong(line.substring(end + 1)));
        }
        Map<String, Long> seen = typed(target.pid());
        truth.forEach((type, count) -> assertEquals(count, seen.get(type), type));
        // Tables that have grown were copied, and what they were copied from is garbage.
        assertEquals(110, seen.get("[]*main.Small"), seen::toString);
        assertFalse(seen.containsKey("main.Small"), seen::toString);
        // The program cannot ask for a profile, and what the runtime allocates first is none.
        assertEquals(List.of(), profiled(target.pid()).profiles());
        target.send("");
      }
    }
  }

  /** What survived, by type, as far as it has one. */
  private static Map<String, Long> typed(int pid) {
    GoReader reader = new GoReader(Defaults.WALK);
    Map<Long, Long> objects = new HashMap<>();
    LiveHeap.read(
        pid,
        reader,
        (address, bytes, inUse) -> {
          if (inUse) {
            objects.put(address, bytes);
          }
        });
    return LiveHeap.looking(
        pid,
        Allocator.GO,
        seen -> {
          Map<String, Long> types = new HashMap<>();
          try (ObjectTypes names = reader.types(seen)) {
            assertNotNull(names);
            long[] words = new long[1];
            objects.forEach(
                (address, bytes) -> {
                  int count = Math.max(0, seen.memory().peek(address, words, 1));
                  String type = names.of(address, bytes, words, count);
                  if (type != null) {
                    types.merge(type, 1L, Long::sum);
                  }
                });
          }
          return types;
        });
  }

  private static String newerGo() throws IOException {
    Path directory = Path.of("target", "glibc", "trixie-go", "usr", "lib");
    assumeTrue(Files.isDirectory(directory), "run .ci/other-glibcs to have a newer Go");
    try (Stream<Path> releases = Files.list(directory)) {
      return releases
          .map(release -> release.resolve("bin/go"))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow()
          .toAbsolutePath()
          .toString();
    }
  }

  private static MemoryProfile profile(int pid) {
    return profiled(pid).profiles().get(0);
  }

  private static GoReport profiled(int pid) {
    return LiveHeap.read(
        pid, new GoReader(Defaults.WALK), OwnerTarget.Depth.PROFILE, ObjectVisitor.NONE);
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoGo() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      assertFalse(read(target.pid()).recognition().isRecognised());
    }
  }

  private Path build(String name, String mode, boolean isStripped) {
    assumeTrue(Files.exists(Path.of("/usr/bin/go")), "no golang-go");
    return build("/usr/bin/go", name, mode, isStripped);
  }

  private Path build(String go, String name, String mode, boolean isStripped) {
    Path program = directory.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of("env", "GOFLAGS=-mod=mod", "GOCACHE=" + directory.resolve("cache"), go));
    command.add("build");
    if (!mode.isEmpty()) {
      command.add(mode);
    }
    command.addAll(List.of("-o", program.toString(), "src/test/go/" + name + ".go"));
    Tool.Result built = Tool.run("", command);
    assertEquals(0, built.status(), built.output());
    if (isStripped) {
      assertEquals(0, Tool.run("", List.of("strip", program.toString())).status());
    }
    return program;
  }

  private static GoReport read(int pid) {
    return LiveHeap.read(pid, new GoReader(Defaults.WALK), ObjectVisitor.NONE);
  }
}
