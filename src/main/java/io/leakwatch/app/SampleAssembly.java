package io.leakwatch.app;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.history.LoadSeries;
import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.Status;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts what several looks saw of a process at one time into a sample; what was not looked at is
 * absent.
 *
 * @param counters the cheap figures
 * @param heaps of a walk that ended since the sample before, null when there was none
 * @param loadCores {@code NaN} when unknown
 * @param load what its metrics endpoint said since the sample before, empty when it said nothing
 */
record SampleAssembly(
    double nowSeconds,
    ProcessId id,
    Status counters,
    @Nullable Heaps heaps,
    double loadCores,
    Map<LoadSeries, Double> load,
    List<Limit> limits) {
  private static final Map<RegionKind, Signal> SIGNAL_BY_KIND =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(RegionKind.BRK_HEAP, Signal.BRK_HEAP_BYTES),
              Map.entry(RegionKind.ARENA, Signal.ARENA_BYTES),
              Map.entry(RegionKind.MALLOC_MMAP, Signal.MALLOC_MMAP_BYTES),
              Map.entry(RegionKind.JEMALLOC, Signal.JEMALLOC_BYTES),
              Map.entry(RegionKind.TCMALLOC, Signal.TCMALLOC_BYTES),
              Map.entry(RegionKind.GO_HEAP, Signal.GO_HEAP_BYTES),
              Map.entry(RegionKind.JAVA_HEAP, Signal.JAVA_HEAP_BYTES),
              Map.entry(RegionKind.THREAD_STACK, Signal.THREAD_STACK_BYTES),
              Map.entry(RegionKind.ANONYMOUS, Signal.ANONYMOUS_BYTES),
              Map.entry(RegionKind.SHARED_MEMORY, Signal.SHARED_MEMORY_BYTES)));

  /**
   * The sample with what a look at the mappings saw.
   *
   * @param layout of a look taken for this sample, null when there was none
   * @param mappingCount -1 where it was not counted for this sample
   * @param lazyFreeBytes as the last exact look saw them
   */
  Sample with(@Nullable Layout layout, int mappingCount, long lazyFreeBytes) {
    Sample.Builder sample = Sample.at(nowSeconds, incarnation(id));
    double anonymous = anonymousBytes(counters, layout, lazyFreeBytes);
    sample.set(Signal.RSS_ANON_BYTES, anonymous);
    sample.set(Signal.RSS_BYTES, known(counters.rssBytes()));
    sample.set(Signal.SWAP_BYTES, known(counters.swapBytes()));
    sample.set(Signal.HUGETLB_BYTES, known(counters.hugetlbBytes()));
    sample.set(Signal.THREAD_COUNT, known(counters.threads()));
    sample.set(Signal.LOAD, loadCores);
    sample.set(Signal.LIMIT_BYTES, anonymous + leastHeadroomBytes(limits));
    sample.set(Signal.MAPPING_COUNT, known(mappingCount));
    load.forEach(sample::load);
    if (layout != null) {
      layout.kinds().forEach((kind, totals) -> setKind(sample, kind, totals.residentBytes()));
      sample.set(Signal.ARENA_COUNT, layout.arenaCount());
    }
    if (heaps != null && heaps.isTrusted()) {
      setHeaps(sample, heaps);
    }
    return sample.build();
  }

  /** The anonymous working set: resident + swap - lazily freed; {@code NaN} when unknown. */
  static double anonymousBytes(Status counters, @Nullable Layout layout, long lazyFreeBytes) {
    double resident = known(counters.rssAnonBytes());
    if (Double.isNaN(resident) && layout != null) { // Before Linux 4.5.
      resident =
          (double) layout.kinds().values().stream().mapToLong(Layout.Totals::anonymousBytes).sum();
    }
    double swap = Double.isNaN(known(counters.swapBytes())) ? 0 : counters.swapBytes();
    return Math.max(0, resident + swap - lazyFreeBytes);
  }

  /** What tells the samples of one incarnation from those of others, in the history too. */
  static String incarnation(ProcessId id) {
    return id.image() == 0 ? start(id) : start(id) + "/" + Long.toHexString(id.image());
  }

  /** The same without the program that it executes, as it was recorded up to version 0.1.0. */
  static String start(ProcessId id) {
    return id.bootId() + "/" + id.pid() + "/" + id.startTicks();
  }

  private static void setKind(Sample.Builder sample, RegionKind kind, long bytes) {
    Signal signal = SIGNAL_BY_KIND.get(kind);
    if (signal != null) {
      sample.set(signal, (double) bytes);
    }
  }

  private static void setHeaps(Sample.Builder sample, Heaps heaps) {
    sample.set(Signal.IN_USE_BYTES, (double) heaps.inUseBytes());
    sample.set(Signal.HEAP_FREE_BYTES, (double) heaps.freeBytes());
    HeapReport ptmalloc = heaps.ptmalloc();
    if (ptmalloc != null) {
      HeapTotals totals = HeapTotals.of(ptmalloc);
      sample.set(Signal.PINNED_BYTES, (double) totals.pinnedBytes());
      sample.set(Signal.TRIMMABLE_BYTES, (double) totals.trimmableBytes());
    }
  }

  private static double leastHeadroomBytes(List<Limit> limits) {
    double least = Double.NaN;
    for (Limit limit : limits) {
      if (limit.unit() == Limit.Unit.BYTES) {
        least =
            Double.isNaN(least)
                ? (double) limit.headroom()
                : Math.min(least, (double) limit.headroom());
      }
    }
    return least;
  }

  private static double known(long figure) {
    return figure == Status.ABSENT ? Double.NaN : (double) figure;
  }
}
