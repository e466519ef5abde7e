package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.region.AddressSpace;
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
 * @param resources what it uses of everything that can run out and has a limit, as of the last
 *     sample
 */
public record ProcessView(
    Identity identity,
    Reading reading,
    Memory memory,
    Heaps heaps,
    Assessment assessment,
    Work work,
    List<ResourceUse> resources) {

  public ProcessView {
    resources = List.copyOf(resources);
  }

  /** Configured instance name, unique on the node: the label {@code process}. */
  public String name() {
    return identity.name();
  }

  /**
   * Which process it is.
   *
   * @param name configured instance name, unique on the node
   * @param place the container that it runs in
   * @param exe path of the executable as the kernel knows it, {@code ""} when it may not be read
   * @param buildId GNU build id of the executable in hex, {@code ""} when unknown
   * @param startTime null when unknown
   * @param commandLine arguments joined by blanks, bounded, {@code ""} when unknown
   */
  public record Identity(
      String name,
      int pid,
      Place place,
      String exe,
      String buildId,
      @Nullable Instant startTime,
      String commandLine) {}

  /**
   * Where a process runs.
   *
   * @param container the container's short id or name, {@code ""} outside of containers
   * @param pid the pid as the process itself knows it
   */
  public record Place(String container, int pid) {}

  /**
   * How reading it goes.
   *
   * @param up whether it was found and readable at the last attempt
   * @param problem why not, with the missing capability, {@code ""} when up
   * @param sampledAt null before the first sample
   * @param costs what reading it has cost so far, by source ({@code statm}, {@code smaps}…)
   * @param errors samples that failed so far, by reason; the reasons are a fixed set
   */
  public record Reading(
      boolean up,
      String problem,
      @Nullable Instant sampledAt,
      List<ReadCost> costs,
      Map<String, Long> errors) {

    public Reading {
      costs = List.copyOf(costs);
      errors = Map.copyOf(errors);
    }
  }

  /**
   * Its memory as the kernel sees it; bytes are {@code NaN} when unknown.
   *
   * @param anonymousBytes anonymous + swap - lazily freed
   * @param layout by kind, null before the first reading
   * @param space the regions as the same reading found them
   * @param recent anonymous bytes over the last day, oldest first, bounded
   */
  public record Memory(
      double residentBytes,
      double anonymousBytes,
      double swapBytes,
      double lazyFreeBytes,
      @Nullable Layout layout,
      AddressSpace space,
      List<Point> recent) {

    public Memory {
      recent = List.copyOf(recent);
    }

    /** Of a process that may not be read. */
    public static final Memory UNKNOWN =
        new Memory(
            Double.NaN, Double.NaN, Double.NaN, Double.NaN, null, AddressSpace.UNKNOWN, List.of());
  }

  /**
   * What its allocators hold.
   *
   * @param owners what each of them said at the last reading, none when there was none
   * @param stacks of threads and coroutines, null where nobody asked or they may not be known
   * @param sizeGrowth the sizes of objects that grew most between two such readings
   */
  public record Heaps(
      OwnerReports owners, @Nullable StackUse stacks, CensusHistory.Growth sizeGrowth) {

    /** Of a process whose heaps were not read. */
    public static final Heaps UNKNOWN =
        new Heaps(OwnerReports.NONE, null, CensusHistory.Growth.UNKNOWN);

    /**
     * What they hold, where most of the process' memory is that of owners that were read; none
     * where it is not: glibc's few KiB are not the bytes in use of a program in Go.
     *
     * @param layout null where the mappings are not known
     */
    public OwnerReports telling(@Nullable Layout layout) {
      return layout == null || RssBalance.isMostlyRead(layout, owners) ? owners : OwnerReports.NONE;
    }

    /** The last walk through glibc's heaps, null when there was none. */
    public @Nullable HeapReport ptmalloc() {
      return owners.ptmalloc();
    }

    /** The last reading of jemalloc, null when there was none. */
    public @Nullable JemallocReport jemalloc() {
      return owners.find(JemallocReport.class);
    }
  }

  /**
   * What is thought of its growth, and what is reported of it.
   *
   * @param verdict null before the first judgement
   * @param severitySince when the present severity began, null while it is {@link Severity#NONE}
   * @param reported the verdict that the severity is reported with, null while it is {@link
   *     Severity#NONE}
   * @param arenasAtOnset number of arenas when the growth began, {@code NaN} when unknown
   */
  public record Assessment(
      @Nullable Verdict verdict,
      Severity severity,
      @Nullable Instant severitySince,
      @Nullable Verdict reported,
      double arenasAtOnset) {

    /** Before anything is reported; the verdict may be null. */
    public static Assessment of(@Nullable Verdict verdict) {
      return new Assessment(verdict, Severity.NONE, null, null, Double.NaN);
    }
  }

  /**
   * What it does beside holding memory.
   *
   * @param cores CPU cores used since the sample before, {@code NaN} when unknown
   * @param load what its metrics endpoint said
   */
  public record Work(double cores, LoadView load) {

    /** Of a process that is not asked. */
    public static final Work UNKNOWN = new Work(Double.NaN, LoadView.NONE);
  }

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
   * @param what most of it is, {@code ""} where unknown
   */
  public record ResourceUse(
      Resource resource, String limitName, double used, double limit, String what) {}

  /** One point of a curve. */
  public record Point(Instant time, double bytes) {}
}
