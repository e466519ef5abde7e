package io.leakwatch.sampling;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sampling.judgement.Judgements;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.target.ConfigurationFiles;
import io.leakwatch.target.KnownNames;
import io.leakwatch.target.TargetChanges;
import io.leakwatch.target.TargetFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is read and how it is judged, as a graph of objects. It notifies nobody and records what the
 * keeper records. For one thread.
 */
public final class Sampler implements AutoCloseable {
  private final HeapWalkQueue walks;
  private final LoadCollector loads;
  private final TargetChanges targetChanges;
  private final WatchedProcesses watches;
  private final Judgements judgements;
  private final NodeBudget budget;
  private final SamplingLoop loop;

  /**
   * Builds the graph; nothing is read yet.
   *
   * @param watchSelf whether this process is a target too
   */
  public Sampler(
      Configuration configuration,
      Surroundings around,
      SamplingLoop.Keeper keeper,
      boolean watchSelf) {
    SamplingSettings settings = configuration.sampling();
    Path history = configuration.history().path();
    budget = new NodeBudget(settings.nodeBudget(), around.time().nanos());
    walks =
        new HeapWalkQueue(around.node(), settings.walkBudget(), around.time(), around.workers());
    loads =
        new LoadCollector(
            around.procFs(),
            configuration.load(),
            around.network(),
            around.time(),
            around.workers());
    judgements =
        new Judgements(
            configuration.history(),
            configuration.trend(),
            configuration.severity(),
            endedMax(settings.maxProcesses()),
            keeper::clearedAt,
            around.workers());
    targetChanges =
        new TargetChanges(
            new ConfigurationFiles(around.procFs(), around.workers()),
            settings.exactInterval().toNanos(),
            2 * settings.maxProcesses());
    targetChanges.remember(history);
    watches =
        new WatchedProcesses(
            around.node(),
            KnownNames.of(history),
            judgements,
            walks,
            loads,
            targetChanges,
            new WatchedProcess.Shared(budget, settings, around.time()));
    loop =
        new SamplingLoop(
            new TargetFinder(around.node(), new TargetMatcher(configuration.targets()), watchSelf),
            watches,
            keeper,
            settings.discoveryInterval(),
            around.time());
  }

  /** How many instances without a process are remembered; more would cost as much as a process. */
  public static int endedMax(int processesMax) {
    return Math.max(8, processesMax / 8);
  }

  /**
   * Does one round.
   *
   * @param publish is given what is to be shown
   */
  public void round(double nowSeconds, Consumer<List<ProcessView>> publish) {
    loop.round(nowSeconds, publish);
  }

  /** Finished rounds. */
  public long rounds() {
    return loop.rounds();
  }

  /** Processes that matched but found no room. */
  public long refused() {
    return watches.refused();
  }

  public NodeBudget budget() {
    return budget;
  }

  /** Which process a name means now, empty when it has ended. */
  public Optional<ProcessId> idOf(String name) {
    return watches.idOf(name);
  }

  @Override
  public void close() {
    walks.close();
    watches.close();
    targetChanges.close();
    judgements.close();
    loads.close();
  }
}
