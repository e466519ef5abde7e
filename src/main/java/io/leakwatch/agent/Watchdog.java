package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.AgentUrl;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.history.StoreCounts;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.incident.Diagnoser;
import io.leakwatch.incident.DiagnosisQueue;
import io.leakwatch.incident.DiagnosisRequests;
import io.leakwatch.incident.IncidentIndex;
import io.leakwatch.incident.Incidents;
import io.leakwatch.program.NodeName;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sampling.Sampler;
import io.leakwatch.sampling.SamplingLoop;
import io.leakwatch.sampling.Surroundings;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole daemon as a graph of objects, read from top to bottom: what is read, what is recorded,
 * how it is judged, who is notified. One configuration makes one graph.
 */
public final class Watchdog implements AutoCloseable {
  private final Configuration configuration;
  private final LatestSnapshot current;
  private final HistoryStore store;
  private final Sampler sampler;
  private final IncidentIndex index;
  private final Time time;
  private final @Nullable Incidents incidents;
  private final AlertDispatcher alerting;
  private final LongSupplier refusedAnswers;

  /**
   * Builds the graph; nothing is read yet.
   *
   * @param around what it is given of the world
   * @param current where each round's snapshot is published
   * @param index where incidents are shown
   * @param diagnoser diagnoses a process by these settings
   * @param refusedAnswers how many have found no room
   */
  public Watchdog(
      Configuration configuration,
      Surroundings around,
      LatestSnapshot current,
      IncidentIndex index,
      Function<DiagnosisSettings, Diagnoser> diagnoser,
      LongSupplier refusedAnswers) {
    this.configuration = configuration;
    this.time = around.time();
    this.current = current;
    this.index = index;
    this.refusedAnswers = refusedAnswers;
    store = new HistoryStore(configuration.history(), now -> time.nanos() / 1e9);
    sampler = new Sampler(configuration, around, keeper(), configuration.sampling().watchSelf());
    incidents = configuration.diagnosis().onAlert() ? incidents(around, diagnoser) : null;
    alerting =
        new AlertDispatcher(
            configuration.alert(),
            around.network(),
            current,
            new FiringAlerts(
                AlertDispatcher.labels(configuration.alert()),
                AgentUrl.of(configuration.export(), NodeName.get()),
                configuration.severity().absence(),
                time),
            configuration.sampling().tick(),
            time,
            around.workers());
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

      @Override
      public Optional<Instant> clearedAt(String process) {
        return index.lastEnd(process);
      }
    };
  }

  private Incidents incidents(
      Surroundings around, Function<DiagnosisSettings, Diagnoser> diagnoser) {
    Path history = configuration.history().path();
    index.open(history);
    DiagnosisSettings settings = configuration.diagnosis();
    DiagnosisQueue queue =
        new DiagnosisQueue(
            diagnoser.apply(settings), history, settings.waitingMax(), time, around.workers());
    return new Incidents(
        store,
        index,
        new DiagnosisRequests(queue, settings, index::lastDiagnosis),
        around.procFs().kernelFeatures().release(),
        FiringAlerts::summary,
        time);
  }

  /** Does one round and publishes what it saw. */
  public void round(boolean configurationGood) {
    double nowSeconds = time.seconds();
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
    long nowNanos = time.nanos();
    StoreCounts stored = store.counts();
    Map<String, Long> dropped = new HashMap<>(alerting.dropped());
    dropped.put("answers", refusedAnswers.getAsLong());
    dropped.put("processes", sampler.refused());
    dropped.put("looks", sampler.budget().postponed());
    dropped.put("samples", stored.lostSamples());
    dropped.put("incidents", index.dropped());
    return new AgentView(
        sampler.rounds(),
        new AgentView.Budget(sampler.budget().share(), sampler.budget().usedRatio(nowNanos)),
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
