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
            "1 for the present verdict, 0 for the others.",
            VerdictMetrics::addVerdict,
            "process",
            "verdict"),
        verdict(
            "growth_bytes_per_second",
            "Present growth of the anonymous working set, or of what is in use where that alone"
                + " grows.",
            verdict -> verdict.growth().bytesPerSecond()),
        verdict(
            "growth_since_seconds",
            "When the growth began, Unix time; absent while it does not grow.",
            verdict -> verdict.growth().sinceSeconds()),
        verdict(
            "evidence",
            "Evidence of growth: while the lowest level of a day is as likely to fall as to rise, a"
                + " level m is reached once in m days or more; absent for a surge.",
            verdict -> verdict.growth().evidence()),
        MetricFamily.ofProcesses(
            PREFIX + "kind_growth_bytes_per_second",
            GAUGE,
            "Present growth of resident memory by kind.",
            VerdictMetrics::addKindGrowth,
            "process",
            "kind"),
        MetricFamily.ofProcesses(
            PREFIX + "load_explained_ratio",
            GAUGE,
            "Share of the growth that goes along with a figure of its work; absent while it does not"
                + " grow.",
            VerdictMetrics::addExplained,
            "process",
            "metric"),
        MetricFamily.ofProcesses(
            PREFIX + "exhaustion_seconds",
            GAUGE,
            "Time until a limit is reached at the present rate; infinite while not growing.",
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
