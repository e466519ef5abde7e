package io.leakwatch.sampling;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.Layout;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.InstanceJudgement;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.sampling.judgement.Siblings;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.time.Time;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One process under watch: when it is to be sampled next and how closely, and what was seen last.
 * The readings escalate: counters at every tick; resident bytes by mapping at every sample; the
 * exact smaps on a slower cadence and before a severity rises; a heap walk on a slow schedule and
 * whenever the process grows. A sample is taken sooner where something runs out too fast to wait
 * for it.
 */
final class WatchedProcess implements AutoCloseable {
  private final Instance instance;
  private final ProcessView.Identity identity;
  private final SampledProcess process;
  private final InstanceJudgement judgement;
  private final NodeBudget budget;
  private final ReadAccount account;
  private final WatchedMappings mappings;
  private final WatchedHeap heap;
  private final LoadCollector.Question endpoint;
  private final SamplingSettings settings;
  private final Time time;
  private final SampleSchedule schedule;
  private final LoadMeter load = new LoadMeter();
  private final RememberedPast past;
  private long mappingsMax = -1;
  private @Nullable Status status;
  private List<ProcessView.ResourceUse> resources = List.of();
  private @Nullable Instant sampledAt;
  private Siblings.@Nullable Sibling sibling;

  /**
   * One that has not been sampled.
   *
   * @param errors those of the instance, which outlive its process
   * @param questions what else is asked about it
   * @param sampling what all processes share
   */
  WatchedProcess(
      Instance instance,
      SampledProcess process,
      InstanceJudgement judgement,
      SampleErrors errors,
      Questions questions,
      Shared sampling) {
    this.instance = instance;
    this.identity = instance.shown();
    this.process = process;
    this.judgement = judgement;
    this.budget = sampling.budget();
    this.settings = sampling.settings();
    this.time = sampling.time();
    this.account = new ReadAccount(errors);
    this.mappings = new WatchedMappings(process, budget, account, settings, time);
    this.heap = new WatchedHeap(questions.walks(), account, settings);
    this.endpoint = questions.load();
    this.past = new RememberedPast(instance.name(), instance.info(), settings.interval());
    this.schedule = new SampleSchedule(settings.interval(), time.nanos());
  }

  /** What is asked about one process beside the sampler's thread. */
  record Questions(HeapWalkQueue.Request walks, LoadCollector.Question load) {}

  /** What all watched processes share. */
  record Shared(NodeBudget budget, SamplingSettings settings, Time time) {}

  Instance instance() {
    return instance;
  }

  String name() {
    return instance.name();
  }

  ProcessInfo info() {
    return instance.info();
  }

  InstanceJudgement judgement() {
    return judgement;
  }

  /** What its newest sample says to others of its build, null where there is no judgement. */
  Siblings.@Nullable Sibling sibling() {
    return sibling;
  }

