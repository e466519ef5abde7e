package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.AgentUrl;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.history.StoreCounts;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.incident.DiagnosisChild;
import io.leakwatch.incident.DiagnosisQueue;
import io.leakwatch.incident.DiagnosisRequests;
import io.leakwatch.incident.IncidentIndex;
import io.leakwatch.incident.Incidents;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.NodeName;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sampling.Sampler;
import io.leakwatch.sampling.SamplingLoop;
import io.leakwatch.sampling.judgement.Judgement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole daemon as a graph of objects, read from top to bottom: what is looked at, what is kept,
 * how it is judged, who is told. One configuration makes one graph.
 */
public final class Watchdog implements AutoCloseable {
  private final Configuration configuration;
  private final LatestSnapshot current;
  private final HistoryStore store;
  private final Sampler sampler;
  private final IncidentIndex book;
  private final @Nullable Incidents incidents;
  private final AlertDispatcher alerting;
  private final LongSupplier refusedAnswers;

  /**
   * Builds the graph; nothing is looked at yet.
   *
   * @param current where each round's snapshot is published
   * @param book where incidents are shown
   * @param file of the configuration, null for the defaults
   * @param outlet the way out to the network
   * @param refusedAnswers how many have found no room
   */
  public Watchdog(
      Configuration configuration,
      ProcFs procFs,
      LatestSnapshot current,
      IncidentIndex book,
      @Nullable Path file,
      Outbound outlet,
      LongSupplier refusedAnswers) {
    this.configuration = configuration;
    this.current = current;
    this.book = book;
    this.refusedAnswers = refusedAnswers;
    store = new HistoryStore(configuration.history(), now -> System.nanoTime() / 1e9);
    sampler =
        new Sampler(configuration, procFs, outlet, keeper(), configuration.sampling().watchSelf());
    incidents = configuration.diagnosis().onAlert() ? incidents(procFs, file) : null;
    alerting =
        new AlertDispatcher(
            configuration.alert(),
            outlet,
            current,
            AgentUrl.of(configuration.export(), NodeName.get()),
            1000);
  }

  private SamplingLoop.Keeper keeper() {
    return new SamplingLoop.Keeper() {
      @Override
      public StoreOutcome keep(
          double nowSeconds, List<Observation> observations, List<ObservedChange> changes) {
        return store.appendAll(nowSeconds, observations, changes);
      }

      @Override
      public StoreOutcome keepEarlier(double nowSeconds, SamplingLoop.EarlierPast past) {
        return store.putEarlier(
            nowSeconds, past.process(), past.samples(), past.beforeSeconds(), past.leastSeconds());
      }
    };
  }

  private Incidents incidents(ProcFs procFs, @Nullable Path file) {
    var history = configuration.history().path();
    book.open(history);
    var settings = configuration.diagnosis();
    var desk =
        new DiagnosisQueue(
            new DiagnosisChild(procFs, settings, file), history, settings.waitingMax());
    return new Incidents(
        store,
        book,
        new DiagnosisRequests(desk, settings, book::lastLook),
        procFs.kernelFeatures().release(),
        AlertDispatcher::summary);
  }

  /** Does one round and publishes what it saw. */
  public void round(boolean configurationGood) {
    double nowSeconds = System.currentTimeMillis() / 1e3;
    sampler.round(
        nowSeconds,
        views -> {
          Map<String, Incident> open = Map.of();
          if (incidents != null) {
            incidents.round(nowSeconds, views, sampler::idOf);
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
    Map<String, Long> dropped = new HashMap<>(alerting.dropped());
    dropped.put("answers", refusedAnswers.getAsLong());
    dropped.put("processes", sampler.refused());
    dropped.put("looks", sampler.budget().postponed());
    dropped.put("samples", stored.lostSamples());
    dropped.put("incidents", book.dropped());
    return new AgentView(
        sampler.rounds(),
        sampler.budget().share(),
        sampler.budget().usedRatio(nowNanos),
        dropped,
        alerting.counts(),
        configurationGood,
        historyBytes(),
        incidents == null ? AgentView.NONE.incidents() : incidents.counts());
  }

  private double historyBytes() {
    try {
      return (double) HistoryReader.fileBytes(configuration.history().path());
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  public long tickNanos() {
    return configuration.sampling().tick().toNanos();
  }

  @Override
  public void close() {
    alerting.close();
    if (incidents != null) {
      incidents.close();
    }
    sampler.close();
    store.close();
  }
}
