package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Refusal;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.limits.LimitReader;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.MappingSource;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.Pagemap;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.proc.memory.RemoteProcessMemory;
import io.leakwatch.proc.memory.ResidentScan;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One live process, read again and again. The files of its counters stay open; those of its memory
 * are opened for each reading, because an open one belongs to the address space that there was
 * then. After each reading its identity is read once more: when the pid belongs to another process
 * by then, or the process has executed another program, what was read is dropped and the outcome is
 * vanished; so it is for a process that is ending, because its mappings may have gone in the middle
 * of the reading.
 *
 * <p>Where only the main thread has ended, the readings go through another thread, for as long as
 * that one runs; then the process counts as vanished, until it is found and opened again.
 *
 * <p>One object serves one thread.
 */
final class LiveProcess implements ProcessReader {
  private static final int EPOLL_DESCRIPTORS_MAX = 16_384;
  private final ProcessId id;
  private final Path directory;
  private final ProcFile stat;
  private final @Nullable ProcFile threadStat;
  private final int tid;
  private final ReadBuffers buffers;
  private final MappingSource smaps;
  private final MappingSource maps;
  private final Pagemap pagemap;
  private final LimitReader limits;
  private final DescriptorCount descriptors;
  private final HeldFiles held;
  private @Nullable ProcFile status;
  private @Nullable ProcFile statm;
  private byte[] sizes = {};
  private @Nullable ProcessMemory memory;

  /**
   * Opens a reader.
   *
   * @param directory where the memory shows: of the process or of one of its threads
   * @param threadStat of that thread, null when it is the main one
   */
  private LiveProcess(
      ProcessId id,
      Path directory,
      LimitReader limits,
      ReadBuffers buffers,
      ProcFile stat,
      @Nullable ProcFile threadStat) {
    this.buffers = buffers;
    this.limits = limits;
    this.id = id;
    this.directory = directory;
    this.stat = stat;
    this.threadStat = threadStat;
    this.tid = threadStat == null ? id.pid() : Integer.parseInt(directory.getFileName().toString());
    smaps = new MappingSource(directory, "smaps", buffers);
    maps = new MappingSource(directory, "maps", buffers);
    pagemap = new Pagemap(directory, buffers);
    descriptors = new DescriptorCount(directory);
    held = new HeldFiles(directory, id.pid());
  }

