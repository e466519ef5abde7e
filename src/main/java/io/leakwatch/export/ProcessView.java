package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.region.Layout;
import io.leakwatch.sample.Resource;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one watched process at one time, ready to be shown.
 *
 * @param name configured instance name, unique on the node: the label {@code process}
 * @param place the container that it runs in
 * @param exe path of the executable as the kernel knows it, {@code ""} when it may not be read
 * @param buildId GNU build id of the executable in hex, {@code ""} when unknown
 * @param up whether it was found and readable at the last attempt
 * @param problem why not, with the missing capability, {@code ""} when up
 * @param layout by kind, null before the first look
 * @param anonymousBytes anonymous + swap - lazily freed, {@code NaN} when unknown
 * @param heap the last walk through glibc's heaps, null when there was none
 * @param verdict null before the first judgement
 * @param severitySince when the present severity began, null while it is {@link Severity#NONE}
 * @param told the verdict that the severity is told with, null while it is {@link Severity#NONE}
 * @param arenasAtOnset number of arenas when the growth began, {@code NaN} when unknown
 * @param loadCores CPU cores used since the sample before, {@code NaN} when unknown
 * @param commandLine arguments joined by blanks, bounded, {@code ""} when unknown
 * @param reads what reading it has cost so far, by source ({@code statm}, {@code smaps}…)
 * @param errors samples that failed so far, by reason; the reasons are a fixed set
 * @param recent anonymous bytes over time for the page's curve, oldest first, bounded
 * @param load what its metrics endpoint said
 * @param jemalloc the last look into jemalloc, null when there was none
 * @param sizeGrowth the chunk or allocation sizes that grew most between two such looks
 * @param resources what it uses of everything that can run out and has a limit, as of the last
 *     sample
 */
public record ProcessView(
    String name,
    int pid,
    Place place,
    String exe,
    String buildId,
    Instant startTime,
    boolean up,
    String problem,
    double residentBytes,
    double anonymousBytes,
    double swapBytes,
    double lazyFreeBytes,
    @Nullable Layout layout,
    @Nullable HeapReport heap,
    @Nullable Verdict verdict,
    Severity severity,
    @Nullable Instant sampledAt,
    @Nullable Instant severitySince,
    @Nullable Verdict told,
    double arenasAtOnset,
    double loadCores,
    String commandLine,
    List<ReadCost> reads,
    Map<String, Long> errors,
    List<Point> recent,
    LoadView load,
    @Nullable JemallocReport jemalloc,
    CensusHistory.Growth sizeGrowth,
    List<ResourceUse> resources) {

  public ProcessView {
    reads = List.copyOf(reads);
    errors = Map.copyOf(errors);
    recent = List.copyOf(recent);
    resources = List.copyOf(resources);
  }

  /** A view of one look, as {@code inspect} has it: without past, cost and alert. */
  public ProcessView(
      String name,
      int pid,
      Place place,
      String exe,
      String buildId,
      Instant startTime,
      boolean up,
      String problem,
      double residentBytes,
      double anonymousBytes,
      double swapBytes,
      double lazyFreeBytes,
      @Nullable Layout layout,
      @Nullable HeapReport heap,
      @Nullable JemallocReport jemalloc,
      @Nullable Verdict verdict,
      Severity severity,
      @Nullable Instant sampledAt,
      List<ResourceUse> resources) {
    this(
        name,
        pid,
        place,
        exe,
        buildId,
        startTime,
        up,
        problem,
        residentBytes,
        anonymousBytes,
        swapBytes,
        lazyFreeBytes,
        layout,
        heap,
        verdict,
        severity,
        sampledAt,
        null,
        null,
        Double.NaN,
        Double.NaN,
        "",
        List.of(),
        Map.of(),
        List.of(),
        LoadView.NONE,
        jemalloc,
        CensusHistory.Growth.UNKNOWN,
        resources);
  }

  /**
   * Where a process runs.
   *
   * @param container the container's short id or name, {@code ""} outside of containers
   * @param pid the pid as the process itself knows it
   */
  public record Place(String container, int pid) {}

  /**
   * What one kind of read has cost since the agent began to watch the process.
   *
   * @param count reads
   * @param seconds time spent inside them, in sum
   * @param longestSeconds the longest one
   */
  public record ReadCost(String source, long count, double seconds, double longestSeconds) {}

  /**
   * How much of something that can run out is used, in bytes or as a count.
   *
   * @param limitName the limit that will be met first, as an operator would call it
   */
  public record ResourceUse(Resource resource, String limitName, double used, double limit) {}

  /** One point of a curve. */
  public record Point(Instant time, double bytes) {}
}
