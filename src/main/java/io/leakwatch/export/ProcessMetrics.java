package io.leakwatch.export;

import io.leakwatch.diagnose.Verdict;
import io.leakwatch.diagnose.VerdictKind;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.JemallocReport;
import io.leakwatch.history.Signal;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionKind;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The metric families of the watched processes. */
final class ProcessMetrics {
  private static final String PREFIX = "leakwatch_process_";

  private final Families families;

  ProcessMetrics(Families families) {
    this.families = families;
  }

  void add(ProcessView view) {
    String process = view.name();
    gauge("up", "1 while the process is found and readable.", view.up() ? 1 : 0, process);
    families.info(
        "leakwatch_process",
        "What the process is.",
        "process",
        process,
        "pid",
        Integer.toString(view.pid()),
        "exe",
        view.exe(),
        "build_id",
        view.buildId(),
        "container",
        view.place().container(),
        "allocator",
        view.layout() == null ? "" : String.join(",", view.layout().allocators()));
    gauge(
        "alert_severity",
        "How alarming its memory is: 0 none, 1 warning, 2 critical.",
        view.severity().ordinal(),
        process);
    if (view.up()) {
      addMemory(view, process);
    }
    addVerdict(view.verdict(), process);
    addReads(view, process);
  }

  private void addMemory(ProcessView view, String process) {
    gauge(
        "anonymous_bytes",
        "Anonymous working set: anonymous resident and swapped memory without what is lazily"
            + " freed, which only the exact look (smaps) sees: until the first one nothing is taken"
            + " off.",
        view.anonymousBytes(),
        process);
    gauge("swap_bytes", "Memory of the process in swap.", view.swapBytes(), process);
    gauge("load_cores", "CPU cores used between the last two samples.", view.loadCores(), process);
    gauge(
        "start_time_seconds",
        "When the process was started, Unix time.",
        view.startTime().toEpochMilli() / 1e3,
        process);
    view.load()
        .figures()
        .forEach(
            (series, figure) ->
                families.gauge(
                    PREFIX + "load",
                    "Figures of its work, as its own metrics endpoint gives them.",
                    figure,
                    "process",
                    process,
                    "metric",
                    series.name()));
    if (!view.load().equals(LoadView.NONE)) {
      gauge(
          "load_up",
          "1 while its metrics endpoint gives figures.",
          view.load().problem().isEmpty() ? 1 : 0,
          process);
    }
    if (view.layout() != null) {
      addLayout(view.layout(), process);
    }
    addHeaps(view.heap(), view.jemalloc(), process);
  }

  private void addLayout(Layout layout, String process) {
    for (RegionKind kind : RegionKind.values()) {
      Layout.Totals totals = layout.kinds().get(kind);
      if (totals != null) {
        families.gauge(
            PREFIX + "resident_bytes",
            "Resident memory by kind, as of the last look at the mappings; the kinds add up to the"
                + " resident set size.",
            totals.residentBytes(),
            "process",
            process,
            "kind",
            kind.wireName());
      }
    }
    gauge("arenas", "Arenas of glibc's malloc.", layout.arenaCount(), process);
    gauge("mappings", "Mappings of the address space.", layout.mappingCount(), process);
    if (layout.transparentHugeBytes() >= 0) {
      gauge(
          "transparent_huge_bytes",
          "Anonymous memory in transparent huge pages, part of the resident bytes.",
          (double) layout.transparentHugeBytes(),
          process);
    }
  }

  /** In use and free are sums over the allocators that were looked into, the rest glibc's. */
  private void addHeaps(
      @Nullable HeapReport heap, @Nullable JemallocReport jemalloc, String process) {
    boolean read = jemalloc != null && !jemalloc.arenas().isEmpty();
    if (jemalloc != null && read) {
      addJemalloc(jemalloc.total(), process);
    }
    if (heap == null && !read) {
      return;
    }
    long inUse = jemalloc != null && read ? jemalloc.total().allocatedBytes() : 0;
    long free = jemalloc != null && read ? jemalloc.freeBytes() : 0;
    if (heap != null) {
      HeapTotals totals = HeapTotals.of(heap);
      inUse += totals.inUseBytes();
      free += totals.keptBytes();
      addGlibc(heap, totals, process);
    }
    gauge(
        "heap_in_use_bytes",
        "Memory from glibc's malloc or jemalloc that the application has not freed, as of the last"
            + " walk.",
        (double) inUse,
        process);
    gauge(
        "heap_free_bytes",
        "Freed memory that the allocator keeps, the tops of glibc's heaps included, as of the last walk.",
        (double) free,
        process);
  }

