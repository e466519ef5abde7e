package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import java.util.List;

/**
 * One process, read again and again: one that runs, or one as a core file keeps it. What was read
 * of a process that has ended meanwhile, or has executed another program, is dropped and the
 * outcome is vanished.
 *
 * <p>One object serves one thread.
 */
public interface ProcessReader extends AutoCloseable {
  ProcessId id();

  /** The cheap figures: no lock of the target is taken, so no meter is needed. */
  Outcome<Status> status();

  /**
   * Whether its memory may have changed since this or {@link #status} was last asked: by one read
   * of statm, a tenth of what the counters cost. True where that is not known.
   */
  default boolean mayHaveChanged() {
    return true;
  }

  /**
   * The exact reading: every mapping with every figure. It costs the kernel 3 µs per mapping and 50
   * ns per resident page under the target's mmap_lock, for up to one mapping without a break.
   */
  Outcome<MappingTable> smaps(MappingTable into, ReadMeter meter);

  /** The mappings without any figure; cheap even under the lock. */
  Outcome<MappingTable> maps(MappingTable into, ReadMeter meter);

  /**
   * The mappings with resident and swapped bytes, from page scans in windows that hold the target's
   * mmap_lock for 0.3 ms at the most. Works without {@link #canScan} too, but then costs as much as
   * smaps.
   */
  Outcome<MappingTable> scan(MappingTable into, ReadMeter meter);

  /** Whether the kernel has PAGEMAP_SCAN and lets us use it on this process. */
  boolean canScan();

  /**
   * Counts the mappings, and does nothing else with them: 0.6 µs for each, of which the target
   * notices nothing since Linux 6.17 (the kernel goes through {@code maps} without mmap_lock),
   * before that as much as from {@link #maps}.
   */
  Outcome<Integer> countMappings(ReadMeter meter);

  /** Whether {@link #countMappings} takes no lock of the target. */
  boolean countsWithoutLock();

  /** How many descriptors it has open, where the kernel says so in one call, else -1. */
  long descriptorsTold();

  /**
   * What it uses of everything that can run out. No lock of the target is taken.
   *
   * @param status the figures that resource limits are compared with
   * @param mappingCount number of mappings, -1 when it was not read
   */
  Outcome<Limits> limits(Status status, int mappingCount);

  /** The files of the process, also of one in a container. */
  TargetFiles files();

  /** The threads with their stack pointers, at most so many of them. */
  Outcome<List<ProcessThread>> threads(int threadsMax);

  /** What it has registered with epoll, at most so many words; empty where that is not shown. */
  List<Long> epollData(int wordsMax);

  /** The memory of the process; always the same object. */
  ProcessMemory memory();

  /** What of it cannot be seen, whatever is asked for, in words. */
  List<String> notes();

  /** Closes what only a reading needs; the next reading opens it again. */
  void rest();

  @Override
  void close();
}