  /** What keeps this process from being read, {@code ""} when nothing does. */
  String problem() {
    return account.problem();
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
   * Reads the counters, where a sample is due or they may have changed, and asks for the load where
   * the next tick will take a sample. False when the process is gone.
   */
  boolean tick() {
    long nowNanos = time.nanos();
    long tickNanos = settings.tick().toNanos();
    if (isSampleDue(nowNanos + tickNanos)) {
      endpoint.ask();
    }
    if (status != null && !isSampleDue(nowNanos + tickNanos / 2) && !process.mayHaveChanged()) {
      return true;
    }
    Outcome<Status> outcome = process.status();
    if (outcome instanceof Outcome.Vanished) {
      return false;
    }
    if (outcome instanceof Outcome.Sampled<Status> sampled) {
      status = sampled.value();
    } else {
      status = null; // What was seen before is no sample of now.
      account.refused(outcome);
    }
    return true;
  }

  boolean isSampleDue(long nowNanos) {
    return schedule.isDue(nowNanos);
  }

  /**
   * Makes the next sample due where something runs out too fast to wait for its turn; whether it
   * does.
   */
  boolean hasten(long nowNanos) {
    Status counters = status;
    if (counters == null || sampledAt == null || isSampleDue(nowNanos)) {
      return false;
    }
    long anonymous = (long) mappings.anonymousBytes(counters);
    return schedule.hasten(counters, anonymous, process, mappings.counter(), mappingsMax, nowNanos);
  }

  /** When its mappings are to be read next, {@link Time#nanos}. */
  long mappingsDueNanos() {
    return mappings.dueNanos();
  }

  /**
   * Takes a sample and judges it. Where that would raise the severity, the mappings are read
   * exactly, as far as the cadence of such readings and the budgets allow one now, and the sample
   * is judged again: so what is reported rests on the exact figures, or on ones that are as old as
   * the budget makes them.
   *
   * @param siblingDays as {@link Siblings#days} gives them
   * @return empty when it may not be read, or died meanwhile: its sample is dropped
   */
  Optional<Observation> sample(double siblingDays, long nowNanos, double nowSeconds) {
    sibling = null;
    schedule.begin(nowNanos);
    Status counters = status;
    if (counters == null) {
      return Optional.empty();
    }
    boolean exact = mappings.isExactDue(nowNanos);
    boolean reads = (exact || mappings.isDue(nowNanos)) && budget.admits(nowNanos);
    boolean read = reads && read(counters, exact);
    if (status == null) {
      return Optional.empty();
    }
    if (!reads) {
      mappings.counter().countForSample(counters, mappingsMax);
    }
    int mappingCount = mappings.counter().take();
    SampleAssembly assembly = assemble(counters, siblingDays, nowNanos, nowSeconds);
    Sample sample =
        assembly.with(read ? mappings.layout() : null, mappingCount, mappings.lazyFreeBytes());
    Verdict verdict = judgement.judge(sample, assembly.bounds().forecast());
    if (verdict != null && judgement.now().wouldRise(sample, verdict) && !(read && exact)) {
      long lazyFreeBefore = mappings.lazyFreeBytes();
      if (mappings.admitsExact(nowNanos)
          && read(counters, true)
          && mappings.lazyFreeBytes() != lazyFreeBefore) {
        sample =
            assembly.with(mappings.layout(), mappings.counter().take(), mappings.lazyFreeBytes());
        verdict = judgement.judge(sample, assembly.bounds().forecast());
      }
      if (status == null) {
        return Optional.empty();
      }
    }
    if (verdict != null) {
      judgement.now().conclude(sample, verdict);
      sibling =
          new Siblings.Sibling(
              instance.buildId(), sample.get(Signal.PROCESS_AGE_SECONDS), verdict.kind());
    }
    sampledAt = Judgement.instant(nowSeconds);
    past.sampled(sample, endpoint.takeMemory());
    schedule.sampled(sample);
    resources = assembly.shown(sample, mappings.counter().count());
    Layout known = mappings.layout();
    if (known != null) {
      heap.plan(known.allocators(), verdict, nowNanos);
    }
    return Optional.of(new Observation(name(), sample));
  }

  private SampleAssembly assemble(
      Status counters, double siblingDays, long nowNanos, double nowSeconds) {
    Limits limits =
        process.limits(counters, mappings.counter().count()) instanceof Outcome.Sampled<Limits> seen
            ? seen.value().withMappings(mappings.most())
            : Limits.UNKNOWN;
    mappingsMax = limits.mappingsMax();
    return new SampleAssembly(
        nowSeconds,
        info().id(),
        counters,
        heap.take(),
        new SampleAssembly.Work(load.cores(counters.cpuTicks(), nowNanos), endpoint.take()),
        new SampleAssembly.Bounds(
            limits, instance.bounds(limits, mappings.anonymousBytes(counters))),
        new SampleAssembly.Expectation(siblingDays, instance.statedBytes()));
  }

  /** Reads the mappings; whether that succeeded. */
  private boolean read(Status counters, boolean exact) {
    WatchedMappings.Result result = mappings.read(counters, exact);
    if (result == WatchedMappings.Result.GONE) {
      status = null;
    }
    return result == WatchedMappings.Result.READ;
  }

  /**
   * What the process itself remembers of the time before its first sample; empty where it does not,
   * or that is recorded, or the judgement still awaits what is recorded already.
   */
  Optional<SamplingLoop.EarlierPast> earlierPast() {
    return judgement.isKnown() ? past.earlier() : Optional.empty();
  }

  /** It is recorded, as far as it was news. */
  void forgetEarlierPast() {
    past.recorded();
  }

  /**
   * Reads something of this process. What it shows must not end the watch of others: a fault of the
   * program is a problem of it alone, and nothing is known of it then.
   */
  <T> T guarded(Supplier<T> reading, T otherwise) {
    try {
      return reading.get();
    } catch (RuntimeException e) {
      account.fault(e);
      status = null;
      return otherwise;
    }
  }

  /** The state to be shown. */
  ProcessView view() {
    Judgement judged = judgement.now();
    boolean up = !account.isDenied() && status != null;
    return new ProcessView(
        identity,
        account.shown(up, sampledAt),
        mappings.shown(status, judged.recent()),
        heap.shown(),
        judged.shown(info().id().incarnation()),
        new ProcessView.Work(load.lastCores(), endpoint.view()),
        resources);
  }

  @Override
  public void close() {
    endpoint.leave();
    heap.close();
    process.close();
  }
}
