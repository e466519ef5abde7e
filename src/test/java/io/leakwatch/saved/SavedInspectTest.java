package io.leakwatch.saved;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.CommandOutput;
import io.leakwatch.harness.Tool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code inspect --proc} and {@code inspect --smaps}, as a person with a ticket calls them. */
class SavedInspectTest {
  private static final long KIB = 1024;

  private static final String MAPS =
      """
      55d000000000-55d000010000 r-xp 00000000 fe:01 42                         /usr/bin/server
      55d000020000-55d000040000 rw-p 00000000 00:00 0                          [heap]
      7ffd00000000-7ffd00020000 rw-p 00000000 00:00 0                          [stack]
      """;

  private static final String SMAPS =
      """
      55d000000000-55d000010000 r-xp 00000000 fe:01 42                         /usr/bin/server
      Rss:                  12 kB
      Anonymous:             4 kB
      VmFlags: rd ex
      """;

  private static final String LISTING =
      "Address Perm Offset Device Inode Size Rss Mapping\n1000 rw-p 0 00:00 0 4 4\n";

  private static final String STATUS =
      "Name:\tserver\nPid:\t12\nVmRSS:\t     100 kB\nThreads:\t3\n";

  @TempDir private Path directory;

  private final InputStream standardIn = System.in;
  private final CommandOutput output = new CommandOutput();

  @AfterEach
  void leave() {
    System.setIn(standardIn);
    output.close();
  }

  private int inspect(Object... arguments) {
    output.reset();
    return output.execute(List.of("inspect"), arguments);
  }

  private String text(Object... arguments) {
    assertEquals(0, inspect(arguments), errors());
    assertEquals("", errors());
    return output.out();
  }

  private JsonObject json(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.add("--json");
    JsonObject json = JsonParser.parseString(text(all.toArray())).getAsJsonObject();
    if (!json.get("rss_bytes").isJsonNull() && json.get("exact").getAsBoolean()) {
      long sum = 0;
      for (JsonElement kind : json.getAsJsonObject("kinds").asMap().values()) {
        sum += kind.getAsJsonObject().get("resident_bytes").getAsLong();
      }
      assertEquals(json.get("rss_bytes").getAsLong(), sum);
    }
    return json;
  }

  private String errors() {
    return output.err();
  }

  private void assertRefused(int status, String line, Object... arguments) {
    assertEquals(status, inspect(arguments), errors());
    assertEquals("", output.out());
    assertEquals(1, errors().lines().count(), errors());
    assertTrue(errors().startsWith("leakwatch: ") && errors().contains(line), errors());
  }

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path resource(String name) throws IOException {
    try (InputStream in = SavedInspectTest.class.getResourceAsStream(name)) {
      assertNotNull(in, name);
      Path file = directory.resolve(Path.of(name).getFileName());
      Files.write(file, in.readAllBytes());
      return file;
    }
  }

  private static long kib(JsonObject json, String kind, String figure) {
    JsonObject totals = json.getAsJsonObject("kinds").getAsJsonObject(kind);
    return totals == null ? 0 : totals.get(figure).getAsLong() / KIB;
  }

  private static List<String> notes(JsonObject json) {
    return json.getAsJsonArray("notes").asList().stream().map(JsonElement::getAsString).toList();
  }

  @Test
  void smapsOfTheNewestKernels() throws IOException {
    JsonObject json = json("--smaps", resource("smaps-6x-mixed.txt"), "--largest", "13");

    assertEquals(13, json.get("mapping_count").getAsInt());
    assertEquals(1, json.getAsJsonObject("source").get("malformed_lines").getAsInt());
    assertTrue(notes(json).get(0).endsWith("smaps-6x-mixed.txt:1: malformed line"), json::toString);
    assertEquals(1_120_304, json.get("rss_bytes").getAsLong() / KIB);
    assertEquals(60_000, kib(json, "arena", "resident_bytes"));
    assertEquals(4_000, kib(json, "arena", "swap_bytes"));
    assertEquals(1_000, kib(json, "arena", "lazy_free_bytes"));
    assertEquals(0, kib(json, "hugetlb", "resident_bytes"));
    assertEquals(20, kib(json, "main_stack", "resident_bytes"));
    assertTrue(kib(json, "file", "resident_bytes") >= 1_048_576);
    assertTrue(json.get("pid").isJsonNull() && json.get("name").isJsonNull());
    assertFalse(json.has("ptmalloc"));
    List<JsonElement> largest = json.getAsJsonArray("largest_mappings").asList();
    assertEquals(13, largest.size());
    assertEquals("/dev/dax0.0", largest.get(0).getAsJsonObject().get("name").getAsString());
    assertTrue(
        largest.stream()
            .map(one -> one.getAsJsonObject().get("name").getAsString())
            .anyMatch("/memfd:a\\012b\\040\ufffd (deleted)"::equals),
        json::toString);
  }

