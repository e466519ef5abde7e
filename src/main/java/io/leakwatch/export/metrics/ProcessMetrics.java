package io.leakwatch.export.metrics;

import static io.leakwatch.export.metrics.MetricFamily.Type.COUNTER;
import static io.leakwatch.export.metrics.MetricFamily.Type.GAUGE;
import static io.leakwatch.export.metrics.MetricFamily.Type.INFO;
import static io.leakwatch.export.metrics.MetricFamily.Type.SUMMARY;

import io.leakwatch.export.LoadView;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Resource;
import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The metric families of the watched processes, but for what is judged of them. */
final class ProcessMetrics {
  private static final String PREFIX = "leakwatch_process_";
  private static final double UNKNOWN = Double.NaN;

  private ProcessMetrics() {}

  static List<MetricFamily> families() {
    return List.of(
        gauge(
            "up",
            "1 while the process is found and readable.",
            view -> view.reading().up() ? 1 : 0),
        MetricFamily.ofProcesses(
            "leakwatch_process",
            INFO,
            "Identity of the process.",
            ProcessMetrics::addInfo,
            "process",
            "pid",
            "exe",
            "build_id",
            "container",
            "allocator"),
        gauge(
            "alert_severity",
            "Severity of its alert: 0 none, 1 warning, 2 critical; absent until the"
                + " first verdict.",
            view ->
                view.assessment().verdict() == null
                    ? UNKNOWN
                    : view.assessment().severity().ordinal()),
        whileUp(
            "anonymous_bytes",
            "Anonymous working set: anonymous resident and swapped memory, less"
                + " lazily freed memory. Only a read of smaps shows the latter; until the"
                + " first one nothing is subtracted.",
            view -> view.memory().anonymousBytes()),
        whileUp(
            "swap_bytes",
            "Memory of the process in swap space.",
            view -> view.memory().swapBytes()),
        whileUp(
            "load_cores",
            "CPU cores used between the last two samples.",
            view -> view.work().cores()),
        whileUp(
            "start_time_seconds",
            "Unix time at which the process started.",
            view -> {
              Instant started = view.identity().startTime();
              return started == null ? UNKNOWN : started.toEpochMilli() / 1e3;
            }),
        MetricFamily.ofProcesses(
            PREFIX + "load",
            GAUGE,
            "Load figures that the metrics endpoint of the process reports.",
            ProcessMetrics::addLoad,
            "process",
            "metric"),
        whileUp(
            "load_up",
            "1 while the metrics endpoint of the process answers with figures.",
            view ->
                view.work().load().equals(LoadView.NONE)
                    ? UNKNOWN
                    : view.work().load().problem().isEmpty() ? 1 : 0),
        MetricFamily.ofProcesses(
            PREFIX + "resident_bytes",
            GAUGE,
            "Resident memory by kind, at the last read of the mappings; the kinds"
                + " add up to the resident set size.",
            ProcessMetrics::addResident,
            "process",
            "kind"),
        resource(
            "used",
            "Use of limited resources at the last sample: bytes of memory"
                + " (anonymous), cgroup, address_space and data; number of mappings,"
                + " threads and descriptors. For cgroup, the use of all processes in the"
                + " cgroup that is nearest to its limit.",
            ProcessView.ResourceUse::used),
        resource(
            "limit",
            "The limit of the resource that is reached first; absent for a resource"
                + " without a limit.",
            ProcessView.ResourceUse::limit),
        whileUp(
            "threads",
            "Number of threads at the last sample.",
            view ->
                view.resources().stream()
                    .filter(use -> use.resource() == Resource.THREADS)
                    .mapToDouble(ProcessView.ResourceUse::used)
                    .findFirst()
                    .orElse(UNKNOWN)),
        layout("arenas", "Number of arenas of glibc's malloc.", Layout::arenaCount),
        layout("mappings", "Number of mappings of the address space.", Layout::mappingCount),
        layout(
            "transparent_huge_bytes",
            "Anonymous memory in transparent huge pages; part of the resident bytes.",
            layout -> layout.transparentHugeBytes() >= 0 ? layout.transparentHugeBytes() : UNKNOWN),
        whileUp(
            "heap_in_use_bytes",
            "Memory from the allocators that the application has not freed, at the last heap"
                + " walk.",
            view -> owners(view, OwnerReports::handedOutBytes)),
        whileUp(
            "heap_free_bytes",
            "Freed memory that the allocator keeps, including the tops of glibc's"
                + " heaps, at the last heap walk.",
            view -> owners(view, OwnerReports::freeBytes)),
        whileUp(
            "unexplained_bytes",
            "Resident memory that neither an allocator nor a runtime nor the kernel accounts for.",
            view ->
                view.memory().layout() == null
                    ? UNKNOWN
                    : RssBalance.of(view.memory().layout(), view.heaps().owners())
                        .unexplainedBytes()),
        whileUp(
            "heap_pinned_bytes",
            "Freed memory that something in use keeps from being given back: below the last chunk"
                + " in use of a heap of glibc, in slabs of others.",
            view -> owners(view, OwnerReports::pinnedBytes)),
        whileUp(
            "heap_trimmable_bytes",
            "Resident memory that the allocators' own release calls would give back, as"
                + " malloc_trim(0) does.",
            view -> owners(view, OwnerReports::giveBackBytes)),
        glibc(
            "heap_coverage_ratio",
            "Share of glibc's heaps that the last heap walk read consistently; below"
                + " 0.98 its figures are not recorded.",
            heap -> heap.walk().coverage()),
        MetricFamily.ofProcesses(
            "leakwatch_sample_duration_seconds",
            SUMMARY,
            "Time spent inside the kernel to read the process, by source.",
            (view, to) ->
                view.reading()
                    .costs()
                    .forEach(
                        read ->
                            to.addSummary(
                                read.count(), read.seconds(), view.name(), read.source())),
            "process",
            "source"),
        MetricFamily.ofProcesses(
            "leakwatch_read_longest_seconds",
            GAUGE,
            "Longest single read since the agent began to watch the process.",
            (view, to) ->
                view.reading()
                    .costs()
                    .forEach(read -> to.add(read.longestSeconds(), view.name(), read.source())),
            "process",
            "source"),
        MetricFamily.ofProcesses(
            "leakwatch_sample_errors",
            COUNTER,
            "Errors in reading the process: it ended meanwhile, a permission or"
                + " something else was missing, a limit was reached, lines of /proc could"
                + " not be parsed, or an internal error.",
            (view, to) ->
                view.reading()
                    .errors()
                    .forEach((reason, count) -> to.add(count, view.name(), reason)),
            "process",
            "reason"));
  }

