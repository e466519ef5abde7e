package io.leakwatch.sampling;

import io.leakwatch.inspection.MappingReading;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.time.Time;

/**
 * How many mappings a process has, seen sooner than the next reading of them where they may be
 * running out.
 *
 * <p>No counter of the kernel tells it, and a reading costs as much as the resident pages, so that
 * those of a large process are minutes apart. Merely counting them is cheaper: 0.6 µs for each,
 * within a share of the budget of their own. Since Linux 6.17 that takes no lock of the target, and
 * they are counted for every sample.
 *
 * <p>Before, mmap_lock is held for the reading, and most often there is no need: a mapping has a
 * page at least, so what mmap and munmap can have added is bounded by how much the address space
 * (VmSize) has changed since they were counted, and what mprotect can have split off shows where it
 * makes memory writable or read-only (VmData). Only when that bound is a part of the mappings that
 * were left then are they counted; so it is, on every kernel, between two samples. What is split
 * otherwise (madvise), or mapped while as much is unmapped, is seen by the readings alone.
 */
final class MappingCounter {
  /** Of the mappings that are left: so much may go before they are counted for a sample. */
  private static final int SAMPLE_PART = 64;

  /** So much before they are counted out of turn. */
  private static final int BETWEEN_PART = 4;

  private final Cadence cadence;
  private final SampledProcess process;
  private final NodeBudget budget;
  private final Time time;
  private final ReadCosts costs;
  private int count = -1;
  private boolean fresh;
  private long sizeBytes;
  private long dataBytes;

  /**
   * @param share of wall time that counting may take
   */
  MappingCounter(
      SampledProcess process, NodeBudget budget, ReadCosts costs, double share, Time time) {
    this.process = process;
    this.budget = budget;
    this.costs = costs;
    this.time = time;
    this.cadence = new Cadence(0, share, time.nanos());
  }

  /** A reading has counted them, -1 when it failed to. */
  void seen(int mappings, Status counters) {
    count = mappings;
    fresh = mappings >= 0;
    sizeBytes = counters.space().sizeBytes();
    dataBytes = counters.space().dataBytes();
  }

  /** As they were counted last, -1 when they were not. */
  int count() {
    return count;
  }

  /** The number that was counted since this was last asked, -1 for none. */
  int take() {
    int taken = fresh ? count : -1;
    fresh = false;
    return taken;
  }

  /**
   * Counts for a sample without a reading, as far as that is worth it; a number that may be wrong
   * by now is not given out.
   *
   * @param limit so many there may be, -1 when unknown
   */
  void countForSample(Status counters, long limit) {
    boolean moved = mayHaveAdded(counters, limit, SAMPLE_PART);
    if (count >= 0 && (moved || process.countsWithoutLock()) && !count(counters)) {
      fresh &= !moved;
    }
  }

  /** Counts between two samples, where they may be running out. Whether it did. */
  boolean countBetweenSamples(Status counters, long limit) {
    return mayHaveAdded(counters, limit, BETWEEN_PART) && count(counters);
  }

  private boolean mayHaveAdded(Status counters, long limit, int part) {
    if (count < 0 || limit < 0 || counters.space().sizeBytes() < 0) {
      return false;
    }
    long pages =
        Math.max(
                Math.abs(counters.space().sizeBytes() - sizeBytes),
                Math.abs(counters.space().dataBytes() - dataBytes))
            / PageSize.BYTES;
    return pages > Math.max(1, limit - count) / part;
  }

  private boolean count(Status counters) {
    long beganNanos = time.nanos();
    if (!cadence.isDue(beganNanos) || !budget.admits(beganNanos)) {
      return false;
    }
    MappingReading<Integer> reading = process.count();
    long nowNanos = time.nanos();
    costs.book(reading.source(), reading.spentNanos(), reading.longestNanos());
    budget.spend(reading.spentNanos(), nowNanos);
    cadence.done(nowNanos, reading.spentNanos());
    if (reading.outcome() instanceof Outcome.Sampled<Integer> counted) {
      seen(counted.value(), counters);
      return true;
    }
    return false; // Refused or gone: the next reading says which.
  }
}
