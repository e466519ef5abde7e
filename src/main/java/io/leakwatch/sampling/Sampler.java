package io.leakwatch.sampling;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.MappingReader;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.sampling.judgement.Judgements;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.target.ConfigurationFiles;
import io.leakwatch.target.KnownNames;
import io.leakwatch.target.TargetChanges;
import io.leakwatch.target.TargetFinder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is looked at and how it is judged, as a graph of objects. It tells nobody and keeps what the
 * keeper keeps. For one thread.
 */
public final class Sampler implements AutoCloseable {
  private final HeapWalkQueue walkDesk;
  private final LoadCollector loadDesk;
  private final TargetChanges targetChanges;
  private final WatchedProcesses watches;
  private final Judgements judgements;
  private final NodeBudget budget;
  private final SamplingLoop loop;

  /**
   * Builds the graph; nothing is looked at yet.
   *
   * @param outlet the way to the targets' endpoints of load
   * @param watchSelf whether this process is a target too
   */
  public Sampler(
      Configuration configuration,
      ProcFs procFs,
      Outbound outlet,
      SamplingLoop.Keeper keeper,
      boolean watchSelf) {
    SamplingSettings sampling = configuration.sampling();
    ExecutableCache images = new ExecutableCache(procFs, null);
    budget = new NodeBudget(sampling.nodeBudget(), System.nanoTime());
    walkDesk =
        new HeapWalkQueue(
            new PacedHeapWalk(procFs, configuration.walk(), sampling.maxMappings())::walk,
            sampling.walkBudget());
    loadDesk = new LoadCollector(procFs, configuration.load(), outlet);
    judgements =
        new Judgements(
            configuration.history(),
            configuration.trend(),
            configuration.severity(),
            endedMax(sampling.maxProcesses()));
    targetChanges =
        new TargetChanges(
            new ConfigurationFiles(procFs),
            sampling.exactInterval().toNanos(),
            2 * sampling.maxProcesses());
    targetChanges.remember(configuration.history().path());
    watches =
        new WatchedProcesses(
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
            new SampleContext(new MappingReader(sampling.maxMappings()), images, budget),
            sampling.discoveryInterval().toNanos());
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
    walkDesk.close();
    watches.close();
    targetChanges.close();
    judgements.close();
    loadDesk.close();
  }
}
