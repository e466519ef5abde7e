package io.leakwatch.saved.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.diagnosis.DiagnosisProgress;
import io.leakwatch.diagnosis.DiagnosisRun;
import io.leakwatch.export.json.DiagnosisJson;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.CommandOutput;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.target.ProcessFinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect CORE} and {@code diagnose CORE CORE}, held against the live process. */
class CoreInspectTest {
  private static final byte[] GZIP = {31, -117, 8, 0};

  @TempDir private Path folder;

  private final CommandOutput output = new CommandOutput();

  @AfterEach
  void leave() {
    output.close();
  }

  private int run(String command, Object... arguments) {
    output.reset();
    return output.execute(List.of(command), arguments);
  }

  private JsonObject json(String command, Object... arguments) {
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--json";
    assertEquals(0, run(command, all), output.err());
    return JsonParser.parseString(output.out()).getAsJsonObject();
  }

  private void assertRefused(int status, String line, String command, Object... arguments) {
    assertEquals(status, run(command, arguments), output.err());
    assertEquals("", output.out());
    assertEquals(1, output.err().lines().count(), output.err());
    assertTrue(output.err().startsWith("leakwatch: ") && output.err().contains(line), output.err());
  }

  /** What is not a page's content may differ: pages of files are not in a core. */
  private static void assertAlike(JsonObject live, JsonObject core) {
    assertEquals(live.get("pid"), core.get("pid"));
    assertEquals(live.get("exe"), core.get("exe"));
    assertEquals(live.get("build_id"), core.get("build_id"));
    assertEquals(live.get("allocators"), core.get("allocators"));
    assertSameHeap(live.getAsJsonObject("ptmalloc"), core.getAsJsonObject("ptmalloc"));
    for (String kind : List.of("arena", "brk_heap", "malloc_mmap", "thread_stack", "main_stack")) {
      JsonObject was = live.getAsJsonObject("kinds").getAsJsonObject(kind);
      JsonObject is = core.getAsJsonObject("kinds").getAsJsonObject(kind);
      assertEquals(was == null, is == null, kind);
      if (was != null) {
        assertEquals(was.get("count"), is.get("count"), kind);
        assertEquals(was.get("mapped_bytes"), is.get("mapped_bytes"), kind);
      }
    }
    long sum = 0;
    for (JsonElement kind : core.getAsJsonObject("kinds").asMap().values()) {
      sum += kind.getAsJsonObject().get("resident_bytes").getAsLong();
    }
    assertEquals(core.get("rss_bytes").getAsLong(), sum);
    assertTrue(core.get("swap_bytes").isJsonNull(), "a core does not tell what was swapped");
    assertTrue(core.get("start_time").isJsonNull(), "nor when the process started");
  }

  /** All but what was never touched: a page that was filled with zeros counts as such in a core. */
  private static void assertSameHeap(JsonObject live, JsonObject core) {
    long more = untouched(core) - untouched(live);
    assertTrue(more >= 0 && more < 16 * 4096, more + " bytes more are untouched");
    assertEquals(live, core);
  }

  private static long untouched(JsonObject heap) {
    heap.getAsJsonArray("arenas")
        .forEach(arena -> arena.getAsJsonObject().remove("untouched_bytes"));
    return heap.remove("untouched_bytes").getAsLong();
  }

  private static CTarget quietHeap() {
    CTarget target = CTarget.start("heaptruth", "mixed", "3", "20");
    target.awaitLine("ready");
    target.send("info");
    target.awaitLine("done");
    return target;
  }

  @Test
  void shouldSayOfWhatGcoreWroteWhatItSaysOfTheProcess() {
    try (CTarget target = quietHeap()) {
      JsonObject live = json("inspect", target.pid());
      Path core = Cores.gcore(target, folder.resolve("heap"));
      assertAlike(live, json("inspect", core));
      assertEquals(0, run("inspect", core));
      assertTrue(output.out().contains("from a core file"), output.out());
    }
  }

