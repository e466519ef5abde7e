package io.leakwatch.saved.core;

import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.program.CommandFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One process in two core files: as the first has it, and once it is told to advance, as the second
 * has it.
 */
public final class SuccessiveCores implements ProcessReader {
  private final CoreProcess first;
  private final CoreProcess second;
  private CoreProcess now;

  private SuccessiveCores(CoreProcess first, CoreProcess second) {
    this.first = first;
    this.second = second;
    this.now = first;
  }

  /**
   * Opens both.
   *
   * @throws CommandFailure when one cannot be read, or they are of two processes
   */
  public static SuccessiveCores open(Path first, Path second) {
    CoreProcess one = CoreProcess.open(first);
    CoreProcess other = null;
    boolean kept = false;
    try {
      other = CoreProcess.open(second);
      if (!one.id().isSameAs(other.id())) {
        throw CommandFailure.usage(
            first
                + " and "
                + second
                + " are of different processes"
                + (one.id().pid() == other.id().pid()
                    ? " with the same pid: it was started again in between"
                    : " (pid " + one.id().pid() + " and pid " + other.id().pid() + ")"));
      }
      kept = true;
      return new SuccessiveCores(one, other);
    } finally {
      if (!kept) {
        close(one);
        close(other);
      }
    }
  }

  private static void close(@Nullable CoreProcess core) {
    if (core != null) {
      core.close();
    }
  }

  /**
   * The time between them.
   *
   * @param told what a person says it is, null where nobody does: then it is the difference of the
   *     files' modification times
   * @throws CommandFailure when these make no sense
   */
  public Duration span(@Nullable Duration told) {
    if (told != null) {
      return told;
    }
    Duration between = Duration.between(first.modified(), second.modified());
    if (between.isNegative() || between.isZero()) {
      throw CommandFailure.usage(
          second.path()
              + (between.isZero() ? " was modified at the same time as " : " is older than ")
              + first.path()
              + ": give the older core first, or the time between them with --for");
    }
    return between;
  }

  /** From now on it is as the second core has it. */
  public void advance() {
    now = second;
  }

  /** The process, as the first core has it. */
  public CoreProcess process() {
    return first;
  }

  /** When the core of now was written. */
  public Instant modified() {
    return now.modified();
  }

  @Override
  public ProcessId id() {
    return now.id();
  }

  @Override
  public Outcome<Status> status() {
    return now.status();
  }

  @Override
  public Outcome<MappingTable> smaps(MappingTable into, ReadMeter meter) {
    return now.smaps(into, meter);
  }

  @Override
  public Outcome<MappingTable> maps(MappingTable into, ReadMeter meter) {
    return now.maps(into, meter);
  }

  @Override
  public Outcome<MappingTable> scan(MappingTable into, ReadMeter meter) {
    return now.scan(into, meter);
  }

  @Override
  public boolean canScan() {
    return now.canScan();
  }

  @Override
  public Outcome<Integer> countMappings(ReadMeter meter) {
    return now.countMappings(meter);
  }

  @Override
  public boolean countsWithoutLock() {
    return now.countsWithoutLock();
  }

  @Override
  public long descriptorsTold() {
    return now.descriptorsTold();
  }

  @Override
  public Outcome<Limits> limits(Status status, int mappingCount) {
    return now.limits(status, mappingCount);
  }

  @Override
  public TargetFiles files() {
    return now.files();
  }

  @Override
  public Outcome<List<ProcessThread>> threads(int threadsMax) {
    return now.threads(threadsMax);
  }

  @Override
  public List<Long> epollData(int wordsMax) {
    return now.epollData(wordsMax);
  }

  @Override
  public ProcessMemory memory() {
    return now.memory();
  }

  @Override
  public List<String> notes() {
    List<String> said = new ArrayList<>(first.notes());
    second.notes().stream().filter(note -> !said.contains(note)).forEach(said::add);
    return said;
  }

  @Override
  public void rest() {}

  @Override
  public void close() {
    first.close();
    second.close();
  }
}
