package io.leakwatch.inspection;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.Siblings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts what several readings saw of a process at one time into a sample; what was not read is
 * absent.
 *
 * @param counters the cheap figures
 * @param heaps of a walk that ended since the sample before, null when there was none
 */
public record SampleAssembly(
    double nowSeconds,
    ProcessId id,
    Status counters,
    @Nullable OwnerReports heaps,
    Work work,
    Bounds bounds,
    Expectation expected) {

  /**
   * What it did since the sample before.
   *
   * @param cores CPU cores that it used, {@code NaN} when unknown
   * @param load what its metrics endpoint said, empty when it said nothing
   */
  public record Work(double cores, Map<LoadSeries, Double> load) {
    static final Work UNKNOWN = new Work(Double.NaN, Map.of());
  }

  /**
   * What can run out.
   *
   * @param limits what it uses of everything that can
   * @param forecast those that forecasts are made for, the configured one among them
   */
  public record Bounds(Limits limits, List<Limit> forecast) {}

  /**
   * What is known beforehand of how it fills.
   *
   * @param siblingDays as {@link Siblings#days} tells them, {@code NaN} when unknown
   * @param statedBytes what its command line says it will fill, 0 where it says nothing
   */
  public record Expectation(double siblingDays, long statedBytes) {
    static final Expectation NONE = new Expectation(Double.NaN, 0);
  }

  /** Of the first hour the hundredths of a second count; later they would only take room. */
  private static final double FINE_AGE_SECONDS = 3600;

  /**
   * The sample with what a reading of the mappings saw.
   *
   * @param layout of a reading taken for this sample, null when there was none
   * @param mappingCount -1 where it was not counted for this sample
   * @param lazyFreeBytes as the last exact reading saw them
   */
  public Sample with(@Nullable Layout layout, int mappingCount, long lazyFreeBytes) {
    Sample.Builder sample = Sample.at(nowSeconds, id.incarnation());
    double anonymous = anonymousBytes(counters, layout, lazyFreeBytes);
    sample.set(Signal.RSS_ANON_BYTES, anonymous);
    sample.set(Signal.RSS_BYTES, known(counters.rss().bytes()));
    sample.set(Signal.SWAP_BYTES, known(counters.swapBytes()));
    sample.set(Signal.HUGETLB_BYTES, known(counters.hugetlbBytes()));
    sample.set(Signal.THREAD_COUNT, known(counters.threads()));
    sample.set(Signal.LOAD, work.cores());
    sample.set(Signal.LIMIT_BYTES, anonymous + leastHeadroomBytes(bounds.forecast()));
    sample.set(Signal.MAPPING_COUNT, known(mappingCount));
    setResources(sample);
    sample.set(Signal.SIBLING_DAYS, expected.siblingDays());
    long statedBytes = expected.statedBytes();
    sample.set(Signal.STATED_BYTES, statedBytes > 0 ? (double) statedBytes : Double.NaN);
    work.load().forEach(sample::load);
    if (layout != null) {
      layout.kinds().forEach((kind, totals) -> setKind(sample, kind, totals.residentBytes()));
      sample.set(Signal.ARENA_COUNT, layout.arenaCount());
    }
    if (heaps != null && heaps.isTrusted()) {
      setHeaps(sample, heaps);
    }
    return sample.build();
  }

  private void setResources(Sample.Builder sample) {
    Limits limits = bounds.limits();
    sample.set(Signal.PROCESS_AGE_SECONDS, age(limits.ageSeconds()));
    set(sample, Resource.CGROUP, limits.tightestCgroup());
    set(sample, Resource.ADDRESS_SPACE, limits.memory().addressSpace());
    set(sample, Resource.DATA, limits.memory().data());
    set(sample, Resource.DESCRIPTORS, limits.descriptors());
    sample.set(Signal.MAPPING_LIMIT, known(limits.mappingsMax()));
    limits
        .tightestThreads()
        .ifPresent(
            limit ->
                sample.set(
                    Signal.THREAD_LIMIT, known(counters.threads()) + (double) limit.headroom()));
  }

  private static void set(Sample.Builder sample, Resource resource, Optional<Limit> limit) {
    limit.ifPresent(
        found -> {
          sample.set(resource.used(), (double) found.used());
          sample.set(resource.limit(), (double) found.limit());
        });
  }

  private static double age(double seconds) {
    return seconds < FINE_AGE_SECONDS ? Math.rint(seconds * 100) / 100 : Math.rint(seconds);
  }

  /** The anonymous working set: resident + swap - lazily freed; {@code NaN} when unknown. */
  public static double anonymousBytes(
      Status counters, @Nullable Layout layout, long lazyFreeBytes) {
    double resident = known(counters.rss().anonBytes());
    if (Double.isNaN(resident) && layout != null) { // Before Linux 4.5.
      resident =
          (double) layout.kinds().values().stream().mapToLong(Layout.Totals::anonymousBytes).sum();
    }
    double swap = Double.isNaN(known(counters.swapBytes())) ? 0 : counters.swapBytes();
    return Math.max(0, resident + swap - lazyFreeBytes);
  }

  private static void setKind(Sample.Builder sample, RegionKind kind, long bytes) {
    if (kind != RegionKind.HUGETLB) { // The kernel's own count is taken; Rss leaves them out.
      Signal.of(kind).ifPresent(signal -> sample.set(signal, (double) bytes));
    }
  }

  private static void setHeaps(Sample.Builder sample, OwnerReports heaps) {
    sample.set(Signal.IN_USE_BYTES, (double) heaps.inUseBytes());
    sample.set(Signal.UNTOUCHED_BYTES, (double) (heaps.handedOutBytes() - heaps.inUseBytes()));
    sample.set(Signal.HEAP_FREE_BYTES, (double) heaps.freeBytes());
    sample.set(Signal.PINNED_BYTES, (double) heaps.pinnedBytes());
    sample.set(Signal.TRIMMABLE_BYTES, (double) heaps.giveBackBytes());
  }

  private static double leastHeadroomBytes(List<Limit> limits) {
    return tightest(limits).map(limit -> (double) limit.headroom()).orElse(Double.NaN);
  }

  /** The bound on memory that leaves the fewest bytes. */
  private static Optional<Limit> tightest(List<Limit> limits) {
    return limits.stream()
        .filter(limit -> limit.unit() == Limit.Unit.BYTES)
        .min(Comparator.comparingLong(Limit::headroom));
  }

  /**
   * The same as it is shown.
   *
   * @param mappingCount as it was counted last, -1 when it was not
   */
  public List<ProcessView.ResourceUse> shown(Sample sample, int mappingCount) {
    List<ProcessView.ResourceUse> uses = new ArrayList<>();
    for (Resource resource : Resource.values()) {
      double used =
          resource == Resource.MAPPINGS ? known(mappingCount) : sample.get(resource.used());
      double limit = sample.get(resource.limit());
      if (!Double.isNaN(used) && !Double.isNaN(limit)) {
        Optional<Limit> met = limit(resource);
        uses.add(
            new ProcessView.ResourceUse(
                resource,
                met.map(Limit::name).orElse("vm.max_map_count"),
                used,
                limit,
                met.map(Limit::what).orElse("")));
      }
    }
    return uses;
  }

  /** What one process uses of everything that can run out, beside a reading of its mappings. */
  static List<ProcessView.ResourceUse> resources(
      ProcessReader reader, MappingTable table, Layout layout, long lazyFreeBytes) {
    return reader
                .status()
                .flatMap(
                    counters ->
                        reader
                            .limits(counters, layout.mappingCount())
                            .map(
                                limits ->
                                    limits.withMappings(
                                        MappingUse.most(table, layout, counters.threads())))
                            .map(
                                limits ->
                                    uses(reader.id(), counters, limits, layout, lazyFreeBytes)))
            instanceof Outcome.Sampled<List<ProcessView.ResourceUse>> seen
        ? seen.value()
        : List.of();
  }

  private static List<ProcessView.ResourceUse> uses(
      ProcessId id, Status counters, Limits limits, Layout layout, long lazyFreeBytes) {
    SampleAssembly assembly =
        new SampleAssembly(
            0,
            id,
            counters,
            null,
            Work.UNKNOWN,
            new Bounds(limits, limits.forecast()),
            Expectation.NONE);
    int mappings = layout.mappingCount();
    return assembly.shown(assembly.with(layout, mappings, lazyFreeBytes), mappings);
  }

  private Optional<Limit> limit(Resource resource) {
    Limits limits = bounds.limits();
    return switch (resource) {
      case MEMORY -> tightest(bounds.forecast());
      case CGROUP -> limits.tightestCgroup();
      case ADDRESS_SPACE -> limits.memory().addressSpace();
      case DATA -> limits.memory().data();
      case MAPPINGS -> limits.mappings();
      case THREADS -> limits.tightestThreads();
      case DESCRIPTORS -> limits.descriptors();
    };
  }

  private static double known(long figure) {
    return figure == Status.ABSENT ? Double.NaN : (double) figure;
  }
}