  @Test
  void shouldSayTheSameOfWhatTheKernelWrote() throws IOException {
    String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern")).strip();
    assumeTrue(!pattern.matches("[|/].*"), "the kernel hands cores to " + pattern);
    Path program = CTarget.compile("heaptruth").toAbsolutePath();
    String script = "cd " + folder + " && ulimit -c unlimited && exec " + program + " mixed 3 20";
    try (CTarget target = CTarget.launch(Map.of(), List.of("sh", "-c", script))) {
      target.awaitLine("ready");
      target.send("info");
      target.awaitLine("done");
      JsonObject live = json("inspect", target.pid());
      Tool.run("", List.of("kill", "-ABRT", Integer.toString(target.pid())));
      awaitEnd(target);
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> cores = files.toList();
        assumeTrue(cores.size() == 1, "the kernel wrote no core: ulimit -c");
        assertAlike(live, json("inspect", cores.get(0)));
      }
    }
  }

  /** Where brk begins depends on how a program is linked, and on where the kernel puts it. */
  @Test
  void shouldFindTheHeapOfAProgramThatIsLinkedInAnotherWay() {
    for (String flag : List.of("-no-pie", "-static", "-static-pie")) {
      assertSameAsLive(
          List.of(CTarget.compile("suspects", flag).toAbsolutePath().toString()), flag);
    }
    String program = CTarget.compile("suspects").toAbsolutePath().toString();
    assertSameAsLive(List.of("setarch", "-R", program), "unrandomised");
  }

  private void assertSameAsLive(List<String> program, String name) {
    List<String> command = new ArrayList<>(program);
    command.add("lease");
    try (CTarget target = CTarget.launch(Map.of(), command)) {
      target.awaitLine("ready");
      grow(target, 3);
      JsonObject live = json("inspect", target.pid());
      assertAlike(live, json("inspect", Cores.gcore(target, folder.resolve(name))));
    }
  }

  private static void awaitEnd(CTarget target) {
    ProcessHandle.of(target.pid()).ifPresent(process -> process.onExit().join());
  }

  private static JsonObject diagnose(Path first, Path second, @Nullable Duration told)
      throws ConfigurationProblem {
    try (SuccessiveCores cores = SuccessiveCores.open(first, second)) {
      DiagnosisRun.Result result =
          DiagnosisRun.of(
              cores,
              Configuration.load(null),
              new ProcessFinder.Named("suspects", cores.process().info()),
              cores.span(told),
              Masking.none(),
              DiagnosisProgress.SILENT);
      return JsonParser.parseString(DiagnosisJson.of(result.view(), result.diagnosis()))
          .getAsJsonObject();
    }
  }

  private static String refused(Executable command) {
    return assertThrows(CommandFailure.class, command).getMessage();
  }

  private static void grow(CTarget target, int times) {
    for (int i = 0; i < times; i++) {
      target.send("grow");
      target.awaitLine("grown");
    }
  }

  @Test
  void shouldNameTheLeakBetweenTwoCoresAsItDoesOfTheProcess()
      throws IOException, ConfigurationProblem {
    try (CTarget target = CTarget.start("suspects", "lease")) {
      target.awaitLine("ready");
      grow(target, 2);
      Path first = Cores.gcore(target, folder.resolve("first"));
      grow(target, 5);
      Path second = Cores.gcore(target, folder.resolve("second"));
      Files.setLastModifiedTime(first, FileTime.from(Instant.ofEpochSecond(1000)));
      Files.setLastModifiedTime(second, FileTime.from(Instant.ofEpochSecond(1060)));
      JsonObject found = diagnose(first, second, null);
      JsonObject suspect = found.getAsJsonArray("suspects").get(0).getAsJsonObject();
      assertEquals("topology::Lease", suspect.get("type").getAsString(), found::toString);
      assertEquals(10_000, suspect.get("count_growth").getAsLong());
      assertEquals(64, suspect.get("chunk_bytes").getAsLong());
      assertEquals(1.0, suspect.get("unreferenced_fraction").getAsDouble());
      assertEquals("leak", found.get("verdict").getAsString());
      double rate = found.get("growth_bytes_per_second").getAsDouble();
      assertEquals(10_000 * 64 / 60.0, rate, 0.1 * rate);
      JsonObject slower = diagnose(first, second, Duration.ofSeconds(120));
      assertEquals(rate / 2, slower.get("growth_bytes_per_second").getAsDouble(), 1);
      String older = refused(() -> diagnose(second, first, null));
      assertTrue(older.contains(" is older than "), older);
      assertRefused(2, "give the later one", "diagnose", first);
    }
  }

  @Test
  void shouldNameTheHolderOfWhatIsHeld() throws ConfigurationProblem {
    try (CTarget target = CTarget.start("suspects", "map")) {
      target.awaitLine("ready");
      grow(target, 2);
      Path first = Cores.gcore(target, folder.resolve("first"));
      grow(target, 5);
      Path second = Cores.gcore(target, folder.resolve("second"));
      JsonObject found = diagnose(first, second, Duration.ofSeconds(60));
      JsonObject suspect = found.getAsJsonArray("suspects").get(0).getAsJsonObject();
      assertEquals("growing", found.get("verdict").getAsString(), found::toString);
      assertTrue(suspect.get("holders").toString().contains("g_leases"), suspect::toString);
    }
  }

  @Test
  void shouldRefuseTwoCoresOfDifferentProcesses() {
    try (CTarget one = CTarget.start("suspects", "lease");
        CTarget other = CTarget.start("suspects", "lease")) {
      one.awaitLine("ready");
      other.awaitLine("ready");
      Path first = Cores.gcore(one, folder.resolve("one"));
      Path second = Cores.gcore(other, folder.resolve("other"));
      String line = refused(() -> diagnose(first, second, null));
      assertTrue(line.contains(" are of different processes (pid "), line);
    }
  }

  @Test
  void shouldNotUseAFileThatIsNoMoreTheOneOfTheProcess() throws IOException {
    Path program = Files.copy(CTarget.compile("suspects"), folder.resolve("server"));
    try (CTarget target = CTarget.start(Map.of(), program, "lease")) {
      target.awaitLine("ready");
      Path core = Cores.gcore(target, folder.resolve("core"));
      JsonObject before = json("inspect", core);
      Files.delete(program);
      Files.copy(CTarget.compile("heaptruth"), program, StandardCopyOption.REPLACE_EXISTING);
      JsonObject after = json("inspect", core);
      assertNotEquals("", before.get("build_id").getAsString());
      assertEquals("", after.get("build_id").getAsString());
      assertEquals(before.get("ptmalloc"), after.get("ptmalloc"));
      assertTrue(
          after
              .get("kinds_notes")
              .toString()
              .contains("server differs from the file that the process had"),
          after::toString);
    }
  }

  @Test
  void shouldShowWhatIsThereOfACoreThatIsCutOff() throws IOException {
    try (CTarget target = quietHeap()) {
      Path core = Cores.gcore(target, folder.resolve("heap"));
      byte[] whole = Files.readAllBytes(core);
      long rss = json("inspect", core).get("rss_bytes").getAsLong();
      for (int part = 1; part < 8; part++) {
        Files.write(core, Arrays.copyOf(whole, whole.length / 8 * part));
        JsonObject cut = json("inspect", core);
        assertTrue(cut.get("rss_bytes").getAsLong() < rss, cut::toString);
        assertTrue(cut.get("kinds_notes").toString().contains("is cut off"), cut::toString);
      }
      Files.write(core, Arrays.copyOf(whole, 100));
      assertTrue(json("inspect", core).get("kinds_notes").toString().contains("is cut off"));
      Files.write(core, Arrays.copyOf(whole, 40));
      assertRefused(2, "is cut off in its first 64 bytes", "inspect", core);
    }
  }

  @Test
  void shouldSayInOneLineWhatIsNoCoreOfThisArchitecture() throws IOException {
    Path file = folder.resolve("core");
    Files.write(file, Cores.madeUp(183 + 62 - own(), 0, 1));
    assertRefused(2, "is a core of another architecture (", "inspect", file);
    Files.writeString(file, "#!/bin/sh\necho a text and no core at all, of more than 64 bytes\n");
    assertRefused(2, "is no core file", "inspect", file);
    Files.write(file, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0});
    assertRefused(2, "is compressed: unpack it first (zstd -d", "inspect", file);
    Files.write(file, new byte[0]);
    assertRefused(2, "is empty", "inspect", file);
    assertRefused(2, "but no core file (type", "inspect", CTarget.compile("two_arenas"));
    assertRefused(2, "is a directory", "inspect", folder);
    assertRefused(2, "no such file", "inspect", folder.resolve("missing"));
    assertRefused(2, "unpack it first (gzip", "inspect", Files.write(file, GZIP));
  }

  private static int own() {
    return System.getProperty("os.arch", "").equals("aarch64") ? 183 : 62;
  }

  @Test
  void shouldEndWithFiguresOrOneLineWhateverIsDamaged() throws IOException {
    try (CTarget target = CTarget.start("suspects", "lease")) {
      target.awaitLine("ready");
      grow(target, 1);
      Path core = Cores.gcore(target, folder.resolve("core"));
      byte[] whole = Files.readAllBytes(core);
      for (int seed = 0; seed < 60; seed++) {
        Random random = new Random(seed);
        byte[] damaged = whole.clone();
        for (int i = 0; i < 1 + seed; i++) {
          int at =
              switch (random.nextInt(3)) {
                case 0 -> random.nextInt(64 + 56 * 40); // Headers.
                case 1 -> damaged.length - 1 - random.nextInt(8192); // Notes.
                default -> random.nextInt(damaged.length);
              };
          damaged[at] = (byte) random.nextInt();
        }
        Files.write(core, damaged);
        int status = run("inspect", core, "--json");
        String said = "seed " + seed + ": " + output.err();
        if (status == 0) {
          JsonObject json = JsonParser.parseString(output.out()).getAsJsonObject();
          assertTrue(json.get("rss_bytes").getAsLong() >= 0, said);
        } else {
          assertEquals(2, status, said);
          assertEquals(1, output.err().lines().count(), said);
        }
      }
    }
  }
}
