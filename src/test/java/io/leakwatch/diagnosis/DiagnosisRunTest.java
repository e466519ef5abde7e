package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.json.DiagnosisJson;
import io.leakwatch.export.text.DiagnosisText;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.heap.python.PythonTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The two looks at programs that grow in one known way, in step with the diagnosis. */
class DiagnosisRunTest {
  private static final Duration SPAN = Duration.ofMillis(400);

  @TempDir private Path directory;

  private static DiagnosisRun.Result still(CTarget target) {
    return diagnose(target, Masking.none(), false);
  }

  /** Diagnoses a target that grows whenever the diagnosis waits. */
  private static DiagnosisRun.Result diagnose(CTarget target, Masking masking) {
    return diagnose(target, masking, true);
  }

  private static DiagnosisRun.Result diagnose(CTarget target, Masking masking, boolean grows) {
    ProcFs procFs = ProcFs.live();
    Configuration configuration = configuration();
    ProcessFinder finder =
        ProcessFinder.onThisNode(procFs, new TargetMatcher(configuration.targets()));
    return DiagnosisRun.of(
        procFs,
        configuration,
        finder.find(Integer.toString(target.pid())),
        SPAN,
        masking,
        false,
        (step, share) -> {
          if (grows && step.startsWith("watching")) {
            target.send("grow");
            target.awaitLine("grown");
          }
        });
  }

  private static Configuration configuration() {
    try {
      return Configuration.load(null);
    } catch (ConfigurationProblem e) {
      throw new IllegalStateException(e);
    }
  }

  private static DiagnosisRun.Result diagnose(CTarget target) {
    target.awaitLine("ready");
    return diagnose(target, Masking.except(configuration().diagnosis().content().shownPrefixes()));
  }

  private static Suspect first(DiagnosisRun.Result result) {
    assertFalse(
        result.diagnosis().suspects().isEmpty(),
        () -> DiagnosisJson.of(result.view(), result.diagnosis()));
    return result.diagnosis().suspects().get(0);
  }

  private static void assertFirst(
      DiagnosisRun.Result result, VerdictKind verdict, long chunkBytes, String type) {
    Suspect first = first(result);
    assertEquals(type, first.content().type());
    assertEquals(chunkBytes, first.chunkBytes());
    assertTrue(first.countGrowth() >= 1000, first::toString);
    assertFalse(first.content().samples().isEmpty());
    assertEquals(verdict, result.diagnosis().verdict().kind(), result.diagnosis()::toString);
  }

