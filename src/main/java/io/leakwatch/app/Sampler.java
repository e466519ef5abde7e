package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.gateway.Outlet;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ReadBuffers;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is looked at and how it is judged, as a graph of objects. It tells nobody and keeps what the
 * keeper keeps. For one thread.
 */
final class Sampler implements AutoCloseable {
  private final WalkDesk walkDesk;
  private final LoadDesk loadDesk;
  private final TargetChanges targetChanges;
  private final Watches watches;
  private final Judgements judgements;
  private final NodeBudget budget;
  private final SamplingLoop loop;

  /**
   * Builds the graph; nothing is looked at yet.
   *
   * @param outlet the way to the targets' endpoints of load
   * @param watchSelf whether this process is a target too
   */
  Sampler(
      Configuration configuration,
      ProcFs procFs,
      Outlet outlet,
      SamplingLoop.Keeper keeper,
      boolean watchSelf) {
    SamplingSettings sampling = configuration.sampling();
    Images images = new Images(procFs, null);
    budget = new NodeBudget(sampling.nodeBudget(), System.nanoTime());
    walkDesk =
        new WalkDesk(
            new HeapLook(procFs, configuration.walk(), sampling.maxMappings())::walk,
            sampling.walkBudget());
    loadDesk = new LoadDesk(procFs, configuration.load(), outlet);
    judgements =
        new Judgements(
            configuration.history(),
            configuration.trend(),
            configuration.severity(),
            endedMax(sampling.maxProcesses()));
    targetChanges =
        new TargetChanges(
            new ConfigurationDesk(procFs),
            sampling.exactInterval().toNanos(),
            2 * sampling.maxProcesses());
    targetChanges.remember(configuration.history().path());
    watches =
        new Watches(
            procFs,
            KnownNames.of(configuration.history().path()),
            judgements,
            walkDesk,
            loadDesk,
            targetChanges,
            images,
            new ReadBuffers(),
            sampling);
    loop =
        new SamplingLoop(
            new TargetFinder(procFs, new TargetMatcher(configuration.targets()), watchSelf),
            watches,
            keeper,
            new SampleContext(new Looker(sampling.maxMappings()), images, budget),
            sampling.discoveryInterval().toNanos());
  }

  /** How many instances without a process are remembered; more would cost as much as a process. */
  static int endedMax(int processesMax) {
    return Math.max(8, processesMax / 8);
  }

  /**
   * Does one round.
   *
   * @param publish is given what is to be shown
   */
  void round(double nowSeconds, Consumer<List<ProcessView>> publish) {
    loop.round(nowSeconds, publish);
  }

  /** Finished rounds. */
  long rounds() {
    return loop.rounds();
  }

  /** Processes that matched but found no room. */
  long refused() {
    return watches.refused();
  }

  NodeBudget budget() {
    return budget;
  }

  /** Which process a name means now, empty when it has ended. */
  Optional<ProcessId> idOf(String name) {
    return watches.idOf(name);
  }

  @Override
  public void close() {
    walkDesk.close();
    watches.close();
    targetChanges.close();
    judgements.close();
    loadDesk.close();
  }
}
