package io.leakwatch.app;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.history.Observation;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ProcessInfo;
import io.leakwatch.proc.ProcessReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All processes under watch, by instance name. Names are unique: where the configuration gives one
 * name to several processes that live at once, the later ones get a number, which they keep. For
 * the sampler thread alone.
 */
final class Watches implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watches.class);

  private final ProcFs procFs;
  private final KnownNames knownNames;
  private final Judgements judgements;
  private final WalkDesk walkDesk;
  private final LoadDesk loadDesk;
  private final SamplingSettings settings;
  private final Images images;
  private final Map<String, Watch> byName = new TreeMap<>();
  private final Map<String, SampleErrors> errors;
  private final Map<String, String> toldProblems = new HashMap<>();
  private long refused;

  Watches(
      ProcFs procFs,
      KnownNames knownNames,
      Judgements judgements,
      WalkDesk walkDesk,
      LoadDesk loadDesk,
      Images images,
      SamplingSettings settings) {
    this.procFs = procFs;
    this.knownNames = knownNames;
    this.judgements = judgements;
    this.walkDesk = walkDesk;
    this.loadDesk = loadDesk;
    this.images = images;
    this.settings = settings;
    this.errors =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, SampleErrors> eldest) {
            return size() > 2 * settings.maxProcesses();
          }
        };
  }

  /**
   * Takes up the processes that were found, those with a past first and then the oldest, as many as
   * the settings allow.
   */
  void add(List<TargetFinder.Found> found, long nowNanos, double nowSeconds) {
    if (!found.isEmpty()) {
      letGo(); // A process that was restarted meanwhile is to find its name free.
    }
    List<TargetFinder.Found> inTurn = new ArrayList<>(found);
    inTurn.sort(
        Comparator.comparing((TargetFinder.Found one) -> known(one).isEmpty())
            .thenComparingLong(one -> one.info().id().startTicks()));
    for (TargetFinder.Found one : inTurn) {
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
      String name = known(one).orElse(one.name());
      begin(
          byName.containsKey(name) ? TargetMatcher.unique(one.name(), byName.keySet()) : name,
          one,
          nowNanos,
          nowSeconds);
    }
  }

  private Optional<String> known(TargetFinder.Found one) {
    return knownNames.of(one.name(), one.info().id());
  }

  private void begin(String name, TargetFinder.Found found, long nowNanos, double nowSeconds) {
    ProcessInfo info = found.info();
    Outcome<ProcessReader> opened = procFs.open(info.id());
    SampleErrors counted = errors.computeIfAbsent(name, key -> new SampleErrors());
    if (opened instanceof Outcome.Sampled<ProcessReader> sampled) {
      Watch watch =
          new Watch(
              name,
              info,
              found.limitBytes(),
              sampled.value(),
              images.buildId(info),
              judgements.of(name, nowSeconds),
              counted,
              walkDesk.open(info.id()),
              loadDesk.open(info.id(), found.load()),
              settings,
              nowNanos);
      if (!watch.tick()) {
        watch.close();
        return;
      }
      byName.put(name, watch);
      log.info("watching {}: pid {}, {}", name, info.id().pid(), info.exe());
    } else if (opened instanceof Outcome.Denied<ProcessReader> denied) {
      counted.count(SampleErrors.Reason.DENIED);
      tell(name, denied.sentence());
    }
  }

  /** Reads the counters of every process, lets those go that ended, and samples those due. */
  List<Observation> round(SampleContext context, double nowSeconds) {
    letGo();
    List<Observation> observations = new ArrayList<>();
    for (Watch watch : byName.values()) {
      long nowNanos = System.nanoTime();
      if (watch.isSampleDue(nowNanos)) {
        String failure = "";
        try {
          watch.sample(context, nowNanos, nowSeconds).ifPresent(observations::add);
        } catch (RuntimeException e) { // What one process shows must not end the watch of others.
          failure = "its sample failed and is dropped: " + e;
        }
        tell(watch.name(), failure.isEmpty() ? watch.problem() : failure);
        tell(heapOf(watch), watch.heapProblem());
        tell(loadOf(watch), watch.loadProblem());
      }
    }
    return observations;
  }

  /** Reads the counters of every process and forgets those that have ended. */
  private void letGo() {
    for (Iterator<Watch> all = byName.values().iterator(); all.hasNext(); ) {
      Watch watch = all.next();
      if (!watch.tick()) {
        log.info("{} ended: pid {}", watch.name(), watch.info().id().pid());
        watch.close();
        all.remove();
        toldProblems.remove(watch.name());
        toldProblems.remove(heapOf(watch));
        toldProblems.remove(loadOf(watch));
      }
    }
  }

  private static String heapOf(Watch watch) {
    return watch.name() + " heap";
  }

  private static String loadOf(Watch watch) {
    return watch.name() + " load";
  }

  /** One line when a problem begins or changes, none while it lasts. */
  private void tell(String subject, String problem) {
    String before = toldProblems.getOrDefault(subject, "");
    if (!problem.equals(before)) {
      if (problem.isEmpty()) {
        toldProblems.remove(subject);
        log.info("{}: can be read again", subject);
      } else {
        toldProblems.put(subject, problem);
        log.warn("{}: {}", subject, problem);
      }
    }
  }

  /** Which process a name means now, empty when it has ended. */
  Optional<ProcessId> idOf(String name) {
    return Optional.ofNullable(byName.get(name)).map(watch -> watch.info().id());
  }

  Set<ProcessId> known() {
    Set<ProcessId> known = new HashSet<>();
    byName.values().forEach(watch -> known.add(watch.info().id()));
    return known;
  }

  List<ProcessView> views() {
    return byName.values().stream().map(Watch::view).toList();
  }

  /** Processes that matched but found no room. */
  long refused() {
    return refused;
  }

  @Override
  public void close() {
    byName.values().forEach(Watch::close);
    byName.clear();
  }
}
