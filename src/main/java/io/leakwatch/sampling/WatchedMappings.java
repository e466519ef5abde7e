package io.leakwatch.sampling;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.inspection.MappingReading;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.region.AddressSpace;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.time.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of a watched process: what was read last, and when they are to be read again.
 * Resident bytes by mapping are read for every sample, the exact smaps on a slower cadence and
 * before a severity rises; each kind of reading is stretched by what it costs the process.
 */
final class WatchedMappings {
  private static final double LAYOUT_SHARE = 0.4;
  private static final double EXACT_SHARE = 0.4;
  private static final double COUNT_SHARE = 0.2;

  /** Where the target does not notice, only our own time counts. */
  private static final double UNLOCKED_COUNT_SHARE = 1;

  private final SampledProcess process;
  private final NodeBudget budget;
  private final ReadAccount account;
  private final Time time;
  private final Cadence layoutCadence;
  private final Cadence exactCadence;
  private final MappingCounter counter;
  private @Nullable Layout layout;
  private AddressSpace space = AddressSpace.UNKNOWN;
  private long lazyFreeBytes;
  private String most = "";

  WatchedMappings(
      SampledProcess process,
      NodeBudget budget,
      ReadAccount account,
      SamplingSettings settings,
      Time time) {
    this.process = process;
    this.budget = budget;
    this.account = account;
    this.time = time;
    long nowNanos = time.nanos();
    double share = settings.targetBudget();
    this.layoutCadence =
        new Cadence(settings.layoutInterval().toNanos(), share * LAYOUT_SHARE, nowNanos);
    this.exactCadence =
        new Cadence(settings.exactInterval().toNanos(), share * EXACT_SHARE, nowNanos);
    double countShare = process.countsWithoutLock() ? UNLOCKED_COUNT_SHARE : COUNT_SHARE;
    this.counter = new MappingCounter(process, budget, account.costs(), share * countShare, time);
  }

  /** What a reading came to. */
  enum Result {
    READ,
    REFUSED,
    GONE
  }

  /** What was read last; null when there was nothing yet, or the last reading failed. */
  @Nullable Layout layout() {
    return layout;
  }

  /** As the last exact reading saw them. */
  long lazyFreeBytes() {
    return lazyFreeBytes;
  }

  /** What most of the mappings are, as the last reading saw them; {@code ""} where unknown. */
  String most() {
    return most;
  }

  MappingCounter counter() {
    return counter;
  }

  /** When they are to be read next, {@link Time#nanos}. */
  long dueNanos() {
    return layoutCadence.dueNanos();
  }

  boolean isDue(long nowNanos) {
    return layoutCadence.isDue(nowNanos);
  }

  boolean isExactDue(long nowNanos) {
    return exactCadence.isDue(nowNanos);
  }

  /** Whether cadence and budget allow an exact reading out of its turn. */
  boolean admitsExact(long nowNanos) {
    exactCadence.hasten();
    return exactCadence.isDue(nowNanos) && budget.admits(time.nanos());
  }

  /** Reads them. */
  Result read(Status counters, boolean exact) {
    MappingReading<Classification> reading = process.read(exact);
    account.costs().book(reading.source(), reading.spentNanos(), reading.longestNanos());
    account.errors().count(SampleErrors.Reason.MALFORMED, reading.malformedLines());
    long nowNanos = time.nanos();
    budget.spend(reading.spentNanos(), nowNanos);
    layoutCadence.done(nowNanos, reading.spentNanos());
    if (exact) {
      exactCadence.done(nowNanos, reading.spentNanos());
    }
    most = reading.most();
    if (reading.outcome() instanceof Outcome.Sampled<Classification> sampled) {
      space = sampled.value().space();
      see(sampled.value().layout().withoutHeaps(), counters);
      return Result.READ;
    }
    layout = null; // What was seen before is no layout of now.
    space = AddressSpace.UNKNOWN;
    counter.seen(reading.mappings(), counters);
    if (reading.outcome() instanceof Outcome.Vanished) {
      account.errors().count(SampleErrors.Reason.VANISHED);
      return Result.GONE;
    }
    account.refused(reading.outcome());
    return Result.REFUSED;
  }

  private void see(Layout seen, Status counters) {
    Layout before = layout;
    layout =
        seen.exact() || before == null
            ? seen
            : seen.withTransparentHugeBytes(before.transparentHugeBytes());
    counter.seen(seen.mappingCount(), counters);
    if (seen.exact()) {
      lazyFreeBytes = seen.kinds().values().stream().mapToLong(Layout.Totals::lazyFreeBytes).sum();
    }
    account.good();
  }

  /** Anonymous bytes by the newest counters and by what was read last. */
  double anonymousBytes(Status counters) {
    return SampleAssembly.anonymousBytes(counters, layout, lazyFreeBytes);
  }

  /**
   * The memory of the process to be shown.
   *
   * @param counters null while they are not known
   */
  ProcessView.Memory shown(@Nullable Status counters, List<ProcessView.Point> recent) {
    double lazyFree = layout == null ? Double.NaN : lazyFreeBytes;
    if (counters == null) {
      return new ProcessView.Memory(
          Double.NaN, Double.NaN, Double.NaN, lazyFree, layout, space, recent);
    }
    return new ProcessView.Memory(
        counters.rss().bytes(),
        anonymousBytes(counters),
        counters.swapBytes(),
        lazyFree,
        layout,
        space,
        recent);
  }
}
