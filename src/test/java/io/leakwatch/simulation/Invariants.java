package io.leakwatch.simulation;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Configuration;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must hold at every minute of a simulated month. */
final class Invariants {
  /** What budgets save up, and what a round may take beyond them. */
  private static final double SLACK_SECONDS = 1.1;

  private static final Duration SETTLED = Duration.ofMinutes(10);
  private static final double FLAP_SECONDS = 3600;

  /** Twice the time after which a lower severity is reported. */
  private static final double AT_ODDS_SECONDS = 4 * 3600;

  private static final long LINES_AN_HOUR_MAX = 40;

  /** A leak of this size in a process this quiet is reported by then. */
  private static final double PLAIN_LEAK_SHARE = 0.1;

  private static final double PLAIN_SWING_SHARE = 0.05;
  private static final double PLAIN_LEAK_DAYS = 8;

  private final Configuration configuration;
  private final SimulatedNode node;
  private final SimulatedReceiver receiver;
  private final VirtualTime time;
  private final LoggedLines log;
  private final Deque<Long> linesByMinute = new ArrayDeque<>();
  private final Map<String, Double> resolvedAt = new HashMap<>();
  private final Map<String, Severity> before = new HashMap<>();
  private final Map<String, Double> disagreesSince = new HashMap<>();
  private Instant quietSince = Instant.MIN;
  private boolean wasSetBack;
  private double agentSince;
  private long rounds;
  private double roundAt;
  private int alerts;
  private int compared;
  private int leaksReported;

  Invariants(
      Configuration configuration,
      SimulatedNode node,
      SimulatedReceiver receiver,
      VirtualTime time,
      LoggedLines log) {
    this.log = log;
    this.configuration = configuration;
    this.node = node;
    this.receiver = receiver;
    this.time = time;
  }

  /**
   * The clock was set.
   *
   * @param seconds by which it went forward; what comes a second time lies before the end of what
   *     the receiver was told to have ended
   */
  void clockWasSet(int seconds) {
    quietSince = time.now().plusSeconds(Math.max(0, -seconds));
    resolvedAt.clear();
    wasSetBack |= seconds < 0;
  }

  void agentWasRestarted() {
    agentSince = node.seconds();
    rounds = 0;
    roundAt = node.seconds();
    quietSince = time.now();
    wasSetBack = false;
  }

  void check(Snapshot snapshot) {
    loopGoesOn(snapshot);
    budgetsHold(snapshot);
    memoryIsBounded(snapshot);
    nothingFlaps(snapshot);
    nothingFails(snapshot);
    receiverKnows(snapshot);
    logIsReadable();
  }

  private static void require(boolean holds, String what, Object... values) {
    if (!holds) {
      throw new AssertionError(String.format(Locale.ROOT, what, values));
    }
  }

  private void loopGoesOn(Snapshot snapshot) {
    double now = node.seconds();
    if (snapshot.agent().rounds() > rounds) {
      rounds = snapshot.agent().rounds();
      roundAt = now;
    }
    require(now - roundAt < 60, "no round has ended for %.0f s", now - roundAt);
  }

  /** What is read is paid for before the next reading, so only one reading can lie beyond. */
  private void budgetsHold(Snapshot snapshot) {
    double elapsed = node.seconds() - agentSince;
    double allowed =
        configuration.sampling().nodeBudget() * elapsed + SLACK_SECONDS + node.longestReadSeconds();
    double spent = 0;
    for (ProcessView view : snapshot.processes()) {
      double ofOne = 0;
      for (ProcessView.ReadCost cost : view.reading().costs()) {
        if (!cost.source().equals("heap_walk")) {
          ofOne += cost.seconds();
        }
      }
      double share = configuration.sampling().targetBudget();
      require(
          ofOne <= share * elapsed + 3 * node.longestReadSeconds() + SLACK_SECONDS,
          "%s was read for %.2f s of %.0f s",
          view.name(),
          ofOne,
          elapsed);
      spent += ofOne;
    }
    require(spent <= allowed, "%.2f s were read in %.0f s", spent, elapsed);
  }

  private void memoryIsBounded(Snapshot snapshot) {
    require(
        snapshot.processes().size() <= configuration.sampling().maxProcesses(),
        "%d processes are watched",
        snapshot.processes().size());
    for (ProcessView view : snapshot.processes()) {
      int points = view.memory().recent().size();
      require(points <= 120, "%s has %d points", view.name(), points);
    }
    require(snapshot.incidents().size() <= 500, "%d incidents", snapshot.incidents().size());
  }

  /** An alert that has ended does not fire again within an hour, for whatever it fires. */
  private void nothingFlaps(Snapshot snapshot) {
    Map<String, Severity> now =
        snapshot.processes().stream()
            .filter(view -> view.assessment().verdict() != null)
            .collect(
                Collectors.toMap(
                    ProcessView::name, view -> view.assessment().severity(), (a, b) -> a));
    now.forEach(
        (name, severity) -> {
          boolean fired = before.getOrDefault(name, Severity.NONE) != Severity.NONE;
          if (severity != Severity.NONE && !fired) {
            double pause = node.seconds() - resolvedAt.getOrDefault(name, -1e9);
            require(pause > FLAP_SECONDS, "the alert of %s fires again after %.0f s", name, pause);
            alerts++;
            SimulatedProcess process = node.running(name);
            leaksReported += process != null && process.habits.leaksBy(node.seconds()) ? 1 : 0;
          } else if (severity == Severity.NONE && fired) {
            resolvedAt.put(name, node.seconds());
          }
        });
    require(receiver.flaps() == 0, "an alert of %s resolved and fired again", receiver.flapped());
    before.putAll(now); // What is not judged yet, after a restart, has not changed.
  }

