package io.leakwatch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.config.Defaults;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a script meets them: standard output, standard error, exit status. */
class CommandTest {
  private static final int TIMEOUT_SECONDS = 180;
  private static final double MEGABYTE = 1e6;

  @TempDir private Path directory;

  private record Result(int status, String out, String err) {
    JsonObject json() {
      return JsonParser.parseString(out).getAsJsonObject();
    }

    List<JsonObject> jsonLines() {
      return out.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }
  }

  /** Runs the program in a JVM of its own, in a locale that knows nothing but ASCII. */
  private Result run(String... arguments) {
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(Launcher.command(arguments))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("LC_ALL", "C");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(List.of(arguments) + " does not end: " + Files.readString(out));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(int status, Result result) {
    assertEquals(status, result.status(), result::toString);
    assertEquals("", result.out());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("leakwatch: "), result.err());
  }

  @Test
  void diagnoseShouldKeepTheContract() throws IOException {
    Path page = directory.resolve("page.html");
    try (CTarget leak = CTarget.start("leak_threads", "4", "20000000", "1000")) {
      leak.awaitLine("ready");
      String pid = Integer.toString(leak.pid());
      Result result = run("diagnose", pid, "--for", "2s", "--json", "--html", page.toString());
      assertEquals(0, result.status(), result::toString);
      JsonObject found = result.json();
      for (String key :
          List.of("pid", "kinds", "ptmalloc", "verdict", "confidence", "reasons", "load")) {
        assertTrue(found.has(key), key);
      }
      assertEquals("leak", found.get("verdict").getAsString());
      assertTrue(found.get("growth_bytes_per_second").getAsDouble() > 5e6);
      assertTrue(found.getAsJsonObject("growth").get("arena").getAsDouble() > 5e6);
      JsonObject suspect = found.getAsJsonArray("suspects").get(0).getAsJsonObject();
      assertEquals(1008, suspect.get("chunk_bytes").getAsLong());
      assertTrue(suspect.get("count_growth").getAsLong() > 5_000);
      assertTrue(suspect.get("unreferenced_fraction").getAsDouble() > 0.9);
      assertTrue(suspect.get("type").getAsString().startsWith("string"));
      String html = Files.readString(page);
      assertTrue(html.contains("leak_threads") && !html.contains("<script"), html);
    }
    assertRefused(3, run("diagnose", "999999999"));
    Result other = run("diagnose", "1", "--start-ticks", "12345678987654321");
    assertRefused(3, other);
    assertTrue(other.err().contains("pid 1 now belongs to another process"), other.err());
    assertEquals(2, run("diagnose", "1", "--for", "soon").status());
  }

  @Test
  void inspectJsonShouldKeepTheContract() {
    try (CTarget leak = CTarget.start("leak_threads", "4", "20000000", "1000")) {
      leak.awaitLine("ready");
      Result result = run("inspect", Integer.toString(leak.pid()), "--json");
      assertEquals(0, result.status(), result::toString);
      assertEquals("", result.err());
      JsonObject process = result.json();
      assertTrue(
          process
              .keySet()
              .containsAll(
                  Set.of(
                      "pid",
                      "name",
                      "exe",
                      "start_time",
                      "allocators",
                      "rss_bytes",
                      "anonymous_bytes",
                      "swap_bytes",
                      "lazy_free_bytes",
                      "mapping_count",
                      "kinds",
                      "ptmalloc")),
          process::toString);
      assertEquals(leak.pid(), process.get("pid").getAsInt());
      assertEquals("leak_threads", process.get("name").getAsString());
      assertTrue(process.get("exe").getAsString().endsWith("/leak_threads"));
      assertEquals("[\"ptmalloc\"]", process.get("allocators").toString());
      JsonObject kinds = process.getAsJsonObject("kinds");
      long resident = 0;
      for (String kind : kinds.keySet()) {
        JsonObject totals = kinds.getAsJsonObject(kind);
        resident += totals.get("resident_bytes").getAsLong();
        for (String field : List.of("count", "mapped_bytes", "anonymous_bytes", "swap_bytes")) {
          assertTrue(totals.get(field).getAsLong() >= 0, field);
        }
      }
      assertEquals(process.get("rss_bytes").getAsLong(), resident, "the kinds add up to Rss");
      assertArenas(process.getAsJsonObject("ptmalloc"));
    }
  }