  private void addJemalloc(JemallocReport.Arena total, String process) {
    Map<String, Long> states =
        Map.of(
            "allocated", total.allocatedBytes(),
            "active", total.activeBytes(),
            "dirty", total.dirtyBytes(),
            "muzzy", total.muzzyBytes(),
            "retained", total.retainedBytes());
    new TreeMap<>(states)
        .forEach(
            (state, bytes) ->
                families.gauge(
                    PREFIX + "jemalloc_bytes",
                    "jemalloc's memory by state; allocated is part of active.",
                    (double) bytes,
                    "process",
                    process,
                    "state",
                    state));
  }

  private void addGlibc(HeapReport heap, HeapTotals totals, String process) {
    gauge(
        "heap_pinned_bytes",
        "Freed memory below the last chunk in use of a heap: its top cannot shrink past it.",
        totals.pinnedBytes(),
        process);
    gauge(
        "heap_trimmable_bytes",
        "Resident memory that malloc_trim(0) would give back.",
        totals.trimmableBytes(),
        process);
    gauge(
        "heap_coverage_ratio",
        "Share of glibc's heaps that the last walk read consistently; below 0.98 its figures are"
            + " not recorded.",
        heap.coverage(),
        process);
  }

  private void addVerdict(@Nullable Verdict verdict, String process) {
    VerdictKind found = verdict == null ? VerdictKind.UNKNOWN : verdict.kind();
    for (VerdictKind kind : VerdictKind.values()) {
      families.gauge(
          PREFIX + "verdict",
          "1 for the present verdict, 0 for the others.",
          kind == found ? 1 : 0,
          "process",
          process,
          "verdict",
          kind.wireName());
    }
    if (verdict == null) {
      return;
    }
    gauge(
        "growth_bytes_per_second",
        "Present growth of the anonymous working set, or of what is in use where that alone grows.",
        verdict.growthBytesPerSecond(),
        process);
    gauge(
        "growth_since_seconds",
        "When the growth began, Unix time; absent while it does not grow.",
        verdict.sinceSeconds(),
        process);
    gauge(
        "evidence",
        "Evidence of growth: while the lowest level of a day is as likely to fall as to rise, a level"
            + " m is reached once in m days or more; absent for a surge.",
        verdict.evidence(),
        process);
    for (Map.Entry<Signal, Double> growth : verdict.growth().entrySet()) {
      String kind = Kinds.of(growth.getKey());
      if (!kind.isEmpty()) {
        families.gauge(
            PREFIX + "kind_growth_bytes_per_second",
            "Present growth of resident memory by kind.",
            growth.getValue(),
            "process",
            process,
            "kind",
            kind);
      }
    }
    for (Verdict.Load load : verdict.load()) {
      families.gauge(
          PREFIX + "load_explained_ratio",
          "Share of the growth that goes along with a figure of its work; absent while it does not"
              + " grow.",
          load.explainedFraction(),
          "process",
          process,
          "metric",
          load.metric());
    }
    for (Verdict.Exhaustion exhaustion : verdict.exhaustion()) {
      families.gauge(
          PREFIX + "exhaustion_seconds",
          "Time until a limit is reached at the present rate; infinite while not growing.",
          exhaustion.seconds(),
          "process",
          process,
          "limit",
          exhaustion.limitName());
    }
  }

  private void addReads(ProcessView view, String process) {
    for (ProcessView.ReadCost read : view.reads()) {
      families.summary(
          "leakwatch_sample_duration_seconds",
          "Time that looks at the process took inside the kernel's readers, by where they read.",
          read.count(),
          read.seconds(),
          "process",
          process,
          "source",
          read.source());
      families.gauge(
          "leakwatch_read_longest_seconds",
          "The longest single read since the agent began to watch the process.",
          read.longestSeconds(),
          "process",
          process,
          "source",
          read.source());
    }
    for (Map.Entry<String, Long> error : view.errors().entrySet()) {
      families.counter(
          "leakwatch_sample_errors",
          "What went wrong in reading the process: it ended meanwhile, a permission was missing, lines"
              + " of /proc could not be understood.",
          error.getValue(),
          "process",
          process,
          "reason",
          error.getKey());
    }
  }

  private void gauge(String name, String help, Number value, String process) {
    families.gauge(PREFIX + name, help, value, "process", process);
  }
}