  private static MetricFamily gauge(String name, String help, ToDoubleFunction<ProcessView> value) {
    return MetricFamily.ofProcesses(
        PREFIX + name,
        GAUGE,
        help,
        (view, to) -> to.add(value.applyAsDouble(view), view.name()),
        "process");
  }

  private static MetricFamily whileUp(
      String name, String help, ToDoubleFunction<ProcessView> value) {
    return gauge(name, help, view -> view.reading().up() ? value.applyAsDouble(view) : UNKNOWN);
  }

  private static MetricFamily resource(
      String name, String help, ToDoubleFunction<ProcessView.ResourceUse> value) {
    return MetricFamily.ofProcesses(
        PREFIX + "resource_" + name,
        GAUGE,
        help,
        (view, to) -> {
          if (view.reading().up()) {
            view.resources()
                .forEach(
                    use ->
                        to.add(value.applyAsDouble(use), view.name(), use.resource().wireName()));
          }
        },
        "process",
        "resource");
  }

  private static MetricFamily layout(String name, String help, ToDoubleFunction<Layout> value) {
    return whileUp(
        name,
        help,
        view ->
            view.memory().layout() == null ? UNKNOWN : value.applyAsDouble(view.memory().layout()));
  }

  private static MetricFamily glibc(String name, String help, ToDoubleFunction<HeapReport> value) {
    return whileUp(
        name,
        help,
        view ->
            view.heaps().ptmalloc() == null
                ? UNKNOWN
                : value.applyAsDouble(view.heaps().ptmalloc()));
  }

  private static void addInfo(ProcessView view, MetricPoints to) {
    ProcessView.Identity identity = view.identity();
    Layout layout = view.memory().layout();
    to.add(
        1,
        view.name(),
        Integer.toString(identity.pid()),
        identity.exe(),
        identity.buildId(),
        identity.place().container(),
        layout == null ? "" : String.join(",", layout.allocators()));
  }

  private static void addLoad(ProcessView view, MetricPoints to) {
    if (view.reading().up()) {
      view.work()
          .load()
          .figures()
          .forEach((series, figure) -> to.add(figure, view.name(), series.name()));
    }
  }

  private static void addResident(ProcessView view, MetricPoints to) {
    Layout layout = view.memory().layout();
    if (view.reading().up() && layout != null) {
      for (RegionKind kind : RegionKind.values()) {
        Layout.Totals totals = layout.kinds().get(kind);
        if (totals != null) {
          to.add(totals.residentBytes(), view.name(), kind.wireName());
        }
      }
    }
  }

  private static double owners(ProcessView view, ToDoubleFunction<OwnerReports> value) {
    OwnerReports owners = view.heaps().telling(view.memory().layout());
    return owners.isAnyRecognised() ? value.applyAsDouble(owners) : UNKNOWN;
  }
}
