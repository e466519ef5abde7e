package io.leakwatch.sampling;

import io.leakwatch.config.Defaults;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.inspection.LiveNode;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.sampling.judgement.InstanceJudgement;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.sampling.load.LoadCollector;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.util.Optional;

/** One process of a node under watch, with all that a watch needs; its heap is never walked. */
final class OneWatched implements AutoCloseable {
  final WatchedProcess watch;
  final SampledProcess process;
  final NodeBudget budget;
  private final HeapWalkQueue walks;
  private final LoadCollector loads;

  OneWatched(ProcFs procFs, int pid, String name, Time time) {
    LiveNode node = new LiveNode(procFs, Defaults.WALK, MappingTable.ROWS_MAX_ALONE, time);
    ProcessInfo info = value(node.identify(pid));
    Workers idle =
        new Workers() {
          @Override
          public Queue queue(String queueName, int threads, int waitingMax) {
            return new Queue() {
              @Override
              public boolean offer(Runnable work) {
                return false;
              }

              @Override
              public void close() {}
            };
          }

          @Override
          public Loop loop(String loopName, java.util.function.LongSupplier step) {
            throw new AssertionError("a watch has no loop");
          }
        };
    budget = new NodeBudget(1, time.nanos());
    walks = new HeapWalkQueue(node, 0.5, time, idle);
    loads =
        new LoadCollector(procFs, Defaults.LOAD, new DirectOutbound(procFs.procRoot()), time, idle);
    process = value(node.open(info.id()));
    watch =
        new WatchedProcess(
            new Instance(name, info, 0, 0, ""),
            process,
            new InstanceJudgement(new Judgement(Defaults.TREND, Defaults.SEVERITY)),
            new SampleErrors(),
            new WatchedProcess.Questions(
                walks.open(info.id()), loads.open(info.id(), Optional.empty())),
            new WatchedProcess.Shared(budget, Defaults.SAMPLING, time));
  }

  private static <T> T value(Outcome<T> outcome) {
    return ((Outcome.Sampled<T>) outcome).value();
  }

  @Override
  public void close() {
    watch.close();
    walks.close();
    loads.close();
  }
}
