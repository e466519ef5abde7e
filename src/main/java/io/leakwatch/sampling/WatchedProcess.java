package io.leakwatch.sampling;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.inspection.AllocatorReports;
import io.leakwatch.inspection.MappingReader;
import io.leakwatch.inspection.PacedMeter;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.InstanceJudgement;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.sampling.judgement.Siblings;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.sampling.load.RememberedMemory;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One process under watch: its open descriptors, when it is to be looked at next and how closely,
 * and what was seen last. The looks escalate: counters at every tick; resident bytes by mapping at
 * every sample; the exact smaps on a slower cadence and before a severity rises; a heap walk on a
 * slow schedule and whenever the process grows. Each kind is stretched by what it costs. A sample
 * is taken sooner where something runs out too fast to wait for it.
 */
final class WatchedProcess implements AutoCloseable {
  private static final double LAYOUT_SHARE = 0.4;
  private static final double EXACT_SHARE = 0.4;
  private static final double COUNT_SHARE = 0.2;

  /** Where the target does not notice, only our own time counts. */
  private static final double UNLOCKED_COUNT_SHARE = 1;

  /** A pause of fewer samples, as a restart of the agent makes, stays one. */
  private static final int EARLIER_INTERVALS_MIN = 10;

  private final String name;
  private final ProcessInfo info;
  private final long limitBytes;
  private final long statedBytes;
  private final ProcessReader reader;
  private final String buildId;
  private final InstanceJudgement judgement;
  private final SampleErrors errors;
  private final WatchedHeap heap;
  private final LoadCollector.Desk endpoint;
  private final SamplingSettings settings;
  private final ReadCosts costs = new ReadCosts();
  private final Cadence layoutCadence;
  private final Cadence exactCadence;
  private final MappingCounter mappings;
  private final Urgency haste = new Urgency();
  private final LoadMeter load = new LoadMeter();
  private long sampleDueNanos;
  private @Nullable Status status;
  private @Nullable Layout layout;
  private long lazyFreeBytes;
  private long mappingsMax = -1;
  private List<ProcessView.ResourceUse> resources = List.of();
  private String problem = "";
  private boolean denied;
  private @Nullable Instant sampledAt;
  private double firstSampleSeconds = Double.NaN;
  private @Nullable RememberedMemory memory;
  private @Nullable Sample besideMemory;
  private Siblings.@Nullable Life life;

  WatchedProcess(
      String name,
      ProcessInfo info,
      long limitBytes,
      long statedBytes,
      ProcessReader reader,
      String buildId,
      InstanceJudgement judgement,
      SampleErrors errors,
      HeapWalkQueue.Desk walks,
      LoadCollector.Desk endpoint,
      SamplingSettings settings,
      long nowNanos) {
    this.name = name;
    this.info = info;
    this.limitBytes = limitBytes;
    this.statedBytes = statedBytes;
    this.reader = reader;
    this.buildId = buildId;
    this.judgement = judgement;
    this.errors = errors;
    this.heap = new WatchedHeap(walks, errors, costs, settings);
    this.endpoint = endpoint;
    this.settings = settings;
    this.sampleDueNanos = nowNanos;
    this.layoutCadence =
        new Cadence(
            settings.layoutInterval().toNanos(), settings.targetBudget() * LAYOUT_SHARE, nowNanos);
    this.exactCadence =
        new Cadence(
            settings.exactInterval().toNanos(), settings.targetBudget() * EXACT_SHARE, nowNanos);
    double countShare = reader.countsWithoutLock() ? UNLOCKED_COUNT_SHARE : COUNT_SHARE;
    this.mappings =
        new MappingCounter(reader, costs, settings.targetBudget() * countShare, nowNanos);
  }

  String name() {
    return name;
  }

  ProcessInfo info() {
    return info;
  }

  InstanceJudgement judgement() {
    return judgement;
  }

  /** GNU build id of its executable, {@code ""} when unknown. */
  String buildId() {
    return buildId;
  }

  /** What its newest sample says to others of its build, empty where there is no judgement. */
  Optional<Siblings.Life> life() {
    return Optional.ofNullable(life);
  }

  /** What keeps this process from being looked at, {@code ""} when nothing does. */
  String problem() {
    return problem;
  }

  /** What keeps its heap from being read, {@code ""} when nothing does. */
  String heapProblem() {
    return heap.problem();
  }

  /** What keeps its metrics endpoint from answering, {@code ""} when nothing does. */
  String loadProblem() {
    return endpoint.view().problem();
  }

  /**
   * Reads the counters, and asks for the load where the next tick will take a sample. False when
   * the process is gone.
   */
  boolean tick() {
    if (isSampleDue(System.nanoTime() + settings.tick().toNanos())) {
      endpoint.ask();
    }
    Outcome<Status> outcome = reader.status();
    if (outcome instanceof Outcome.Vanished) {
      return false;
    }
    if (outcome instanceof Outcome.Sampled<Status> sampled) {
      status = sampled.value();
    } else {
      status = null; // What was seen before is no sample of now.
      refused(outcome);
    }
    return true;
  }

