package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.Snapshot;
import io.leakwatch.gateway.Outlet;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.history.StoreCounts;
import io.leakwatch.proc.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole daemon as a graph of objects, read from top to bottom: what is looked at, what is kept,
 * how it is judged, who is told. One configuration makes one graph.
 */
final class Watchdog implements AutoCloseable {
  private final Configuration configuration;
  private final Published current;
  private final HistoryStore store;
  private final WalkDesk walkDesk;
  private final LoadDesk loadDesk;
  private final Watches watches;
  private final NodeBudget budget;
  private final SamplingLoop loop;
  private final @Nullable Incidents incidents;
  private final Alerting alerting;

  /**
   * Builds the graph; nothing is looked at yet.
   *
   * @param current where each round's snapshot is published
   * @param book where incidents are shown
   * @param file of the configuration, null for the defaults
   * @param outlet the way out to the network
   */
  Watchdog(
      Configuration configuration,
      ProcFs procFs,
      Published current,
      IncidentBook book,
      @Nullable Path file,
      Outlet outlet) {
    this.configuration = configuration;
    this.current = current;
    var sampling = configuration.sampling();
    Images images = new Images(procFs);
    budget = new NodeBudget(sampling.nodeBudget(), System.nanoTime());
    store = new HistoryStore(configuration.history());
    walkDesk =
        new WalkDesk(new HeapLook(procFs, configuration.walk())::walk, sampling.walkBudget());
    loadDesk = new LoadDesk(procFs, configuration.load(), outlet);
    Judgements judgements =
        new Judgements(
            configuration.history(),
            configuration.trend(),
            configuration.severity(),
            2 * sampling.maxProcesses());
    watches = new Watches(procFs, judgements, walkDesk, loadDesk, images, sampling);
    TargetFinder finder =
        new TargetFinder(procFs, new TargetMatcher(configuration.targets()), sampling.watchSelf());
    loop =
        new SamplingLoop(
            finder,
            watches,
            store,
            new SampleContext(new Looker(), images, budget),
            sampling.discoveryInterval().toNanos());
    incidents = configuration.diagnosis().onAlert() ? incidents(procFs, book, file) : null;
    alerting = new Alerting(configuration.alert(), outlet, current, 1000);
  }

  private Incidents incidents(ProcFs procFs, IncidentBook book, @Nullable Path file) {
    var history = configuration.history().path();
    book.open(history);
    return new Incidents(
        store,
        book,
        new DiagnosisDesk(procFs, configuration.diagnosis(), history, file),
        configuration.diagnosis(),
        Alerting::summary);
  }

  /** Does one round and publishes what it saw. */
  void round(boolean configurationGood) {
    double nowSeconds = System.currentTimeMillis() / 1e3;
    loop.round(
        nowSeconds,
        views -> {
          Map<String, Incident> open = Map.of();
          if (incidents != null) {
            incidents.round(nowSeconds, views, watches::idOf);
            open = incidents.open();
          }
          current.set(
              new Snapshot(Judgement.instant(nowSeconds), views, agent(configurationGood), open));
          alerting.wake();
        });
  }

  private AgentView agent(boolean configurationGood) {
    long nowNanos = System.nanoTime();
    StoreCounts stored = store.counts();
    return new AgentView(
        loop.rounds(),
        budget.share(),
        budget.usedRatio(nowNanos),
        Map.of(
            "processes", watches.refused(),
            "looks", budget.postponed(),
            "samples", stored.lostSamples()),
        alerting.counts(),
        configurationGood,
        historyBytes(),
        incidents == null ? AgentView.NONE.incidents() : incidents.counts());
  }

  private double historyBytes() {
    try {
      return Files.size(configuration.history().path());
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  long tickNanos() {
    return configuration.sampling().tick().toNanos();
  }

  @Override
  public void close() {
    alerting.close();
    if (incidents != null) {
      incidents.close();
    }
    walkDesk.close();
    watches.close();
    loadDesk.close();
    store.close();
  }
}
