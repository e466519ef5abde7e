package io.leakwatch.field;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Programs that behave as people's servers did, all watched by one agent at a fast pace. */
@Tag("acceptance")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveCasesTest {
  private static final String TARGETS =
      """
      targets = [
        { name = store, program = thp_refill }
        { name = encoder, program = arena_ratchet }
        { name = valkey, program = "two_mallocs.*" }
        { name = metrics-jvm, program = java, command-line = "field.Deflaters$" }
        { name = metrics-ended, program = java, command-line = "field.Deflaters ended" }
        { name = watchd, program = goroutines, command-line = "goroutines$" }
        { name = watchd-level, program = goroutines, command-line = "goroutines level" }
      ]
      """;
  private static final Path JEMALLOC = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc_pic.a");

  private final Map<String, CTarget> targets = new HashMap<>();
  private AgentProcess agent;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    agent = AgentProcess.run(AgentProcess.fastConfiguration(directory, TARGETS));
    targets.put("store", CTarget.start("thp_refill"));
    targets.put("encoder", CTarget.start("arena_ratchet"));
    targets.put("metrics-jvm", deflaters());
    targets.put("metrics-ended", deflaters("ended"));
    if (Files.exists(JEMALLOC)) {
      targets.put("valkey", CTarget.start(Map.of(), twoMallocs()));
    }
    if (Tool.run("", List.of("sh", "-c", "command -v go")).status() == 0) {
      Path goroutines = goroutines(directory);
      targets.put("watchd", CTarget.start(Map.of(), goroutines));
      targets.put("watchd-level", CTarget.start(Map.of(), goroutines, "level"));
    }
  }

  private static CTarget deflaters(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Xms64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-cp",
                Path.of("target", "test-classes").toString(),
                Deflaters.class.getName()));
    command.addAll(List.of(arguments));
    return CTarget.launch(Map.of(), command);
  }

  private static Path twoMallocs() throws IOException {
    Path own = Files.createDirectories(Path.of("target", "c")).resolve("own_jemalloc.o");
    run("sh", "src/test/c/prefixed_jemalloc.sh", JEMALLOC.toString(), own.toString());
    return CTarget.compile("two_mallocs", own.toString(), "-lm", "-ldl", "-lstdc++");
  }

  private static Path goroutines(Path directory) {
    Path program = directory.resolve("goroutines");
    String cache = "GOCACHE=" + Path.of("target", "go-cache").toAbsolutePath();
    run("env", cache, "go", "build", "-o", program.toString(), "src/test/go/goroutines.go");
    return program;
  }

  private static void run(String... command) {
    Tool.Result made = Tool.run("", List.of(command), Duration.ofMinutes(3));
    assertEquals(0, made.status(), made.output());
  }

  @AfterAll
  void stop() {
    targets.values().forEach(CTarget::close);
    agent.close();
  }

  private CTarget target(String name) {
    CTarget target = targets.get(name);
    assumeTrue(target != null, "libjemalloc-dev or golang-go is missing for " + name);
    return target;
  }

  private JsonObject view(String name) throws IOException {
    return JsonParser.parseString(agent.get("/api/v1/processes/" + name)).getAsJsonObject();
  }

  private static long kindBytes(JsonObject view, String kind) {
    JsonObject totals = view.getAsJsonObject("kinds").getAsJsonObject(kind);
    return totals == null ? 0 : totals.get("resident_bytes").getAsLong();
  }

  private static boolean isJudged(String verdict) {
    return !verdict.isEmpty() && !verdict.equals("unknown");
  }

  private static boolean isKept(String verdict) {
    return verdict.equals("held") || verdict.equals("pinned");
  }

  /** What was logged of a process under its alerts. */
  private List<String> told(String name) {
    List<String> lines = new ArrayList<>(agent.log());
    lines.removeIf(line -> !line.contains(": " + name + " (pid "));
    return lines;
  }

  private void assertNeverToldAsLeak(String name) {
    assertTrue(told(name).stream().noneMatch(line -> line.contains("leaks")), told(name)::toString);
  }

  /**
   * Huge pages refill what a trim had given back. Right: held or pinned, never a leak, for what is
   * in use stays at 1 MB; and it says how much of it is huge pages.
   */
  @Test
  void hugePagesThatRefill() throws IOException {
    CTarget store = target("store");
    assumeTrue(!store.readLine().equals("no huge pages"), "MADV_COLLAPSE (Linux 6.1) is needed");
    agent.await("a quiet past", scrape -> isJudged(scrape.verdict("store")));
    store.send("go");
    agent.await("held", scrape -> isKept(scrape.verdict("store")));
    store.awaitResidentBytes(180e6);
    agent.await(
        "all that is refilled is held",
        scrape ->
            isKept(scrape.verdict("store"))
                && scrape.value("store", "leakwatch_process_heap_trimmable_bytes") > 170e6);
    JsonObject view = view("store");
    assertTrue(view.get("transparent_huge_bytes").getAsLong() > 150e6, view::toString);
    assertTrue(kindBytes(view, "brk_heap") > 170e6, view::toString);
    JsonObject heap = view.getAsJsonObject("ptmalloc");
    assertTrue(heap.get("in_use_bytes").getAsLong() < 2e6, view::toString);
    assertNeverToldAsLeak("store");
  }

  /**
   * Bursts wander over the arenas. Right: held or pinned, never a leak, for what is in use stays
   * under 20 MB while the arenas climb to 8 MB each.
   */
  @Test
  void arenasThatOnlyRise() throws IOException {
    CTarget encoder = target("encoder");
    encoder.awaitLine("ready");
    agent.await("a quiet past", scrape -> scrape.verdict("encoder").equals("steady"));
    encoder.send("go");
    agent.await(
        "held",
        scrape ->
            isKept(scrape.verdict("encoder"))
                && scrape.value("encoder", "leakwatch_process_heap_trimmable_bytes") > 100e6);
    JsonObject view = view("encoder");
    assertTrue(kindBytes(view, "arena") > 100e6, view::toString);
    assertTrue(
        view.getAsJsonObject("ptmalloc").get("in_use_bytes").getAsLong() < 20e6, view::toString);
    assertNeverToldAsLeak("encoder");
  }

  /**
   * A prefixed jemalloc holds the data, glibc's malloc leaks. Right: a leak, most of it in the brk
   * heap; jemalloc's allocated bytes are level.
   */
  @Test
  void twoAllocators() throws IOException {
    target("valkey").awaitLine("ready");
    Scrape scrape = agent.await("a leak", seen -> seen.verdict("valkey").equals("leak"));
    String told = agent.awaitLog(line -> line.contains(": valkey (pid ") && line.contains("leaks"));
    assertTrue(told.contains("most of it in brk_heap"), told);
    double allocated =
        scrape.of("valkey", "leakwatch_process_jemalloc_bytes").stream()
            .filter(one -> one.label("state").equals("allocated"))
            .mapToDouble(Scrape.Series::value)
            .sum();
    assertEquals(144e6, allocated, 10e6);
    assertEquals("[\"ptmalloc\",\"jemalloc\"]", view("valkey").get("allocators").toString());
  }

  /**
   * A JVM whose Deflaters are never ended. Right: a leak in memory of malloc (arenas and mmapped
   * chunks), while the Java heap is level at its 64 MB; no leak where they are ended.
   */
  @Test
  void nativeMemoryOfAJvm() throws IOException {
    target("metrics-jvm").awaitLine("ready");
    agent.await("a leak", scrape -> scrape.verdict("metrics-jvm").equals("leak"));
    String told =
        agent.awaitLog(line -> line.contains(": metrics-jvm (pid ") && line.contains("leaks"));
    assertTrue(told.matches(".*most of it in (arena|malloc_mmap) .*"), told);
    JsonObject view = view("metrics-jvm");
    assertEquals(64 << 20, kindBytes(view, "java_heap"), 4 << 20);
    assertTrue(view.get("allocators").toString().contains("\"jvm\""), view::toString);
    assertNeverToldAsLeak("metrics-ended");
    assertTrue(agent.scrape().value("metrics-ended", "leakwatch_process_up") == 1);
  }

  /**
   * Goroutines that wait for ever. Right: growth in the Go heap; nothing of it is taken for an
   * arena of malloc, and it is not held. Where they end, there is no leak.
   */
  @Test
  void goroutines() throws IOException {
    target("watchd").awaitLine("ready");
    agent.await(
        "growth",
        scrape -> {
          String verdict = scrape.verdict("watchd");
          return verdict.equals("growing") || verdict.equals("leak");
        });
    String told = agent.awaitLog(line -> line.contains("warning: watchd (pid "));
    assertTrue(told.contains("most of it in go_heap"), told);
    JsonObject view = view("watchd");
    assertEquals(0, kindBytes(view, "arena"), 1 << 20);
    assertTrue(kindBytes(view, "go_heap") > 20e6, view::toString);
    assertNeverToldAsLeak("watchd-level");
    assertTrue(agent.scrape().value("watchd-level", "leakwatch_process_up") == 1);
  }
}