  private static void assertArenas(JsonObject ptmalloc) {
    for (String field :
        List.of(
            "heap_count",
            "free_bytes",
            "top_bytes",
            "trimmable_bytes",
            "pinned_bytes",
            "system_bytes")) {
      assertTrue(ptmalloc.get(field).getAsLong() >= 0, field);
    }
    assertEquals(5, ptmalloc.get("arena_count").getAsInt());
    assertTrue(ptmalloc.get("coverage").getAsDouble() > 0.9, ptmalloc::toString);
    long inUse = 0;
    int mains = 0;
    for (var element : ptmalloc.getAsJsonArray("arenas")) {
      JsonObject arena = element.getAsJsonObject();
      assertTrue(
          arena
              .keySet()
              .containsAll(
                  Set.of(
                      "index",
                      "main",
                      "address",
                      "system_bytes",
                      "in_use_bytes",
                      "in_use_chunks",
                      "free_bytes",
                      "top_bytes",
                      "trimmable_bytes",
                      "pinned_bytes")),
          arena::toString);
      inUse += arena.get("in_use_bytes").getAsLong();
      mains += arena.get("main").getAsBoolean() ? 1 : 0;
    }
    assertEquals(1, mains);
    assertTrue(inUse > 0 && ptmalloc.get("in_use_bytes").getAsLong() > 0, ptmalloc::toString);
  }

  @Test
  void inspectShouldSayWhomItCannotFindOrTellApart() {
    assertRefused(3, run("inspect", "999999999"));
    assertRefused(3, run("inspect", "no-such-process"));
    try (CTarget one = CTarget.start("many_mappings", "10");
        CTarget two = CTarget.start("many_mappings", "10")) {
      one.awaitLine("ready");
      two.awaitLine("ready");
      Result result = run("inspect", "many_mappings");
      assertRefused(2, result);
      assertTrue(result.err().contains(Integer.toString(one.pid())), result.err());
      assertTrue(result.err().contains(Integer.toString(two.pid())), result.err());
      Result text = run("inspect", Integer.toString(two.pid()));
      assertEquals(0, text.status());
      assertFalse(text.out().contains("\u001b"), "no colours outside of a terminal");
      assertTrue(text.out().contains("many_mappings"), text.out());
    }
  }

  @Test
  void wrongUsageShouldBeToldOnStandardErrorOnly() {
    for (List<String> arguments :
        List.of(
            List.<String>of(),
            List.of("frobnicate"),
            List.of("inspect"),
            List.of("replay"),
            List.of("history", "x", "--since", "soon"),
            List.of("history", "x", "--csv", "--json"))) {
      Result result = run(arguments.toArray(String[]::new));
      assertEquals(2, result.status(), () -> arguments + ": " + result);
      assertEquals("", result.out(), arguments::toString);
      assertFalse(result.err().isBlank(), arguments::toString);
      assertFalse(result.err().contains("Exception"), result.err());
    }
    Result help = run("help");
    assertEquals(0, help.status());
    assertEquals("", help.err());
    assertTrue(help.out().contains("inspect") && help.out().contains("replay"), help.out());
  }