  /** References to it have 32 bits and are not followed; it is alive all the same. */
  @Test
  void shouldNameTheJavaObjectThatHoldsNativeMemory() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(java, "-Xmx64m", "-cp", "target/test-classes", DeflaterTarget.class.getName());
    try (CTarget target = CTarget.launch(Map.of(), command)) {
      DiagnosisRun.Result result = diagnose(target);
      assertEquals(VerdictKind.GROWING, result.diagnosis().verdict().kind());
      Suspect buffers =
          result.diagnosis().suspects().stream()
              .filter(suspect -> suspect.kind().equals("malloc") && suspect.chunkBytes() == 65552)
              .findFirst()
              .orElseThrow();
      assertEquals(0, buffers.references().unreferencedFraction());
      String holder = buffers.references().holders().get(0).where();
      assertTrue(holder.endsWith("java.util.zip.Deflater$DeflaterZStreamRef (Java heap)"), holder);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lease | LEAK | 64 | topology::Lease",
        "shared | GROWING | 48 | topology::Session (by make_shared)",
        "table | GROWING | 32 | std::unordered_map node",
        "names | GROWING | 64 | std::unordered_map node of std::string \"volume-…\"",
        "map | GROWING | 112 | std::map or std::set node of topology::Lease",
        "list | GROWING | 64 | std::list node of std::string \"entry-…\"",
        "strings | GROWING | 48 | string \"session-…\"",
        "keys | LEAK | 48 | string \"/mds/segment/…\"",
        "deque | GROWING | 528 | integers in a block of 512 B, as std::deque makes",
        "pointers | GROWING | 272 | array of pointers to topology::Lease",
        "noise | LEAK | 1008 | random or compressed bytes",
        "messages | LEAK | 80 | protobuf-like bytes",
        "keytables | GROWING | 272 | node of a hash table or simple list",
        "rpc | LEAK | 272 | string \"request-…\""
      })
  void shouldNameWhatGrows(String kind, VerdictKind verdict, long chunkBytes, String type) {
    try (CTarget target = CTarget.start("suspects", kind)) {
      assertFirst(diagnose(target), verdict, chunkBytes, type);
    }
  }

  @Test
  void shouldTellWhatIsLostFromWhatSomebodyHolds() {
    try (CTarget target = CTarget.start("suspects", "lease")) {
      DiagnosisRun.Result result = diagnose(target);
      assertTrue(
          first(result).references().unreferencedFraction() >= 0.95, first(result)::toString);
      assertTrue(result.diagnosis().verdict().confidence() > 0.9, result::toString);
    }
    try (CTarget target = CTarget.start("suspects", "table")) {
      Suspect first = first(diagnose(target));
      assertTrue(first.references().unreferencedFraction() < 0.5, first::toString);
      String held = first.references().holders().get(0).where();
      assertTrue(held.contains("std::unordered_map buckets held by g_sessions"), first::toString);
    }
  }

  @Test
  void shouldNameWhoHoldsTheChunkThatPinsAHeap() {
    try (CTarget target = CTarget.start("pinned_heap", "100000000", "0", "global")) {
      target.awaitLine("freed");
      DiagnosisRun.Result result = still(target);
      HeapReport.Pin pin = main(result).pin();
      assertTrue(
          pin != null && pin.content().contains("the last entry of the journal"), result::toString);
      assertEquals("g_journal + 8", pin.holder());
      assertTrue(
          DiagnosisText.of(result.view(), result.diagnosis(), false, true)
              .contains("held by g_journal + 8"));
      assertTrue(
          DiagnosisJson.of(result.view(), result.diagnosis())
              .contains("\"holder\": \"g_journal + 8\""));
    }
  }

  private static HeapReport.Arena main(DiagnosisRun.Result result) {
    HeapReport heap = result.view().heaps().ptmalloc();
    assertTrue(heap != null, result::toString);
    return heap.arenas().stream().filter(HeapReport.Arena::main).findFirst().orElseThrow();
  }

  /** A pool that was filled once is no leak, and what comes and goes is none either. */
  @ParameterizedTest
  @ValueSource(strings = {"pool", "churn"})
  void shouldBlameNobodyWhereNothingGrows(String kind) {
    try (CTarget target = CTarget.start("suspects", kind)) {
      DiagnosisRun.Result result = diagnose(target);
      assertEquals(VerdictKind.STEADY, result.diagnosis().verdict().kind(), result::toString);
      assertEquals(List.of(), result.diagnosis().suspects());
    }
  }

  @Test
  void shouldNameAClassOfAStrippedProgramByItsTypeInfo() {
    Path program = CTarget.compile("suspects", "-s");
    try (CTarget target = CTarget.start(Map.of(), program, "lease")) {
      DiagnosisRun.Result result = diagnose(target);
      assertFirst(result, VerdictKind.LEAK, 64, "topology::Lease");
      assertEquals(program.getFileName().toString(), first(result).content().module());
    }
  }

  @Test
  void shouldGiveModuleAndOffsetInAStrippedProgramOfC() {
    Path program = CTarget.compile("jobs", "-s");
    try (CTarget target = CTarget.start(Map.of(), program)) {
      DiagnosisRun.Result result = diagnose(target);
      Suspect first = first(result);
      String file = program.getFileName().toString();
      assertTrue(
          first.content().type().startsWith("structure with functions " + file + "+0x"),
          first.content().type());
      assertEquals(file, first.content().module());
      assertEquals(112, first.chunkBytes());
    }
    try (CTarget target = CTarget.start("jobs")) {
      assertFirst(
          diagnose(target), VerdictKind.LEAK, 112, "structure with functions disk_operations");
    }
  }

  @Test
  void shouldNameWhatALibraryLosesThatWasLoadedLater() {
    Path library = CTarget.compile("plugin", "-shared", "-fPIC");
    try (CTarget target = CTarget.start("plugin_host", library.toAbsolutePath().toString())) {
      DiagnosisRun.Result result = diagnose(target);
      assertFirst(result, VerdictKind.LEAK, 64, "plugin::Reply");
      assertEquals(library.getFileName().toString(), first(result).content().module());
    }
  }

  @Test
  void shouldReadAnExecutableThatWasDeleted() throws IOException {
    Path copy = directory.resolve("server");
    Files.copy(CTarget.compile("suspects"), copy);
    try (CTarget target = CTarget.start(Map.of(), copy, "lease")) {
      target.awaitLine("ready");
      Files.delete(copy);
      assertFirst(diagnose(target, Masking.none()), VerdictKind.LEAK, 64, "topology::Lease");
    }
  }

  /** With regions and large allocations known, jemalloc's objects are named and traced as well. */
  @Test
  void shouldNameWhatGrowsUnderJemalloc() {
    Path program = CTarget.compile("suspects");
    Map<String, String> preload =
        Map.of("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");
    try (CTarget target = CTarget.start(preload, program, "lease")) {
      DiagnosisRun.Result result = diagnose(target);
      assertFirst(result, VerdictKind.LEAK, 64, "topology::Lease");
      assertTrue(
          first(result).references().unreferencedFraction() >= 0.95, first(result)::toString);
    }
    try (CTarget target = CTarget.start(preload, program, "map")) {
      DiagnosisRun.Result result = diagnose(target);
      assertFirst(result, VerdictKind.GROWING, 96, "std::map or std::set node of topology::Lease");
      Suspect first = first(result);
      assertEquals(0, first.references().unreferencedFraction(), first::toString);
      String held = first.references().holders().get(0).where();
      assertTrue(held.contains("g_leases"), first::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "libtcmalloc_minimal.so.4 | lease | LEAK | 64 | topology::Lease",
        "libtcmalloc_minimal.so.4 | list | GROWING | 48 | std::list node of std::string \"entry-…\"",
        "libtcmalloc_minimal.so.4 | churn | STEADY | 0 | ''",
        "libmimalloc.so.2 | lease | LEAK | 64 | topology::Lease",
        "libmimalloc.so.2 | list | GROWING | 48 | std::list node of std::string \"entry-…\""
      })
  void shouldTellUnderOtherAllocatorsWhatItTellsUnderPtmalloc(
      String library, String kind, VerdictKind verdict, long bytes, String type) {
    Path program = CTarget.compile("suspects");
    Map<String, String> preload = Map.of("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/" + library);
    try (CTarget target = CTarget.start(preload, program, kind)) {
      DiagnosisRun.Result result = diagnose(target);
      if (verdict == VerdictKind.STEADY) {
        assertEquals(verdict, result.diagnosis().verdict().kind(), result::toString);
        assertEquals(List.of(), result.diagnosis().suspects());
        return;
      }
      assertFirst(result, verdict, bytes, type);
      double lost = first(result).references().unreferencedFraction();
      assertTrue(verdict == VerdictKind.LEAK ? lost > 0.95 : lost < 0.5, result::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldNameTheClassOfWhatGrowsInPython(boolean grows) {
    try (CTarget target = PythonTarget.start(PythonTarget.interpreters().get(0), Map.of())) {
      target.awaitLine("ready");
      DiagnosisRun.Result result = diagnose(target, Masking.none(), grows);
      if (!grows) {
        assertEquals(VerdictKind.STEADY, result.diagnosis().verdict().kind(), result::toString);
        assertEquals(List.of(), result.diagnosis().suspects());
        return;
      }
      Suspect first = first(result);
      assertEquals("Session", first.content().type());
      assertTrue(first.countGrowth() > 0, first::toString);
      assertEquals(0, first.countGrowth() % 300_000, first::toString); // It may grow twice.
      assertEquals(VerdictKind.GROWING, result.diagnosis().verdict().kind(), result::toString);
    }
  }

  @Test
  void shouldMaskWhatIsNotTheProgramsOwn() {
    try (CTarget target = CTarget.start("suspects", "strings")) {
      DiagnosisRun.Result result = diagnose(target);
      String sample = first(result).content().samples().get(0);
      assertTrue(
          sample.matches("\"aaaaaaa-000000000000-aaaaa\" \\(26 characters, #[0-9a-f]{8}\\)"),
          sample);
      assertFalse(DiagnosisJson.of(result.view(), result.diagnosis()).contains("token"));
      String raw = first(diagnose(target, Masking.none())).content().samples().get(0);
      assertTrue(raw.matches("\"session-[0-9]{12}-token\""), raw);
    }
  }
}
