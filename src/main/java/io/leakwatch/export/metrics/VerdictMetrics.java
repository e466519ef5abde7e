package io.leakwatch.export.metrics;

import static io.leakwatch.export.metrics.MetricFamily.Type.GAUGE;

import io.leakwatch.export.ProcessView;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The metric families of what is judged of the watched processes. */
final class VerdictMetrics {
  private static final String PREFIX = "leakwatch_process_";

  private VerdictMetrics() {}

  static List<MetricFamily> families() {
    return List.of(
        MetricFamily.ofProcesses(
            PREFIX + "verdict",
            GAUGE,
            "1 for the current verdict, 0 for the others.",
            VerdictMetrics::addVerdict,
            "process",
            "verdict"),
        verdict(
            "growth_bytes_per_second",
            "Current growth of the anonymous working set, or of the bytes in use if"
                + " only those grow.",
            verdict -> verdict.growth().bytesPerSecond()),
        verdict(
            "growth_since_seconds",
            "Unix time at which the growth began; absent while the process does not grow.",
            verdict -> verdict.growth().sinceSeconds()),
        verdict(
            "evidence",
            "Evidence of growth: without growth, a value of m is reached once in m"
                + " days or more; absent for a surge.",
            verdict -> verdict.growth().evidence()),
        MetricFamily.ofProcesses(
            PREFIX + "kind_growth_bytes_per_second",
            GAUGE,
            "Current growth of resident memory by kind.",
            VerdictMetrics::addKindGrowth,
            "process",
            "kind"),
        MetricFamily.ofProcesses(
            PREFIX + "load_explained_ratio",
            GAUGE,
            "Share of the growth that a load figure explains; absent while the"
                + " process does not grow.",
            VerdictMetrics::addExplained,
            "process",
            "metric"),
        MetricFamily.ofProcesses(
            PREFIX + "exhaustion_seconds",
            GAUGE,
            "Time until a limit is reached at the current rate: of the process, or of mappings,"
                + " threads, descriptors or a cgroup themselves; infinite without growth.",
            VerdictMetrics::addExhaustion,
            "process",
            "limit"));
  }

  private static MetricFamily verdict(String name, String help, ToDoubleFunction<Verdict> value) {
    return MetricFamily.ofProcesses(
        PREFIX + name,
        GAUGE,
        help,
        (view, to) -> {
          Verdict verdict = view.assessment().verdict();
          if (verdict != null) {
            to.add(value.applyAsDouble(verdict), view.name());
          }
        },
        "process");
  }

  private static void addVerdict(ProcessView view, MetricPoints to) {
    Verdict verdict = view.assessment().verdict();
    VerdictKind found = verdict == null ? VerdictKind.UNKNOWN : verdict.kind();
    for (VerdictKind kind : VerdictKind.values()) {
      to.add(kind == found ? 1 : 0, view.name(), kind.wireName());
    }
  }

  private static void addKindGrowth(ProcessView view, MetricPoints to) {
    Verdict verdict = view.assessment().verdict();
    if (verdict != null) {
      verdict
          .growth()
          .bySignal()
          .forEach(
              (signal, rate) ->
                  signal.kind().ifPresent(kind -> to.add(rate, view.name(), kind.wireName())));
    }
  }

  private static void addExplained(ProcessView view, MetricPoints to) {
    Verdict verdict = view.assessment().verdict();
    if (verdict != null) {
      for (Verdict.Load load : verdict.load()) {
        to.add(load.explainedFraction(), view.name(), load.metric());
      }
    }
  }

  private static void addExhaustion(ProcessView view, MetricPoints to) {
    Verdict verdict = view.assessment().verdict();
    if (verdict != null) {
      for (Verdict.Exhaustion exhaustion : verdict.forecast().exhaustion()) {
        to.add(exhaustion.seconds(), view.name(), exhaustion.limitName());
      }
    }
  }
}