  @Test
  void kindsOfTheNewestKernels() throws IOException {
    JsonObject json = json("--smaps", resource("smaps-6x-mixed.txt"));

    assertEquals(2_048, kib(json, "brk_heap", "resident_bytes"));
    assertEquals(4_096, kib(json, "jemalloc", "resident_bytes"));
    assertEquals(4_096 + 1_024, kib(json, "shared_memory", "resident_bytes"));
    assertEquals(1_048_576 + 400, kib(json, "file", "resident_bytes"));
    assertEquals(36 + 8, kib(json, "special", "resident_bytes"));
  }

  @Test
  void emptyFlagsAreNoError() throws IOException {
    JsonObject json = json("--smaps", resource("smaps-emptyflags.txt"));

    assertEquals(6, json.get("mapping_count").getAsInt());
    assertEquals(0, json.getAsJsonObject("source").get("malformed_lines").getAsInt());
    assertEquals(615, json.get("rss_bytes").getAsLong() / KIB);
    assertEquals(615, json.get("anonymous_bytes").getAsLong() / KIB);
    assertEquals(100, kib(json, "brk_heap", "resident_bytes"));
    assertTrue(json.get("lazy_free_bytes").isJsonNull());
    assertEquals(0, json.get("swap_bytes").getAsLong());
  }

  @Test
  void addressesAloneAreNoGo() throws IOException {
    JsonObject json = json("--smaps", resource("smaps-emptyflags.txt"));

    assertEquals(515, kib(json, "anonymous", "resident_bytes"));
    assertFalse(json.getAsJsonArray("allocators").toString().contains("go"));
  }

  @Test
  void pmapOfCurveMds() throws IOException {
    JsonObject json = json("--smaps", resource("/io/leakwatch/region/curve-mds.pmap"));

    assertEquals("[\"ptmalloc\",\"go\"]", json.get("allocators").toString());
    assertEquals(128 * KIB, kib(json, "arena", "mapped_bytes"));
    assertEquals(160, kib(json, "arena", "resident_bytes"));
    assertEquals(1852, kib(json, "go_heap", "resident_bytes"));
    assertEquals(2596, kib(json, "brk_heap", "resident_bytes"));
    assertTrue(json.get("anonymous_bytes").isJsonNull() && json.get("swap_bytes").isJsonNull());
    assertTrue(
        json.getAsJsonObject("kinds").getAsJsonObject("arena").get("swap_bytes").isJsonNull());
    assertTrue(
        notes(json).stream().anyMatch(note -> note.contains(".pmap:17: malformed line")),
        json::toString);
    assertTrue(text("--smaps", directory.resolve("curve-mds.pmap")).contains("memory not read"));
  }

  /** Two readings of a process that stands still say the same. */
  private static void stop(CTarget process) {
    Tool.run("", List.of("kill", "-STOP", Integer.toString(process.pid())));
  }

