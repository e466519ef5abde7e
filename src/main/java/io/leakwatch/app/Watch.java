package io.leakwatch.app;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.export.ProcessView;
import io.leakwatch.history.Observation;
import io.leakwatch.history.Sample;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessInfo;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.Status;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One process under watch: its open descriptors, when it is to be looked at next and how closely,
 * and what was seen last. The looks escalate: counters at every tick; resident bytes by mapping at
 * every sample; the exact smaps on a slower cadence and whenever a severity is about to rise; a
 * heap walk on a slow schedule and whenever the process grows. Each kind is stretched by what it
 * costs.
 */
final class Watch implements AutoCloseable {
  private static final double LAYOUT_SHARE = 0.5;
  private static final double EXACT_SHARE = 0.5;

  private static final int COMMAND_LINE_CHARS_MAX = 2048;

  private final String name;
  private final ProcessInfo info;
  private final long limitBytes;
  private final ProcessReader reader;
  private final String buildId;
  private final Judgement judgement;
  private final SampleErrors errors;
  private final WatchedHeap heap;
  private final LoadDesk.Desk endpoint;
  private final SamplingSettings settings;
  private final LookCosts costs = new LookCosts();
  private final Cadence layoutCadence;
  private final Cadence exactCadence;
  private final LoadMeter load = new LoadMeter();
  private long sampleDueNanos;
  private @Nullable Status status;
  private @Nullable Layout layout;
  private long lazyFreeBytes;
  private String problem = "";
  private @Nullable Instant sampledAt;

  Watch(
      String name,
      ProcessInfo info,
      long limitBytes,
      ProcessReader reader,
      String buildId,
      Judgement judgement,
      SampleErrors errors,
      WalkDesk.Desk walks,
      LoadDesk.Desk endpoint,
      SamplingSettings settings,
      long nowNanos) {
    this.name = name;
    this.info = info;
    this.limitBytes = limitBytes;
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
  }

  String name() {
    return name;
  }

  ProcessInfo info() {
    return info;
  }

  Judgement judgement() {
    return judgement;
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
    if (outcome instanceof Outcome.Sampled<Status> sampled) {
      status = sampled.value();
    } else if (outcome instanceof Outcome.Denied<Status> denied) {
      deny(denied);
    } else {
      return false;
    }
    return true;
  }

  boolean isSampleDue(long nowNanos) {
    return nowNanos - sampleDueNanos >= 0;
  }

  /**
   * Takes a sample and judges it. Before a severity rises, the exact look is taken, so that what is
   * told rests on it.
   *
   * @return empty when the process died meanwhile: its sample is dropped
   */
  Optional<Observation> sample(SampleContext context, long nowNanos, double nowSeconds) {
    long next = sampleDueNanos + settings.interval().toNanos();
    sampleDueNanos = next - nowNanos > 0 ? next : nowNanos + settings.interval().toNanos();
    boolean exact = exactCadence.isDue(nowNanos) || severityMayRise();
    boolean looked = false;
    if ((exact || layoutCadence.isDue(nowNanos)) && context.budget().admits(nowNanos)) {
      looked = look(context, exact);
    }
    Status counters = status;
    if (counters == null) {
      return Optional.empty();
    }
    List<Limit> limits = limits(counters);
    Sample sample =
        SampleAssembly.of(
            nowSeconds,
            info.id(),
            counters,
            looked ? layout : null,
            heap.take(),
            lazyFreeBytes,
            load.cores(counters.cpuTicks(), nowNanos),
            endpoint.take(),
            limits);
    Verdict verdict = judgement.accept(sample, limits);
    sampledAt = Judgement.instant(nowSeconds);
    Layout known = layout;
    if (known != null) {
      heap.plan(known.allocators(), verdict, nowNanos);
    }
    return Optional.of(new Observation(name, sample));
  }

  private List<Limit> limits(Status counters) {
    List<Limit> limits = new ArrayList<>();
    if (reader.limits(counters, mappingCount()) instanceof Outcome.Sampled<List<Limit>> known) {
      limits.addAll(known.value());
    }
    if (limitBytes > 0) {
      long used = Math.round(SampleAssembly.anonymousBytes(counters, layout, lazyFreeBytes));
      limits.add(new Limit("configured limit-bytes", Limit.Unit.BYTES, limitBytes, used));
    }
    return limits;
  }

  private int mappingCount() {
    Layout known = layout;
    return known == null ? -1 : known.mappingCount();
  }

  private boolean look(SampleContext context, boolean exact) {
    Looker looker = context.looker();
    Outcome<Classification> outcome =
        exact ? looker.exact(reader, context.images()) : looker.quick(reader, context.images());
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
      Layout seen = sampled.value().layout();
      Layout before = layout;
      layout =
          seen.exact() || before == null
              ? seen
              : seen.withTransparentHugeBytes(before.transparentHugeBytes());
      if (seen.exact()) {
        lazyFreeBytes =
            seen.kinds().values().stream().mapToLong(Layout.Totals::lazyFreeBytes).sum();
      }
      problem = "";
      return true;
    }
    if (outcome instanceof Outcome.Denied<Classification> denied) {
      deny(denied);
    } else {
      errors.count(SampleErrors.Reason.VANISHED);
      status = null;
    }
    return false;
  }

  private void deny(Outcome.Denied<?> denied) {
    errors.count(SampleErrors.Reason.DENIED);
    problem = denied.sentence();
  }

  private boolean severityMayRise() {
    Verdict verdict = judgement.verdict();
    return verdict != null && verdict.kind().isAlarming() && judgement.severity() == Severity.NONE;
  }

  /** The state to be shown. */
  ProcessView view() {
    Status counters = status;
    Layout known = layout;
    Heaps seen = heap.seen();
    double lazyFree = known == null ? Double.NaN : lazyFreeBytes;
    return new ProcessView(
        name,
        info.id().pid(),
        new ProcessView.Place(info.container(), info.innerPid()),
        info.exe(),
        buildId,
        info.startTime(),
        problem.isEmpty() && counters != null,
        problem,
        counters == null ? Double.NaN : counters.rssBytes(),
        counters == null
            ? Double.NaN
            : SampleAssembly.anonymousBytes(counters, known, lazyFreeBytes),
        counters == null ? Double.NaN : counters.swapBytes(),
        lazyFree,
        known,
        seen == null ? null : seen.ptmalloc(),
        judgement.verdict(),
        judgement.severity(),
        sampledAt,
        judgement.severitySince(),
        judgement.told(),
        judgement.arenasAtOnset(),
        load.lastCores(),
        commandLine(info),
        costs.list(),
        errors.byReason(),
        judgement.recent(),
        endpoint.view(),
        seen == null ? null : seen.jemalloc(),
        heap.sizeGrowth());
  }

  private static String commandLine(ProcessInfo info) {
    String joined = String.join(" ", info.commandLine());
    return joined.length() <= COMMAND_LINE_CHARS_MAX
        ? joined
        : joined.substring(0, COMMAND_LINE_CHARS_MAX);
  }

  @Override
  public void close() {
    endpoint.leave();
    heap.close();
    reader.close();
  }
}