  static Outcome<ProcessReader> open(
      ProcessId id, Path directory, LimitReader limits, ReadBuffers buffers) {
    Path file = directory.resolve("stat");
    try {
      ProcFile stat = ProcFile.open(file);
      Outcome<ProcessReader> outcome =
          new LiveProcess(id, directory, limits, buffers, stat, null).orClosed();
      Optional<Path> thread =
          outcome instanceof Outcome.Vanished ? LivingThread.find(directory) : Optional.empty();
      if (thread.isEmpty()) {
        return outcome;
      }
      ProcFile own = ProcFile.open(file);
      file = thread.get().resolve("stat");
      try {
        return new LiveProcess(id, thread.get(), limits, buffers, own, ProcFile.open(file))
            .orClosed();
      } catch (IOException e) {
        own.close();
        throw e;
      }
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private Outcome<ProcessReader> orClosed() {
    Outcome<ProcessReader> outcome = ifStillThere(this);
    if (!(outcome instanceof Outcome.Sampled)) {
      close();
    }
    return outcome;
  }

  @Override
  public ProcessId id() {
    return id;
  }

  @Override
  public Outcome<Status> status() {
    Path file = directory.resolve("status");
    try {
      ProcFile open = status;
      if (open == null) {
        open = ProcFile.open(file);
        status = open;
      }
      mayHaveChanged(); // What changes from here on is seen by the next question.
      int length = open.readRecord(buffers.buffer(), buffers.text());
      Status figures = Status.parse(buffers.text(), length, 0);
      ProcStat now = stat();
      return now == null
          ? Outcome.vanished()
          : Outcome.sampled(figures.withCpuTicks(now.cpuTicks()));
    } catch (IOException e) {
      closeStatus(); // What is refused now may be permitted later.
      return Refusal.of(e, file, directory);
    }
  }

  @Override
  public boolean mayHaveChanged() {
    try {
      ProcFile open = statm;
      if (open == null) {
        open = ProcFile.open(directory.resolve("statm"));
        statm = open;
      }
      int length = open.readRecord(buffers.buffer(), buffers.text());
      boolean same = Arrays.equals(buffers.text(), 0, length, sizes, 0, sizes.length);
      if (!same) {
        sizes = Arrays.copyOf(buffers.text(), length);
      }
      return !same;
    } catch (IOException e) {
      return true; // The counters tell why.
    }
  }

  private void closeStatus() {
    if (status != null) {
      status.close();
      status = null;
    }
  }

  @Override
  public Outcome<MappingTable> smaps(MappingTable into, ReadMeter meter) {
    return read(smaps, into, meter);
  }

  @Override
  public Outcome<MappingTable> maps(MappingTable into, ReadMeter meter) {
    return read(maps, into, meter);
  }

  @Override
  public Outcome<MappingTable> scan(MappingTable into, ReadMeter meter) {
    return maps.read(into, meter)
        .flatMap(read -> ResidentScan.fill(pagemap, read, meter))
        .flatMap(done -> ifStillThere(into));
  }

  @Override
  public Outcome<Integer> countMappings(ReadMeter meter) {
    return maps.count(meter).flatMap(this::ifStillThere);
  }

  @Override
  public boolean countsWithoutLock() {
    return limits.mapsTakesNoLock();
  }

  @Override
  public long descriptorsTold() {
    return descriptors.told();
  }

  @Override
  public Outcome<Limits> limits(Status status, int mappingCount) {
    long nowNanos = SystemTime.TIME.nanos();
    Limits read = limits.read(status, mappingCount, descriptors.now(nowNanos), buffers, nowNanos);
    return ifStillThere(read.hasUnmapped() ? read.withHolders(held.most(nowNanos)) : read);
  }

  @Override
  public boolean canScan() {
    return pagemap.open() instanceof Outcome.Sampled<Boolean> sampled && sampled.value();
  }

  @Override
  public TargetFiles files() {
    return new LiveFiles(directory);
  }

  @Override
  public Outcome<List<ProcessThread>> threads(int threadsMax) {
    Path process = limits.procRoot().resolve(Integer.toString(id.pid()));
    try {
      return ifStillThere(ThreadList.read(process, threadsMax));
    } catch (IOException e) {
      return Refusal.of(e, process.resolve("task"), process);
    }
  }

  @Override
  public List<Long> epollData(int wordsMax) {
    Path process = limits.procRoot().resolve(Integer.toString(id.pid()));
    try {
      return EpollData.read(process, EPOLL_DESCRIPTORS_MAX, wordsMax);
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public ProcessMemory memory() {
    ProcessMemory made = memory;
    if (made == null) {
      made = new RemoteProcessMemory(tid, limits.procRoot(), pagemap, buffers);
      memory = made;
    }
    return made;
  }

  private Outcome<MappingTable> read(MappingSource source, MappingTable into, ReadMeter meter) {
    return source.read(into, meter).flatMap(this::ifStillThere);
  }

  @Override
  public List<String> notes() {
    return List.of();
  }

  @Override
  public void rest() {
    pagemap.close();
  }

  private <T> Outcome<T> ifStillThere(T value) {
    try {
      return stat() == null ? Outcome.vanished() : Outcome.sampled(value);
    } catch (IOException e) {
      return Refusal.of(e, directory.resolve("stat"), directory);
    }
  }

  /** The process' stat, or null when it is not the one that this reader was opened for. */
  private @Nullable ProcStat stat() throws IOException {
    ProcStat now = parse(stat);
    if (now == null
        || now.startTicks() != id.startTicks()
        || !ProcessId.isSameImage(now.image(), id.image())) {
      return null;
    }
    ProcStat thread = threadStat == null ? now : parse(threadStat);
    return thread == null || thread.isExiting() ? null : now;
  }

  private @Nullable ProcStat parse(ProcFile file) throws IOException {
    int length = file.readRecord(buffers.buffer(), buffers.text());
    return ProcStat.parse(buffers.text(), length);
  }

  @Override
  public void close() {
    stat.close();
    if (threadStat != null) {
      threadStat.close();
    }
    pagemap.close();
    closeStatus();
    if (statm != null) {
      statm.close();
    }
    limits.close();
  }
}