  private static void nothingFails(Snapshot snapshot) {
    for (ProcessView view : snapshot.processes()) {
      require(
          !view.reading().problem().contains("internal error"),
          "%s: %s",
          view.name(),
          view.reading().problem());
    }
  }

  /** Whatever goes wrong, it is no flood. */
  private void logIsReadable() {
    linesByMinute.add(log.count());
    if (linesByMinute.size() > 60) {
      long lines = log.count() - linesByMinute.remove();
      require(lines <= LINES_AN_HOUR_MAX, "%d lines in an hour, such as: %s", lines, log.last());
    }
  }

  /** What fires here fires there, once both had time for it. */
  private void receiverKnows(Snapshot snapshot) {
    boolean settled = receiver.isUpFor(SETTLED) && quietSince.isBefore(time.now().minus(SETTLED));
    if (!settled) {
      return;
    }
    Set<String> there = receiver.firing();
    for (ProcessView view : snapshot.processes()) {
      Instant since = view.assessment().severitySince();
      if (since != null && since.isBefore(time.now().minus(SETTLED))) {
        require(
            there.contains(view.name()),
            "Alertmanager does not know of %s, %s since %s",
            view.name(),
            view.assessment().severity(),
            since);
      }
    }
    Set<String> unknown = new TreeSet<>(there);
    snapshot.processes().stream()
        .filter(view -> view.assessment().severity() != Severity.NONE)
        .forEach(view -> unknown.remove(view.name()));
    snapshot.processes().stream()
        .filter(view -> resolvedAt.getOrDefault(view.name(), -1e9) > node.seconds() - 600)
        .forEach(view -> unknown.remove(view.name()));
    unknown.retainAll(
        snapshot.processes().stream()
            .filter(view -> view.assessment().verdict() != null)
            .map(ProcessView::name)
            .collect(Collectors.toSet()));
    require(unknown.isEmpty(), "Alertmanager still has alerts of %s", unknown);
  }

  /**
   * The samples of the history, judged anew, lead to the verdicts that are shown: while all are
   * raw, to the same word; later, when old ones are consolidated, to the same alerts, though one
   * may be cleared sooner than the other: then not for longer than that takes. Not while the
   * running agent has lived through a time that came twice: it has seen one sample after the other,
   * and the history has them in the order of the clock.
   *
   * @return whether all agree by now
   */
  boolean historyAgrees(Snapshot snapshot) {
    if (wasSetBack) {
      return true;
    }
    try (HistoryReader reader = HistoryReader.open(configuration.history().path())) {
      for (ProcessView view : snapshot.processes()) {
        Verdict live = view.assessment().verdict();
        if (live == null) {
          continue;
        }
        Judgement again = new Judgement(configuration.trend(), configuration.severity());
        reader.changes(view.name()).forEach(again::changed);
        long samples =
            reader.read(
                view.name(), 0, time.seconds() + 1, sample -> again.accept(sample, List.of()));
        Verdict recorded = again.verdict();
        Instant sampled = view.reading().sampledAt();
        require(
            samples > 0
                && recorded != null
                && Judgement.instant(again.lastSeconds()).equals(sampled),
            "of %s the sample of %s is not recorded",
            view.name(),
            sampled);
        boolean raw = node.seconds() < configuration.history().rawRetention().toSeconds();
        boolean reported = recorded.kind().isAlarming() || live.kind().isAlarming();
        boolean same =
            (recorded.kind() == live.kind() || !(raw || reported))
                && again.severity() == view.assessment().severity();
        if (same) {
          disagreesSince.remove(view.name());
        } else {
          disagreesSince.putIfAbsent(view.name(), node.seconds());
        }
        require(
            same || !raw && node.seconds() - disagreesSince.get(view.name()) <= AT_ODDS_SECONDS,
            "%s is %s (%s), and by its %d recorded samples %s (%s)",
            view.name(),
            live.kind(),
            view.assessment().severity(),
            samples,
            recorded.kind(),
            again.severity());
        compared++;
        require(
            !isPlainLeak(view.name()) || isReported(view, live),
            "the leak of %s is not reported: %s",
            view.name(),
            live.reasons());
      }
    } catch (IOException e) {
      throw new AssertionError("the history cannot be read", e);
    }
    return disagreesSince.isEmpty();
  }

  /** By an alert, or by its verdict where no limit is reached that asks for one. */
  private boolean isReported(ProcessView view, Verdict verdict) {
    boolean nothingIsNear =
        verdict.forecast().exhaustion().stream()
            .allMatch(one -> one.seconds() > configuration.severity().horizon().toSeconds());
    return view.assessment().severity() != Severity.NONE
        || (verdict.kind() == VerdictKind.LEAK && nothingIsNear);
  }

  private boolean isPlainLeak(String name) {
    SimulatedProcess process = node.running(name);
    if (process == null) {
      return false;
    }
    SimulatedProcess.Habits habits = process.habits;
    double since = Math.max(habits.leakFrom(), process.startSeconds);
    return habits.leakMibPerDay() >= PLAIN_LEAK_SHARE * habits.baseMib()
        && habits.swingMib() <= PLAIN_SWING_SHARE * habits.baseMib()
        && node.seconds() - since > PLAIN_LEAK_DAYS * 86_400;
  }

  String summary() {
    return alerts
        + " alerts, "
        + leaksReported
        + " of leaks; "
        + compared
        + " verdicts the same from the history";
  }
}
