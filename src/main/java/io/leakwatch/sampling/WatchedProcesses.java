package io.leakwatch.sampling;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.inspection.SampledNode;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.identity.StatedSize;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sampling.judgement.Judgements;
import io.leakwatch.sampling.judgement.Siblings;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.target.KnownNames;
import io.leakwatch.target.TargetChanges;
import io.leakwatch.target.TargetFinder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All processes under watch, by instance name. Names are unique: where the configuration gives one
 * name to several processes that live at once, the later ones get a number, which they keep. For
 * the sampler thread alone.
 */
final class WatchedProcesses implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WatchedProcesses.class);

  /** Of a command line, kept and shown. */
  private static final int ARGUMENT_CHARS_MAX = 2048;

  /** A process, its heap, its load, and one that cannot be opened for each. */
  private static final int SUBJECTS_PER_PROCESS = 4;

  private final SampledNode node;
  private final KnownNames knownNames;
  private final Judgements judgements;
  private final EarlierPasts earlierPasts;
  private final HeapWalkQueue walks;
  private final LoadCollector loads;
  private final TargetChanges targetChanges;
  private final WatchedProcess.Shared sampling;
  private final SamplingSettings settings;
  private final Map<String, WatchedProcess> byName = new TreeMap<>();
  private final Map<String, SampleErrors> errors;
  private final ProblemLog problems;
  private final List<ObservedChange> changes = new ArrayList<>();
  private long refused;

  WatchedProcesses(
      SampledNode node,
      KnownNames knownNames,
      Judgements judgements,
      HeapWalkQueue walks,
      LoadCollector loads,
      TargetChanges targetChanges,
      WatchedProcess.Shared sampling) {
    this.node = node;
    this.knownNames = knownNames;
    this.judgements = judgements;
    this.earlierPasts = new EarlierPasts(judgements);
    this.walks = walks;
    this.loads = loads;
    this.targetChanges = targetChanges;
    this.sampling = sampling;
    this.settings = sampling.settings();
    this.errors = ProblemLog.latest(2 * settings.maxProcesses());
    this.problems = new ProblemLog(SUBJECTS_PER_PROCESS * settings.maxProcesses());
  }

  /**
   * Takes up the processes that were found: the agent itself, then those with a past, then the
   * oldest; as many as the settings allow.
   */
  void add(List<TargetFinder.Found> found, long nowNanos, double nowSeconds) {
    if (!found.isEmpty()) {
      letGo(); // A process that was restarted meanwhile is to find its name free.
    }
    for (TargetFinder.Found one : knownNames.inTurn(found)) {
      if (byName.size() >= settings.maxProcesses()) {
        if (refused++ == 0) {
          log.warn(
              "more than {} processes match: {} and others are not watched (raise"
                  + " sampling.max-processes)",
              settings.maxProcesses(),
              one.name());
        }
        continue;
      }
      String name = knownNames.name(one, byName.keySet());
      try {
        begin(name, one, nowNanos, nowSeconds);
      } catch (RuntimeException e) { // What one process shows must not end the watch of others.
        problems.note(name, "cannot be watched: internal error: " + e);
      }
    }
  }

  private void begin(String name, TargetFinder.Found found, long nowNanos, double nowSeconds) {
    ProcessInfo info = found.info();
    Outcome<SampledProcess> opened = node.open(info.id());
    SampleErrors counted = errors.computeIfAbsent(name, key -> new SampleErrors());
    if (opened instanceof Outcome.Sampled<SampledProcess> sampled) {
      Instance instance =
          new Instance(
              name,
              info.withArguments(ARGUMENT_CHARS_MAX),
              found.limitBytes(),
              StatedSize.bytes(info.program().commandLine()),
              node.buildId(info));
      WatchedProcess watch =
          new WatchedProcess(
              instance,
              sampled.value(),
              judgements.take(name, nowSeconds),
              counted,
              new WatchedProcess.Questions(
                  walks.open(info.id()), loads.open(info.id(), found.load())),
              sampling);
      if (!watch.tick()) {
        end(watch);
        return;
      }
      byName.put(name, watch);
      note(targetChanges.begin(name, info, node.build(info), nowNanos, nowSeconds));
      log.info("watching {}: pid {}, {}", name, info.id().pid(), info.program().exe());
    } else if (!(opened instanceof Outcome.Vanished)) {
      counted.count(SampleErrors.Reason.DENIED);
      problems.note(name, opened.problem());
    }
  }

  /**
   * Tells the judgements of what changed: its own, and of a process that began anew the others'.
   */
  private void note(List<ObservedChange> seen) {
    for (ObservedChange one : seen) {
      changes.add(one);
      Change change = one.change();
      for (WatchedProcess watch : byName.values()) {
        if (watch.name().equals(one.process())) {
          watch.judgement().changed(change);
        } else if (change.kind() == Change.Kind.RESTART && !change.isFirst()) {
          watch
              .judgement()
              .changed(
                  new Change(change.timeSeconds(), Change.Kind.OTHER_RESTART, one.process(), ""));
        }
      }
    }
  }

  /** What changed about the processes since the last call; checks their configuration files. */
  List<ObservedChange> changes(long nowNanos, double nowSeconds) {
    note(targetChanges.configurations(nowNanos, nowSeconds));
    List<ObservedChange> news = List.copyOf(changes);
    changes.clear();
    return news;
  }

  private void end(WatchedProcess watch) {
    watch.close();
    targetChanges.end(watch.name());
    judgements.keep(watch.name(), watch.judgement());
  }

  /**
   * Reads the counters of every process, lets those go that ended, and samples those due; first the
   * ones whose mappings have waited longest for a reading, should not all find time.
   */
  List<Observation> round(double nowSeconds) {
    letGo();
    long beganNanos = sampling.time().nanos();
    sampling.budget().beginRound(beganNanos);
    List<Observation> observations = new ArrayList<>();
    List<WatchedProcess> inTurn = new ArrayList<>(byName.values());
    inTurn.sort(Comparator.comparingLong(watch -> watch.mappingsDueNanos() - beganNanos));
    Siblings siblings = siblings();
    for (WatchedProcess watch : inTurn) {
      Siblings.Sibling own = watch.sibling();
      long nowNanos = sampling.time().nanos();
      if (watch.guarded(() -> watch.hasten(nowNanos), false) || watch.isSampleDue(nowNanos)) {
        watch
            .guarded(
                () ->
                    watch.sample(
                        siblings.days(watch.instance().buildId(), own), nowNanos, nowSeconds),
                Optional.<Observation>empty())
            .ifPresent(observations::add);
        problems.note(watch.name(), watch.problem());
        problems.note(heapOf(watch), watch.heapProblem());
        problems.note(loadOf(watch), watch.loadProblem());
      }
    }
    return observations;
  }

  private Siblings siblings() {
    return new Siblings(
        byName.values().stream().map(WatchedProcess::sibling).flatMap(Stream::ofNullable).toList());
  }

  /** Has recorded what processes themselves remember of the time before they were watched. */
  void keepEarlierPasts(
      double nowSeconds, Function<SamplingLoop.EarlierPast, StoreOutcome> keeper) {
    earlierPasts.keep(byName.values(), nowSeconds, keeper);
  }

  /** Reads the counters of every process and forgets those that have ended. */
  private void letGo() {
    for (Iterator<WatchedProcess> all = byName.values().iterator(); all.hasNext(); ) {
      WatchedProcess watch = all.next();
      if (!watch.guarded(watch::tick, true)) {
        log.info("{} {}: pid {}", watch.name(), fate(watch.info().id()), watch.info().id().pid());
        end(watch);
        all.remove();
        problems.forget(watch.name());
        problems.forget(heapOf(watch));
        problems.forget(loadOf(watch));
      }
    }
  }

  /** What became of a process that is not what it was. */
  private String fate(ProcessId id) {
    boolean lives =
        node.id(id.pid()) instanceof Outcome.Sampled<ProcessId> now
            && now.value().startTicks() == id.startTicks()
            && !now.value().isSameAs(id);
    return lives ? "executes another program" : "ended";
  }

  private static String heapOf(WatchedProcess watch) {
    return watch.name() + " heap";
  }

  private static String loadOf(WatchedProcess watch) {
    return watch.name() + " load";
  }

  /** Which process a name means now, empty when it has ended. */
  Optional<ProcessId> idOf(String name) {
    return Optional.ofNullable(byName.get(name)).map(watch -> watch.info().id());
  }

  /** The pids of the processes that are watched, as of this round. */
  Set<Integer> pids() {
    Set<Integer> pids = new HashSet<>();
    byName.values().forEach(watch -> pids.add(watch.info().id().pid()));
    return pids;
  }

  List<ProcessView> views() {
    List<ProcessView> views = new ArrayList<>();
    for (WatchedProcess watch : byName.values()) {
      watch
          .guarded(() -> Optional.of(watch.view()), Optional.<ProcessView>empty())
          .ifPresent(views::add);
    }
    return views;
  }

  /** Processes that matched but found no room. */
  long refused() {
    return refused;
  }

  @Override
  public void close() {
    byName.values().forEach(WatchedProcess::close);
    byName.clear();
  }
}
