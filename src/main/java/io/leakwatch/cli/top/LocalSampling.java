package io.leakwatch.cli.top;

import io.leakwatch.agent.SignalRequests;
import io.leakwatch.config.Configuration;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.table.ProcessList;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.inspection.OwnerReaders;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.region.Layout;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sampling.Sampler;
import io.leakwatch.sampling.SamplingLoop;
import io.leakwatch.sampling.Surroundings;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The configured processes watched by this very process, for as long as somebody watches. The
 * pipeline is the daemon's, judgements go on from what the daemon has recorded, and nothing is
 * recorded or reported. It begins with quick rounds, until each process was read once.
 */
final class LocalSampling implements TopSource {
  private static final SamplingLoop.Keeper NOTHING_KEPT =
      new SamplingLoop.Keeper() {
        @Override
        public StoreOutcome keep(
            double nowSeconds, List<Observation> observations, List<ObservedChange> changes) {
          return new StoreOutcome.Stored(0);
        }

        @Override
        public StoreOutcome keepEarlier(double nowSeconds, SamplingLoop.EarlierPast past) {
          return new StoreOutcome.Stored(0);
        }
      };

  private static final Duration SETTLING = Duration.ofSeconds(4);
  private static final Duration FIRST_SAMPLE_PATIENCE = Duration.ofSeconds(30);
  private static final Duration QUICK = Duration.ofMillis(100);
  private static final int ROUNDS_MIN = 3;

  private final String words;
  private final Configuration configuration;
  private final ProcFs procFs = ProcFs.live();
  private final LatestSnapshot current = new LatestSnapshot();
  private final SignalRequests pace = new SignalRequests(SystemTime.TIME);
  private final CountDownLatch settled = new CountDownLatch(1);
  private final Thread thread = new Thread(this::work, "sampler");
  private volatile String failure = "";

  /**
   * Begins.
   *
   * @param why no agent is asked
   */
  LocalSampling(Configuration configuration, String why) {
    this.configuration = configuration;
    this.words = "sampled by this command: " + why;
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String words() {
    return words;
  }

  /** Waits at first until each process was read, or some time was spent on that. */
  @Override
  public ProcessList ask() throws IOException, InterruptedException {
    if (!settled.await(FIRST_SAMPLE_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("the processes have not been sampled yet");
    }
    if (!failure.isEmpty()) {
      throw new IOException(failure);
    }
    return ProcessList.of(current.get());
  }

  @Override
  public HeapStrips heaps(String process) {
    return current.get().processes().stream()
        .filter(view -> view.name().equals(process))
        .map(view -> view.heaps().ptmalloc())
        .filter(Objects::nonNull)
        .map(HeapReport::strips)
        .findFirst()
        .orElse(HeapStrips.NONE);
  }

  private void work() {
    long beganNanos = SystemTime.TIME.nanos();
    try (Sampler sampler =
        new Sampler(
            configuration,
            Surroundings.live(configuration, procFs, new DirectOutbound(procFs.procRoot())),
            NOTHING_KEPT,
            false)) {
      long tickNanos = configuration.sampling().tick().toNanos();
      while (true) {
        double nowSeconds = SystemTime.TIME.seconds();
        sampler.round(
            nowSeconds, views -> current.set(new Snapshot(Judgement.instant(nowSeconds), views)));
        boolean quick =
            SystemTime.TIME.nanos() - beganNanos < SETTLING.toNanos()
                && !isSettled(sampler.rounds(), current.get().processes());
        if (!quick) {
          settled.countDown();
        }
        long waitNanos = quick ? Math.min(tickNanos, QUICK.toNanos()) : tickNanos;
        if (pace.await(SystemTime.TIME.nanos() + waitNanos) == SignalRequests.Request.STOP) {
          return;
        }
      }
    } catch (RuntimeException e) {
      failure = "sampling by this command failed: " + e;
      settled.countDown();
    }
  }

  private static boolean isSettled(long rounds, List<ProcessView> views) {
    return rounds >= ROUNDS_MIN && views.stream().allMatch(LocalSampling::isComplete);
  }

  private static boolean isComplete(ProcessView view) {
    Layout layout = view.memory().layout();
    return !view.reading().up()
        || (layout != null
            && (!view.heaps().owners().owners().isEmpty()
                || !OwnerReaders.canRead(layout.allocators())));
  }

  @Override
  public void close() {
    pace.stop();
  }
}