  boolean isSampleDue(long nowNanos) {
    return nowNanos - sampleDueNanos >= 0;
  }

  /**
   * Makes the next sample due where something runs out too fast to wait for its turn; whether it
   * does.
   */
  boolean hasten(SampleContext context, long nowNanos) {
    Status counters = status;
    if (counters == null || sampledAt == null || isSampleDue(nowNanos)) {
      return false;
    }
    double anonymous = SampleAssembly.anonymousBytes(counters, layout, lazyFreeBytes);
    boolean urgent =
        haste.isUrgent(Resource.MEMORY, (long) anonymous)
            || haste.isUrgent(Resource.ADDRESS_SPACE, counters.sizeBytes())
            || haste.isUrgent(Resource.DATA, counters.dataBytes())
            || haste.isUrgent(Resource.THREADS, counters.threads())
            || haste.isUrgent(Resource.DESCRIPTORS, reader.descriptorsTold())
            || (mappings.countInHaste(context, counters, mappingsMax)
                && haste.isUrgent(Resource.MAPPINGS, mappings.count()));
    if (urgent) {
      sampleDueNanos = nowNanos;
    }
    return urgent;
  }

  /** When its mappings are to be looked at next, in {@link System#nanoTime} time. */
  long lookDueNanos() {
    return layoutCadence.dueNanos();
  }

  /**
   * Takes a sample and judges it. Where that would raise the severity, the process is looked at
   * exactly, as far as the cadence of such looks and the budgets allow one now, and judged again:
   * so what is told rests on the exact figures, or on ones that are as old as the budget makes
   * them.
   *
   * @param siblingDays as {@link Siblings#days} tells them
   * @return empty when it may not be read, or died meanwhile: its sample is dropped
   */
  Optional<Observation> sample(
      SampleContext context, double siblingDays, long nowNanos, double nowSeconds) {
    life = null;
    long next = sampleDueNanos + settings.interval().toNanos();
    sampleDueNanos = next - nowNanos > 0 ? next : nowNanos + settings.interval().toNanos();
    if (status == null) {
      return Optional.empty();
    }
    boolean exact = exactCadence.isDue(nowNanos);
    boolean looks = (exact || layoutCadence.isDue(nowNanos)) && context.budget().admits(nowNanos);
    boolean looked = looks && look(context, exact);
    Status counters = status;
    if (counters == null) {
      return Optional.empty();
    }
    if (!looks) {
      mappings.countForSample(context, counters, mappingsMax);
    }
    int mappingCount = mappings.take();
    Limits limits = limits(counters);
    SampleAssembly assembly =
        new SampleAssembly(
            nowSeconds,
            info.id(),
            counters,
            heap.take(),
            load.cores(counters.cpuTicks(), nowNanos),
            endpoint.take(),
            limits,
            ofMemory(limits, counters),
            siblingDays,
            statedBytes);
    Sample sample = assembly.with(looked ? layout : null, mappingCount, lazyFreeBytes);
    Verdict verdict = judgement.judge(sample, assembly.ofMemory());
    if (verdict != null && judgement.now().wouldRise(sample, verdict) && !(looked && exact)) {
      long lazyFreeBefore = lazyFreeBytes;
      if (lookExactly(context, nowNanos) && lazyFreeBytes != lazyFreeBefore) {
        sample = assembly.with(layout, mappings.take(), lazyFreeBytes);
        verdict = judgement.judge(sample, assembly.ofMemory());
      }
      if (status == null) {
        return Optional.empty();
      }
    }
    if (verdict != null) {
      judgement.now().conclude(sample, verdict);
      life = new Siblings.Life(buildId, sample.get(Signal.PROCESS_AGE_SECONDS), verdict.kind());
    }
    sampledAt = Judgement.instant(nowSeconds);
    rememberEarlier(sample);
    haste.sampled(sample);
    resources = assembly.shown(sample, mappings.count());
    Layout known = layout;
    if (known != null) {
      heap.plan(known.allocators(), verdict, nowNanos);
    }
    return Optional.of(new Observation(name, sample));
  }

  private void rememberEarlier(Sample sample) {
    if (Double.isNaN(firstSampleSeconds)) {
      firstSampleSeconds = sample.timeSeconds();
    }
    RememberedMemory told = endpoint.takeMemory();
    if (told != null) {
      memory = told;
      besideMemory = sample;
    }
  }

  /**
   * What the process itself remembers of the time before its first sample; empty where it does not,
   * or that is kept, or the judgement still awaits what is recorded already.
   */
  Optional<SamplingLoop.EarlierPast> earlierPast() {
    RememberedMemory told = memory;
    Sample beside = besideMemory;
    if (told == null || beside == null || !judgement.isKnown()) {
      return Optional.empty();
    }
    List<Sample> samples = told.samples(info, beside);
    if (samples.isEmpty()) {
      forgetEarlierPast();
      return Optional.empty();
    }
    double leastSeconds = EARLIER_INTERVALS_MIN * settings.interval().toMillis() / 1e3;
    return Optional.of(
        new SamplingLoop.EarlierPast(name, samples, firstSampleSeconds, leastSeconds));
  }