  @Test
  void replayShouldJudgeEachFileAndNameThoseItCannotRead() throws IOException {
    Path configuration = AgentProcess.fastConfiguration(directory, "");
    Path leak = directory.resolve("leak.csv");
    Files.writeString(leak, series(t -> 2 * MEGABYTE * t));
    Path flat = directory.resolve("flat.csv.gz");
    try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(flat))) {
      packed.write(series(t -> 0).getBytes(StandardCharsets.UTF_8));
    }
    String missing = directory.resolve("missing.csv").toString();
    Result result =
        run(
            "replay",
            "--json",
            "--config.file",
            configuration.toString(),
            missing,
            leak.toString(),
            flat.toString());
    assertEquals(1, result.status(), result::toString);
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(missing), result.err());

    List<JsonObject> summaries =
        result.jsonLines().stream().filter(line -> line.has("summary")).toList();
    assertEquals(2, summaries.size(), result::out);
    JsonObject grown = summaries.get(0);
    assertEquals(leak.toString(), grown.get("file").getAsString());
    assertTrue(grown.get("fired").getAsBoolean());
    assertEquals(120, grown.get("samples").getAsInt());
    assertTrue(Set.of("leak", "growing").contains(grown.get("final_verdict").getAsString()));
    JsonObject still = summaries.get(1);
    assertEquals(flat.toString(), still.get("file").getAsString());
    assertFalse(still.get("fired").getAsBoolean());
    assertTrue(still.get("first_fired").isJsonNull());

    JsonObject change =
        result.jsonLines().stream()
            .filter(
                line -> line.has("severity") && !line.get("severity").getAsString().equals("none"))
            .findFirst()
            .orElseThrow();
    assertEquals(grown.get("first_fired"), change.get("time"));
    assertEquals(2 * MEGABYTE * 86_400, change.get("growth_bytes_per_day").getAsDouble(), 3e10);
    assertTrue(change.get("exhaustion_seconds").getAsDouble() > 0);
  }

  private interface Shape {
    double at(double seconds);
  }

  private static String series(Shape shape) {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("time,rss_anon_bytes,limit_bytes,remark\n");
    for (int i = 0; i < 120; i++) {
      double time = 1.7e9 + i * 0.5;
      double bytes = 40 * MEGABYTE + shape.at(i * 0.5) + 4096 * random.nextInt(50);
      csv.append(time).append(',').append(bytes).append(",16e9,x\n");
    }
    return csv.toString();
  }

  @Test
  void historyShouldBeListedAndFeedReplay() throws IOException {
    Path configuration = AgentProcess.fastConfiguration(directory, "");
    String file = configuration.toString();
    Result none = run("history", "--config.file", file);
    assertRefused(1, none);

    double now = System.currentTimeMillis() / 1e3;
    record(now);
    Result list = run("history", "--config.file", file);
    assertEquals(0, list.status(), list::toString);
    assertEquals("", list.err());
    assertTrue(list.out().lines().anyMatch(line -> line.matches("mds +60 .*")), list::out);

    assertRefused(3, run("history", "nobody", "--config.file", file));

    Result csv = run("history", "mds", "--csv", "--config.file", file);
    assertEquals(0, csv.status());
    assertEquals(61, csv.out().lines().count());
    Path exported = Files.writeString(directory.resolve("mds.csv"), csv.out());
    Result replayed = run("replay", "--json", "--config.file", file, exported.toString());
    assertEquals("", replayed.err());
    List<JsonObject> lines = replayed.jsonLines();
    assertEquals(60, lines.get(lines.size() - 1).get("samples").getAsInt());

    List<JsonObject> samples =
        run("history", "mds", "--json", "--since", "15s", "--config.file", file).jsonLines();
    assertTrue(!samples.isEmpty() && samples.size() < 60, samples::toString);
    JsonObject last = samples.get(samples.size() - 1);
    assertEquals(now, last.get("time").getAsDouble(), 0.001);
    assertEquals(59 * MEGABYTE, last.get("rss_anon_bytes").getAsDouble(), 0.5);
    assertFalse(last.has("in_use_bytes"), "what was not looked at is absent");
  }

  /** A minute of samples that ends now. */
  private void record(double now) {
    HistorySettings settings = Defaults.history(directory.resolve("history.db"));
    try (HistoryStore store = new HistoryStore(settings)) {
      for (int i = 0; i < 60; i++) {
        double time = now - 59 + i;
        Sample sample =
            Sample.at(time, "boot/1/1").set(Signal.RSS_ANON_BYTES, i * MEGABYTE).build();
        store.appendAll(time, new ArrayList<>(List.of(new Observation("mds", sample))));
      }
    }
  }

  @Test
  void demoShouldEndInALeakThatIsShownByArena() {
    Result result = run("demo", "--seconds", "150");
    assertEquals(0, result.status(), result::toString);
    assertTrue(result.out().contains("Verdict: leak"), result::out);
    assertTrue(
        result.out().lines().filter(line -> line.contains("arena at 0x")).count() >= 2,
        result::out);
    assertFalse(result.out().contains("NaN"), result::out);
  }
}
