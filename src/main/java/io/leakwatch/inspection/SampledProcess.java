package io.leakwatch.inspection;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.Classification;

/** One process that is read again and again. */
public interface SampledProcess extends AutoCloseable {
  /** The counters that the kernel hands out without a lock. */
  Outcome<Status> status();

  /**
   * Whether the counters may have changed since they were last read; much cheaper than to read
   * them. True where that is not known.
   */
  default boolean mayHaveChanged() {
    return true;
  }

  /**
   * What it uses of everything that can run out. No lock of the target is taken.
   *
   * @param status the figures that resource limits are compared with
   * @param mappingCount number of mappings, -1 when it was not read
   */
  Outcome<Limits> limits(Status status, int mappingCount);

  /** How many descriptors it has open, where the kernel says so in one call, else -1. */
  long descriptorsTold();

  /** Whether its mappings are counted without a lock of the target. */
  boolean countsWithoutLock();

  /** Counts its mappings. */
  MappingReading<Integer> count();

  /**
   * Reads its mappings.
   *
   * @param exact every figure, from smaps; else resident bytes by the cheapest way there is
   */
  MappingReading<Classification> read(boolean exact);

  @Override
  void close();
}
