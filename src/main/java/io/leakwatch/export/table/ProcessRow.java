package io.leakwatch.export.table;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.OwnerReports;
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
 * @param recent anonymous bytes over time, oldest first
 */
public record ProcessRow(
    String name,
    int pid,
    String commandLine,
    Reading reading,
    Assessment assessment,
    Memory memory,
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

  public ProcessRow {
    name = PlainText.of(name, NAME_CHARACTERS_MAX);
    commandLine = PlainText.of(commandLine, TEXT_CHARACTERS_MAX);
    recent = List.copyOf(recent.subList(Math.max(0, recent.size() - POINTS_MAX), recent.size()));
  }

  /**
   * How reading it goes.
   *
   * @param problem why it is not up, {@code ""} when it is
   */
  public record Reading(boolean up, String problem, @Nullable Instant sampledAt) {
    public Reading {
      problem = PlainText.of(problem, TEXT_CHARACTERS_MAX);
    }
  }

  /**
   * What is thought of its growth.
   *
   * @param verdict its wire name, {@code ""} before the first judgement
   * @param limits that will be reached at this rate, the soonest first
   */
  public record Assessment(
      String verdict,
      double confidence,
      List<String> reasons,
      Severity severity,
      double growthBytesPerSecond,
      List<Limit> limits) {
    public Assessment {
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
    }
  }

  /** A limit and when it will be reached. */
  public record Limit(String name, double exhaustionSeconds) {
    public Limit {
      name = PlainText.of(name, NAME_CHARACTERS_MAX);
    }
  }

  /**
   * What it holds.
   *
   * @param inUseBytes of the allocators that were read
   * @param freeBytes freed and kept by them
   * @param arenas ptmalloc's
   * @param shares what all of it is spent on
   */
  public record Memory(
      double residentBytes,
      double anonymousBytes,
      double inUseBytes,
      double freeBytes,
      double pinnedBytes,
      double arenas,
      MemoryShares shares) {}

  /** The same of a process that is watched from here. */
  public static ProcessRow of(ProcessView view) {
    ProcessView.Identity identity = view.identity();
    Verdict verdict = view.assessment().verdict();
    HeapReport heap = view.heaps().ptmalloc();
    OwnerReports owners = view.heaps().telling(view.memory().layout());
    boolean isRead = owners.isAnyRecognised();
    return new ProcessRow(
        view.name(),
        identity.pid(),
        identity.commandLine().isEmpty() ? identity.exe() : identity.commandLine(),
        new Reading(view.reading().up(), view.reading().problem(), view.reading().sampledAt()),
        verdict == null
            ? new Assessment(
                "", Double.NaN, List.of(), view.assessment().severity(), Double.NaN, List.of())
            : new Assessment(
                verdict.kind().wireName(),
                verdict.confidence(),
                verdict.reasons(),
                view.assessment().severity(),
                verdict.growth().bytesPerSecond(),
                verdict.forecast().exhaustion().stream()
                    .map(limit -> new Limit(limit.limitName(), limit.seconds()))
                    .toList()),
        new Memory(
            view.memory().residentBytes(),
            view.memory().anonymousBytes(),
            isRead ? owners.handedOutBytes() : Double.NaN,
            isRead ? owners.freeBytes() : Double.NaN,
            isRead ? owners.pinnedBytes() : Double.NaN,
            heap == null ? Double.NaN : heap.arenaCount(),
            MemoryShares.of(view)),
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
    List<Limit> limits = assessment.limits();
    return limits.isEmpty() ? Double.NaN : limits.get(0).exhaustionSeconds();
  }

  /** Whether its memory goes where it does not come back from. */
  boolean isAlarming() {
    return ALARMING.contains(assessment.verdict());
  }
}