  @Test
  void aSavedDirectoryShouldShowWhatTheProcessShowed() throws IOException {
    try (CTarget leak = CTarget.start("leak_threads", "4", "20000000", "1000")) {
      leak.awaitLine("ready");
      stop(leak);
      Path live = Path.of("/proc", Integer.toString(leak.pid()));
      Path saved = directory.resolve("sent").resolve(Integer.toString(leak.pid()));
      Files.createDirectories(saved);
      for (String name : List.of("smaps", "maps", "status", "stat", "cmdline", "cgroup")) {
        Files.write(saved.resolve(name), Files.readAllBytes(live.resolve(name)));
      }
      Files.createSymbolicLink(saved.resolve("exe"), live.resolve("exe").toRealPath());
      Files.write(directory.resolve("sent/stat"), Files.readAllBytes(Path.of("/proc/stat")));
      JsonObject now = json(leak.pid());
      for (Path tree : List.of(directory.resolve("sent"), saved)) {
        JsonObject then = json("--proc", tree);
        for (String field : List.of("pid", "name", "exe", "start_time", "allocators")) {
          assertEquals(now.get(field), then.get(field), field);
        }
        assertEquals(kib(now, "brk_heap", "mapped_bytes"), kib(then, "brk_heap", "mapped_bytes"));
        assertEquals(kib(now, "arena", "mapped_bytes"), kib(then, "arena", "mapped_bytes"));
        assertFalse(then.has("ptmalloc"));
        assertEquals(leak.pid(), json("--proc", tree, "leak_threads").get("pid").getAsInt());
        assertEquals(leak.pid(), json("--proc", tree, leak.pid()).get("pid").getAsInt());
        assertRefused(3, "no process", "--proc", tree, "999999");
      }
      assertTrue(json("--proc", saved).get("build_id").isJsonNull());
      Files.delete(saved.resolve("exe"));
      Files.copy(live.resolve("exe").toRealPath(), saved.resolve("exe"));
      assertEquals(now.get("build_id"), json("--proc", saved).get("build_id"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-X", "-XX", "-Xp"})
  void pmapShouldSumUpAsSmapsDoes(String option) throws IOException {
    try (CTarget leak = CTarget.start("leak_threads", "2", "20000000", "1000")) {
      leak.awaitLine("ready");
      stop(leak);
      Tool.Result pmap = Tool.run("", List.of("pmap", option, Integer.toString(leak.pid())));
      JsonObject smaps = json("--smaps", "/proc/" + leak.pid() + "/smaps");
      System.setIn(new ByteArrayInputStream(pmap.output().getBytes(StandardCharsets.UTF_8)));
      JsonObject json = json("--smaps", "-");

      assertEquals(leak.pid(), json.get("pid").getAsInt());
      assertEquals("leak_threads", json.get("name").getAsString());
      assertEquals(smaps.get("mapping_count"), json.get("mapping_count"));
      assertEquals(smaps.get("kinds"), json.get("kinds"));
      assertEquals(smaps.get("anonymous_bytes"), json.get("anonymous_bytes"));
      assertEquals("pmap", json.getAsJsonObject("source").get("format").getAsString());
    }
  }

  @Test
  void ofSeveralProcessesOneHasToBeNamed() throws IOException {
    file("tree/12/maps", MAPS);
    file("tree/12/status", STATUS);
    file("tree/7/maps", MAPS);
    file("tree/8/maps", "");
    file("tree/sys/x", "");
    Path tree = directory.resolve("tree");

    assertRefused(2, "holds 2 processes: give one of the pids 7, 12 server", "--proc", tree);
    assertEquals("server", json("--proc", tree, "12").get("name").getAsString());
    assertEquals(12, json("--proc", tree, "server").get("pid").getAsInt());
    assertRefused(1, "are empty", "--proc", tree, "8");
  }

  @Test
  void whatIsNotKnownShouldNotBeZero() throws IOException {
    file("p/maps", MAPS);
    JsonObject json = json("--proc", directory.resolve("p"));

    for (String field :
        List.of("pid", "name", "exe", "start_time", "threads", "rss_bytes", "anonymous_bytes")) {
      assertTrue(json.get(field).isJsonNull(), field);
    }
    JsonObject heap = json.getAsJsonObject("kinds").getAsJsonObject("brk_heap");
    assertEquals(128 * KIB, heap.get("mapped_bytes").getAsLong());
    assertTrue(heap.get("resident_bytes").isJsonNull());
    assertTrue(text("--proc", directory.resolve("p")).contains("not what of it is resident"));

    file("p/status", STATUS);
    json = json("--proc", directory.resolve("p"));
    assertEquals(12, json.get("pid").getAsInt());
    assertEquals(100 * KIB, json.get("rss_bytes").getAsLong());
    assertEquals(3, json.get("threads").getAsInt());
  }

  @Test
  void linesOfOtherSystemsShouldBeRead() throws IOException {
    Path plain = resource("smaps-emptyflags.txt");
    Path odd = file("odd", "\ufeff" + Files.readString(plain).replace("\n", "\r\n"));

    assertEquals(json("--smaps", plain).get("kinds"), json("--smaps", odd).get("kinds"));
    assertEquals(
        0, json("--smaps", odd).getAsJsonObject("source").get("malformed_lines").getAsInt());
  }

  @Test
  void whatIsCutShouldBeSaid() throws IOException {
    String text = Files.readString(resource("smaps-emptyflags.txt"));
    for (int cut : new int[] {40, 100, 200}) {
      Path file = file("some", text.substring(0, text.length() - cut));
      assertTrue(text("--smaps", file).contains("some is cut: it ends in"), "less " + cut);
    }
    JsonObject pasted = json("--smaps", file("pasted", text.stripTrailing()));
    assertEquals(json("--smaps", file("whole", text)).get("kinds"), pasted.get("kinds"));
    assertEquals(0, pasted.getAsJsonObject("source").get("malformed_lines").getAsInt());
    assertTrue(notes(pasted).get(0).endsWith("pasted may be cut: its last line has no end"));
    assertFalse(text("--smaps", file("padded", text + "\n\n")).contains("cut"));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16, 64})
  void pagesShouldBeThoseOfTheOtherNode(int kib) throws IOException {
    String text =
        "100000000-100040000 r-xp 00000000 fe:01 42 /usr/bin/server\n100100000-"
            + Long.toHexString(0x100100000L + kib * KIB)
            + " rw-p 00000000 00:00 0\n";
    JsonObject json = json("--smaps", file("maps", text));

    assertEquals(kib * KIB, json.getAsJsonObject("source").get("page_bytes").getAsLong());
    assertFalse(json.getAsJsonObject("kinds").has("hugetlb"));
  }

  @Test
  void whatMakesNoSenseShouldBeRefusedInOneLine() throws IOException {
    assertRefused(2, "no such file", "--smaps", directory.resolve("absent"));
    assertRefused(2, "is a directory", "--smaps", directory);
    assertRefused(2, "no such directory", "--proc", directory.resolve("absent"));
    assertRefused(2, "has neither smaps nor maps", "--proc", directory);
    assertRefused(2, "exclude", "--proc", directory, "--smaps", "x");
    assertRefused(2, "leave out 12", "12", "--smaps", "x");
    assertRefused(2, "name a process");
    assertRefused(2, "--largest must be from 0", "--smaps", "x", "--largest", "-1");
    assertRefused(1, "is empty", "--smaps", file("a", "\n"));
    assertRefused(1, "a:2: is neither", "--smaps", file("a", "\nhello \u001b[2J\n"));
    assertRefused(1, "a: is binary", "--smaps", file("a", "7f\u0000ELF"));
    assertRefused(
        1, "a:2: pmap without -X", "--smaps", file("a", "1: x\nAddress  Kbytes Mode Mapping\n"));
    assertRefused(
        1, "a:1: smaps_rollup", "--smaps", file("a", "7f00-7fff ---p 00000000 00:00 0 [rollup]\n"));
    assertRefused(1, "a:1: no mapping", "--smaps", file("a", "7fff-7f00 rw-p 0 00:00 0\n"));
    assertRefused(
        1, "a:1: no mapping", "--smaps", file("a", "0-ffffffffffffffff rw-p 0 00:00 0\n"));
    assertRefused(1, "a:4: here begin", "--smaps", file("a", MAPS + MAPS));
    assertRefused(1, "a:3: here begin the mappings", "--smaps", file("a", LISTING + LISTING));
    assertRefused(
        1,
        "a:1: pmap -q",
        "--smaps",
        file("a", "    56221deda000 r--p 00000000 fe:00 260875    8    8 sleep\n"));
  }

  @FuzzTest
  void hostileFilesNeverHarm(byte[] bytes) throws IOException {
    for (String before : List.of("", MAPS, SMAPS, LISTING)) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(before.getBytes(StandardCharsets.UTF_8));
      all.writeBytes(bytes);
      assertRefusedOrSummed(all.toByteArray());
    }
  }

  @Test
  void damagedFilesNeverHarm() throws IOException {
    Random random = new Random(19);
    List<byte[]> whole =
        List.of(
            Files.readAllBytes(resource("smaps-6x-mixed.txt")),
            Files.readAllBytes(resource("/io/leakwatch/region/curve-mds.pmap")),
            MAPS.getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 90; i++) {
      byte[] damaged = whole.get(i % whole.size()).clone();
      for (int flips = 1 << random.nextInt(8); flips > 0; flips--) {
        int at = random.nextInt(damaged.length);
        damaged[at] =
            random.nextBoolean()
                ? damaged[random.nextInt(damaged.length)]
                : (byte) random.nextInt(256);
      }
      assertRefusedOrSummed(damaged);
    }
  }

  /** Whatever a file holds, it is refused in one line or its sums add up. */
  private void assertRefusedOrSummed(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("leakwatch", "saved");
    try {
      Files.write(file, bytes);
      int status = inspect("--smaps", file);
      assertTrue(status == 0 || (status == 1 && errors().lines().count() == 1), errors());
      if (status == 0) {
        json("--smaps", file);
      }
    } finally {
      Files.delete(file);
    }
  }

  /** A link leads to a file of this machine, and a pipe waits for a writer that never comes. */
  @Test
  void onlyRegularFilesOfATreeShouldBeOpened() throws IOException {
    Path process = directory.resolve("tree/12");
    Files.createDirectories(process);
    Files.createSymbolicLink(process.resolve("smaps"), Path.of("/proc/self/smaps"));
    Files.createSymbolicLink(directory.resolve("tree/13"), Path.of("/proc/self"));
    Tool.run("", List.of("mkfifo", process.resolve("maps").toString()));
    Tool.run("", List.of("mkfifo", process.resolve("status").toString()));

    assertRefused(1, "has neither smaps nor maps", "--proc", directory.resolve("tree"));
    assertRefused(3, "no process has pid 13", "--proc", directory.resolve("tree"), "13");
  }
}
