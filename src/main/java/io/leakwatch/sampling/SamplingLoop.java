package io.leakwatch.sampling;

import io.leakwatch.export.ProcessView;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.program.OngoingProblem;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sample.Sample;
import io.leakwatch.target.TargetFinder;
import io.leakwatch.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round after the other, at the program's own pace: find, read, record, judge, publish. Nothing
 * outside causes a reading. A round that takes longer than a tick is followed by the next at once,
 * never by two.
 */
public final class SamplingLoop {
  private static final Logger log = LoggerFactory.getLogger(SamplingLoop.class);

  private final TargetFinder finder;
  private final WatchedProcesses watches;
  private final Keeper keeper;
  private final Time time;
  private final long discoveryNanos;
  private long discoveryDueNanos;
  private long rounds;
  private final OngoingProblem storing;

  /** Where samples and changes go. */
  public interface Keeper {
    StoreOutcome keep(
        double nowSeconds, List<Observation> observations, List<ObservedChange> changes);

    /**
     * Keeps samples from before the first that was kept of a process, where nothing is known of
     * that time.
     */
    StoreOutcome keepEarlier(double nowSeconds, EarlierPast past);

    /**
     * When the last alert of an instance was cleared; empty where it fires, or none is known. Old
     * samples are consolidated, so what they lead to once more may differ from what was reported.
     */
    default Optional<Instant> clearedAt(String process) {
      return Optional.empty();
    }
  }

  /**
   * Samples of a time when nobody watched.
   *
   * @param samples in rising order of time
   * @param beforeSeconds the first sample that was taken of the process
   * @param leastSeconds a shorter time that nothing is known of is left so
   */
  public record EarlierPast(
      String process, List<Sample> samples, double beforeSeconds, double leastSeconds) {}

  SamplingLoop(
      TargetFinder finder,
      WatchedProcesses watches,
      Keeper keeper,
      Duration discoveryInterval,
      Time time) {
    this.finder = finder;
    this.watches = watches;
    this.keeper = keeper;
    this.discoveryNanos = discoveryInterval.toNanos();
    this.time = time;
    this.storing = new OngoingProblem(time, log::error, () -> log.info("history is written again"));
    this.discoveryDueNanos = time.nanos();
  }

  /**
   * Does one round.
   *
   * @param nowSeconds wall time, seconds since 1970
   * @param publish is given what is to be shown
   */
  void round(double nowSeconds, Consumer<List<ProcessView>> publish) {
    long nowNanos = time.nanos();
    List<Observation> observations = watches.round(nowSeconds);
    if (nowNanos - discoveryDueNanos >= 0) {
      discoveryDueNanos = nowNanos + discoveryNanos;
      watches.add(finder.search(watches.pids(), nowSeconds), nowNanos, nowSeconds);
    }
    List<ObservedChange> changes = watches.changes(nowNanos, nowSeconds);
    if (!observations.isEmpty() || !changes.isEmpty()) {
      note(keeper.keep(nowSeconds, observations, changes));
    }
    watches.keepEarlierPasts(
        nowSeconds,
        past -> {
          StoreOutcome outcome = keeper.keepEarlier(nowSeconds, past);
          note(outcome);
          return outcome;
        });
    rounds++;
    publish.accept(watches.views());
  }

  /** Finished rounds. */
  long rounds() {
    return rounds;
  }

  private void note(StoreOutcome outcome) {
    String problem = "";
    if (outcome instanceof StoreOutcome.Failed failed) {
      problem = "history cannot be written; samples stay in memory: " + failed.why();
    } else if (outcome instanceof StoreOutcome.SetAside damaged) {
      log.error(
          "the history file was damaged ({}); it was renamed to {}, and a new one begun",
          damaged.damage(),
          damaged.setAside());
    }
    storing.note(problem);
  }
}
