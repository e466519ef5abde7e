package io.leakwatch.heap.holders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.file.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HolderSearchTest {
  private static final int SAMPLE = 400;

  @ParameterizedTest
  @CsvSource({"lost,2000", "stale,2000", "lost-list,20000", "cycles,3000"})
  void shouldCallLostWhatNobodyCanReach(String mode, int count) {
    try (HolderTarget target = HolderTarget.start(mode, count)) {
      HolderReport.Group group = only(target.search(SAMPLE));
      assertTrue(group.unreferencedFraction() >= 0.95, () -> mode + " " + group);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vector    | std::vector buffer held by g_leases",
        "singleton | std::vector buffer held by 32-byte chunk held by instance()::only",
        "chain     | std::vector buffer held by 240-byte chunk held by g_registry",
        "sessions  | std::unordered_map buckets held by g_sessions",
        "tree      | g_tree",
        "list      | g_list",
        "listed    | 32-byte chunk held by g_listed",
        "deque     | std::deque map held by g_queue",
        "arena     | std::vector buffer held by g_leases",
      })
  void shouldNameTheVariableThatHolds(String mode, String where) {
    try (HolderTarget target = HolderTarget.start(mode, 20_000)) {
      HolderReport report = target.search(SAMPLE);
      HolderReport.Group group = only(report);
      assertEquals(where, group.holders().get(0).where(), report::toString);
      assertTrue(group.holders().get(0).fraction() >= 0.98, report::toString);
      assertEquals(0, group.unreferencedFraction(), 0.01);
    }
  }

  /** While it is searched the variable moves on to links that no earlier walk has seen. */
  @Test
  void shouldFindTheVariableOfAListThatGrowsAtItsHead() {
    try (HolderTarget target = HolderTarget.start("prepended", 20_000)) {
      HolderReport report = target.search(SAMPLE);
      HolderReport.Group group = only(report);
      assertEquals("g_newest", group.holders().get(0).where(), report::toString);
      assertTrue(group.holders().get(0).fraction() >= 0.98, report::toString);
      assertEquals(0, group.unreferencedFraction(), 0.01);
    }
  }

  @Test
  void shouldTellALostListFromOneOfTheSameKindThatIsHeld() {
    try (HolderTarget target = HolderTarget.start("both-lists", 20_000)) {
      HolderReport report = target.search(SAMPLE);
      assertEquals(2, report.groups().size());
      HolderReport.Group lost = report.groups().get(0);
      HolderReport.Group held = report.groups().get(1);
      assertTrue(lost.unreferencedFraction() >= 0.95, report::toString);
      assertEquals(0, held.unreferencedFraction(), 0.01);
      assertEquals("g_list", held.holders().get(0).where());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stack,std::vector buffer held by stack of thread ,(stack-holder)",
    "local,std::vector buffer held by thread-local of thread ,(local-holder)",
    "main-local,std::vector buffer held by thread-local of main thread ,(holders)"
  })
  void shouldNameTheThreadThatHolds(String mode, String start, String end) {
    try (HolderTarget target = HolderTarget.start(mode, 2000)) {
      HolderReport report = target.search(SAMPLE);
      HolderReport.Holder holder = only(report).holders().get(0);
      assertTrue(holder.where().startsWith(start), report::toString);
      assertTrue(holder.where().endsWith(end), report::toString);
      assertTrue(holder.fraction() >= 0.98, report::toString);
    }
  }

  @Test
  void shouldFindTheHolderOfChunksThatMallocMapped() {
    try (HolderTarget target = HolderTarget.start("mmapped", 60)) {
      HolderReport report = target.search(SAMPLE);
      assertEquals(60, only(report).searched());
      assertEquals("std::vector buffer held by g_leases", only(report).holders().get(0).where());
      assertTrue(only(report).holders().get(0).fraction() >= 0.98, report::toString);
    }
  }

  @Test
  void shouldNameAVariableOfALibraryThatWasLoadedLater() {
    Path library = CTarget.compile("keeper", "-shared", "-fPIC").toAbsolutePath();
    try (HolderTarget target =
        HolderTarget.start(CTarget.compile("holders"), "library", 2000, library.toString())) {
      HolderReport report = target.search(SAMPLE);
      assertEquals("std::vector buffer held by g_kept", only(report).holders().get(0).where());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-static,sessions,std::unordered_map buckets held by g_sessions",
    "-static-pie,vector,std::vector buffer held by g_leases",
    "-static,main-local,std::vector buffer held by thread-local of main thread",
    "-s,vector,std::vector buffer held by holders-"
  })
  void shouldWorkForOtherWaysToLink(String flag, String mode, String where) {
    try (HolderTarget target = HolderTarget.start(CTarget.compile("holders", flag), mode, 5000)) {
      HolderReport report = target.search(SAMPLE);
      HolderReport.Holder holder = only(report).holders().get(0);
      assertTrue(holder.where().startsWith(where), report::toString);
      assertTrue(holder.fraction() >= 0.98, report::toString);
    }
  }

  @Test
  void shouldLeaveNoTraceInTheTargetAndLetItRun() {
    try (HolderTarget target = HolderTarget.start("sessions", 50_000)) {
      List<String> figures = List.of("VmRSS", "VmSwap", "VmPTE", "TracerPid", "VmSize");
      List<Long> before = figures.stream().map(target.live::status).toList();
      long ticks = target.ticks();
      HolderReport report = target.search(SAMPLE);
      assertTrue(target.ticks() > ticks);
      assertEquals(before, figures.stream().map(target.live::status).toList());
      assertEquals(0, report.search().unsearchedFraction());
    }
  }

  @Test
  void shouldEndAtItsBudgetAndSayHowMuchWasNotSearched() {
    try (HolderTarget target = HolderTarget.start("vector", 200_000)) {
      HolderReport whole = target.search(SAMPLE);
      HolderSettings settings =
          Defaults.with(
                  """
                  diagnosis.holders {
                    passes-max = 5
                    bytes-max = %d
                    piece-bytes = 64 KiB
                    threads-max = 100
                    kinds-map-bytes = 1 MiB
                    kind-pages-max = 100
                    bytes-per-second-max = 1 TiB
                  }
                  """
                      .formatted(whole.search().searchedBytes() / 2))
              .diagnosis()
              .holders();
      HolderReport half = target.search(SAMPLE, settings, HolderProgress.NONE, bytes -> {});
      assertTrue(half.search().unsearchedFraction() > 0.2, half::toString);
      assertTrue(
          half.notes().stream().anyMatch(note -> note.contains("ended at its budget")),
          half::toString);
    }
  }

  @Test
  void shouldTellItsProgressAndItsReadsWhileItSearches() {
    try (HolderTarget target = HolderTarget.start("vector", 50_000)) {
      List<long[]> steps = new ArrayList<>();
      long[] bytes = new long[1];
      HolderReport report =
          target.search(
              SAMPLE,
              Defaults.HOLDERS,
              (pass, done, total) -> steps.add(new long[] {pass, done, total}),
              read -> bytes[0] += read);
      assertTrue(bytes[0] >= report.search().passes() * report.search().searchedBytes() * 0.9);
      for (int i = 1; i < steps.size(); i++) {
        long[] step = steps.get(i);
        long[] last = steps.get(i - 1);
        assertTrue(step[0] == last[0] ? step[1] >= last[1] : step[0] == last[0] + 1);
        assertTrue(step[1] <= step[2] * 1.1);
      }
      assertEquals(report.search().passes(), steps.get(steps.size() - 1)[0]);
    }
  }

  @Test
  void shouldDropWhatIsFreedBetweenSamplingAndSearch() {
    try (HolderTarget target = HolderTarget.start("freed", 2000)) {
      target.live.target.send("free");
      target.live.target.awaitLine("ticks");
      HolderReport.Group group = only(target.search(SAMPLE));
      assertEquals(SAMPLE, group.searched());
      assertEquals(SAMPLE / 2, group.freedMeanwhile(), 8);
      assertEquals(0, group.unreferencedFraction(), 0.01);
    }
  }

  @Test
  void shouldSayThatTheProcessIsGone() {
    HolderTarget target = HolderTarget.start("vector", 100);
    target.search(10);
    target.live.target.close();
    assertInstanceOf(Outcome.Vanished.class, target.trySearch(10));
    target.live.process.close();
  }

  /** Groups: registered with epoll, waited for in read(), referred to by nothing. */
  @Test
  void whatOnlyTheKernelRefersToShouldBeHeld() {
    try (HolderTarget target = HolderTarget.start(CTarget.compile("kernel_held"), "", 0)) {
      HolderReport report = target.search(SAMPLE);
      assertTrue(report.search().isWhole(), report::toString);
      List<HolderReport.Group> groups = report.groups();
      assertEquals(0, groups.get(0).unreferencedFraction(), report::toString);
      assertEquals("epoll data", groups.get(0).holders().get(0).where());
      assertEquals(0, groups.get(1).unreferencedFraction(), report::toString);
      assertTrue(
          groups.get(1).holders().stream().anyMatch(one -> one.where().startsWith("registers of ")),
          report::toString);
      assertTrue(groups.get(2).unreferencedFraction() >= 0.95, report::toString);
    }
  }

  private static HolderReport.Group only(HolderReport report) {
    assertEquals(1, report.groups().size(), report::toString);
    return report.groups().get(0);
  }
}
