package io.leakwatch.export.table;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the live view shows of one process. Whatever it is made of, its texts are bounded and
 * harmless for a terminal. Bytes and rates are {@code NaN} where they are unknown.
 *
 * @param problem why it is not up, {@code ""} when it is
 * @param verdict its wire name, {@code ""} before the first judgement
 * @param inUseBytes of the allocators that were read
 * @param freeBytes freed and kept by them
 * @param arenas ptmalloc's
 * @param limits that will be reached at this rate, the soonest first
 * @param recent anonymous bytes over time, oldest first
 */
public record ProcessRow(
    String name,
    int pid,
    String commandLine,
    boolean up,
    String problem,
    String verdict,
    double confidence,
    List<String> reasons,
    Severity severity,
    double residentBytes,
    double anonymousBytes,
    double inUseBytes,
    double freeBytes,
    double pinnedBytes,
    double arenas,
    double growthBytesPerSecond,
    List<Limit> limits,
    @Nullable Instant sampledAt,
    List<ProcessView.Point> recent) {

  /** Points of a curve, reasons and limits that are kept. */
  static final int POINTS_MAX = 240;

  static final int REASONS_MAX = 32;
  static final int LIMITS_MAX = 16;

  private static final Set<String> ALARMING =
      Arrays.stream(VerdictKind.values())
          .filter(VerdictKind::isAlarming)
          .map(VerdictKind::wireName)
          .collect(Collectors.toUnmodifiableSet());

  private static final int NAME_CHARACTERS_MAX = 128;
  private static final int WORD_CHARACTERS_MAX = 16;
  private static final int TEXT_CHARACTERS_MAX = 1024;

  /** A limit and when it will be reached. */
  public record Limit(String name, double exhaustionSeconds) {
    public Limit {
      name = PlainText.of(name, NAME_CHARACTERS_MAX);
    }
  }

  public ProcessRow {
    name = PlainText.of(name, NAME_CHARACTERS_MAX);
    commandLine = PlainText.of(commandLine, TEXT_CHARACTERS_MAX);
    problem = PlainText.of(problem, TEXT_CHARACTERS_MAX);
    verdict = PlainText.of(verdict, WORD_CHARACTERS_MAX);
    reasons =
        reasons.stream()
            .limit(REASONS_MAX)
            .map(reason -> PlainText.of(reason, TEXT_CHARACTERS_MAX))
            .toList();
    limits =
        limits.stream()
            .filter(limit -> Double.isFinite(limit.exhaustionSeconds()))
            .sorted(Comparator.comparingDouble(Limit::exhaustionSeconds))
            .limit(LIMITS_MAX)
            .toList();
    recent = List.copyOf(recent.subList(Math.max(0, recent.size() - POINTS_MAX), recent.size()));
  }

  /** The same of a process that is watched from here. */
  public static ProcessRow of(ProcessView view) {
    ProcessView.Identity identity = view.identity();
    Verdict verdict = view.assessment().verdict();
    HeapReport heap = view.heaps().ptmalloc();
    HeapTotals totals = heap == null ? null : HeapTotals.of(heap);
    JemallocReport read = view.heaps().jemalloc();
    JemallocReport jemalloc = read == null || read.arenas().isEmpty() ? null : read;
    return new ProcessRow(
        view.name(),
        identity.pid(),
        identity.commandLine().isEmpty() ? identity.exe() : identity.commandLine(),
        view.reading().up(),
        view.reading().problem(),
        verdict == null ? "" : verdict.kind().wireName(),
        verdict == null ? Double.NaN : verdict.confidence(),
        verdict == null ? List.of() : verdict.reasons(),
        view.assessment().severity(),
        view.memory().residentBytes(),
        view.memory().anonymousBytes(),
        sum(
            totals == null ? Double.NaN : totals.inUseBytes(),
            jemalloc == null ? Double.NaN : jemalloc.total().allocatedBytes()),
        sum(
            totals == null ? Double.NaN : totals.keptBytes(),
            jemalloc == null ? Double.NaN : jemalloc.freeBytes()),
        totals == null ? Double.NaN : totals.pinnedBytes(),
        heap == null ? Double.NaN : heap.arenaCount(),
        verdict == null ? Double.NaN : verdict.growth().bytesPerSecond(),
        verdict == null
            ? List.of()
            : verdict.forecast().exhaustion().stream()
                .map(limit -> new Limit(limit.limitName(), limit.seconds()))
                .toList(),
        view.reading().sampledAt(),
        view.memory().recent());
  }

  /** Of what two allocators hold, where one of them may be unknown. */
  static double sum(double one, double other) {
    if (Double.isNaN(one)) {
      return other;
    }
    return Double.isNaN(other) ? one : one + other;
  }

  /** Until the first limit is reached, {@code NaN} where that is not foreseen. */
  double exhaustionSeconds() {
    return limits.isEmpty() ? Double.NaN : limits.get(0).exhaustionSeconds();
  }

  /** Whether its memory goes where it does not come back from. */
  boolean isAlarming() {
    return ALARMING.contains(verdict);
  }
}
