package io.leakwatch.sampling;

import io.leakwatch.config.SamplingSettings;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.inspection.HeapWalk;
import io.leakwatch.inspection.OwnerReaders;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The heap of a process under watch: what the last walk saw, how its chunk sizes grow, and when it
 * is to be walked again. The walks themselves are done by the {@link HeapWalkQueue}.
 */
final class WatchedHeap implements AutoCloseable {
  /** Walks of a growing process that lie between two censuses that are compared. */
  private static final int CENSUS_WALKS = 5;

  private final HeapWalkQueue.Request walks;
  private final ReadAccount account;
  private final SamplingSettings settings;
  private final CensusHistory censuses;
  private @Nullable HeapWalk walkSeen;
  private @Nullable OwnerReports seen;
  private CensusHistory.Growth sizeGrowth = CensusHistory.Growth.UNKNOWN;
  private String problem = "";

  WatchedHeap(HeapWalkQueue.Request walks, ReadAccount account, SamplingSettings settings) {
    this.walks = walks;
    this.account = account;
    this.settings = settings;
    this.censuses =
        new CensusHistory(CENSUS_WALKS * settings.growingWalkInterval().toNanos() / 1e9);
  }

  /** What the newest good walk saw, whether or not a sample has taken it yet; or null. */
  @Nullable OwnerReports seen() {
    HeapWalk last = walks.last();
    return last != null && last.outcome() instanceof Outcome.Sampled<OwnerReports> sampled
        ? sampled.value()
        : seen;
  }

  /** The same as it is shown. */
  ProcessView.Heaps shown() {
    OwnerReports heaps = seen();
    return new ProcessView.Heaps(heaps == null ? OwnerReports.NONE : heaps, null, sizeGrowth);
  }

  /** What keeps the heap from being read, {@code ""} when nothing does. */
  String problem() {
    return problem;
  }

  /** The walk that ended since the last call, or null. */
  @Nullable OwnerReports take() {
    HeapWalk last = walks.last();
    if (last == null || last.equals(walkSeen)) {
      return null;
    }
    walkSeen = last;
    account.costs().book("heap_walk", last.spentNanos(), last.longestNanos());
    if (last.outcome() instanceof Outcome.Sampled<OwnerReports> sampled) {
      problem = "";
      OwnerReports heaps = sampled.value();
      seen = heaps;
      if (heaps.isTrusted()) {
        sizeGrowth = censuses.accept(last.nanos() / 1e9, heaps.census());
      }
      return heaps;
    }
    if (!(last.outcome() instanceof Outcome.Vanished)) {
      account.errors().count(SampleErrors.Reason.HEAP_DENIED);
      problem = last.outcome().problem();
    }
    return null;
  }

  /**
   * A heap is walked on a slow schedule, and at the growing pace while the process grows.
   *
   * @param verdict null while nothing is judged yet
   */
  void plan(List<String> allocators, @Nullable Verdict verdict, long nowNanos) {
    if (!OwnerReaders.canRead(allocators)) {
      return;
    }
    long paceNanos =
        (seen == null || (verdict != null && verdict.kind().isAlarming())
                ? settings.growingWalkInterval()
                : settings.walkInterval())
            .toNanos();
    HeapWalk last = walkSeen;
    if (last == null || nowNanos - last.nanos() >= paceNanos) {
      walks.ask(allocators);
    }
  }

  @Override
  public void close() {
    walks.close();
  }
}