  /** It is kept, as far as it was news. */
  void forgetEarlierPast() {
    memory = null;
    besideMemory = null;
  }

  /** An exact look out of its turn, where cadence and budget allow one. */
  private boolean lookExactly(SampleContext context, long nowNanos) {
    exactCadence.hasten();
    return exactCadence.isDue(nowNanos)
        && context.budget().admits(System.nanoTime())
        && look(context, true);
  }

  private Limits limits(Status counters) {
    Limits limits =
        reader.limits(counters, mappings.count()) instanceof Outcome.Sampled<Limits> known
            ? known.value()
            : Limits.UNKNOWN;
    mappingsMax = limits.mappingsMax();
    return limits;
  }

  /** The bounds that forecasts are made for, the configured one among them. */
  private List<Limit> ofMemory(Limits known, Status counters) {
    List<Limit> limits = known.ofMemory();
    if (limitBytes > 0) {
      long used = Math.round(SampleAssembly.anonymousBytes(counters, layout, lazyFreeBytes));
      limits.add(new Limit("configured limit-bytes", Limit.Unit.BYTES, limitBytes, used));
    }
    return limits;
  }

  private boolean look(SampleContext context, boolean exact) {
    MappingReader looker = context.looker();
    Outcome<Classification> outcome =
        exact ? looker.exact(reader, context.images()) : looker.quick(reader, context.images());
    reader.rest();
    PacedMeter meter = looker.meter();
    costs.book(looker.source(), meter.spentNanos(), meter.longestNanos());
    errors.count(SampleErrors.Reason.MALFORMED, looker.table().malformedLines());
    long nowNanos = System.nanoTime();
    context.budget().spend(meter.spentNanos(), nowNanos);
    layoutCadence.done(nowNanos, meter.spentNanos());
    if (exact) {
      exactCadence.done(nowNanos, meter.spentNanos());
    }
    if (outcome instanceof Outcome.Sampled<Classification> sampled) {
      see(sampled.value().layout().withoutHeaps());
      return true;
    }
    layout = null; // What was seen before is no layout of now.
    counted(looker.table().rowsBeyond() > 0 ? looker.mappingCount() : -1);
    if (outcome instanceof Outcome.Vanished) {
      errors.count(SampleErrors.Reason.VANISHED);
      status = null;
    } else {
      refused(outcome);
    }
    return false;
  }

  private void see(Layout seen) {
    Layout before = layout;
    layout =
        seen.exact() || before == null
            ? seen
            : seen.withTransparentHugeBytes(before.transparentHugeBytes());
    counted(seen.mappingCount());
    if (seen.exact()) {
      lazyFreeBytes = seen.kinds().values().stream().mapToLong(Layout.Totals::lazyFreeBytes).sum();
    }
    problem = "";
    denied = false;
  }

  private void counted(int count) {
    Status counters = status;
    if (counters != null) {
      mappings.seen(count, counters);
    }
  }

  private void refused(Outcome<?> outcome) {
    denied = outcome instanceof Outcome.Denied;
    errors.count(denied ? SampleErrors.Reason.DENIED : SampleErrors.Reason.UNABLE);
    problem = outcome.problem();
  }

  /** Notes a fault of the program while this process was looked at: nothing is known of it now. */
  void failed(RuntimeException fault) {
    errors.count(SampleErrors.Reason.UNABLE);
    status = null;
    problem = "cannot be sampled: internal error: " + fault;
  }

  /** The state to be shown. */
  ProcessView view() {
    Status counters = status;
    Layout known = layout;
    AllocatorReports seen = heap.seen();
    Judgement judged = judgement.now();
    double lazyFree = known == null ? Double.NaN : lazyFreeBytes;
    return new ProcessView(
        name,
        info.id().pid(),
        new ProcessView.Place(info.container(), info.innerPid()),
        info.exe(),
        buildId,
        info.startTime(),
        !denied && counters != null,
        problem,
        counters == null ? Double.NaN : counters.rssBytes(),
        counters == null
            ? Double.NaN
            : SampleAssembly.anonymousBytes(counters, known, lazyFreeBytes),
        counters == null ? Double.NaN : counters.swapBytes(),
        lazyFree,
        known,
        seen == null ? null : seen.ptmalloc(),
        judged.verdict(),
        judged.severity(),
        sampledAt,
        judged.severitySince(),
        judged.told(),
        judged.arenasAtOnset(),
        load.lastCores(),
        String.join(" ", info.commandLine()),
        costs.list(),
        errors.byReason(),
        judged.recent(),
        endpoint.view(),
        seen == null ? null : seen.jemalloc(),
        heap.sizeGrowth(),
        resources);
  }

  @Override
  public void close() {
    endpoint.leave();
    heap.close();
    reader.close();
  }
}
