package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.Processes;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.saved.SavedTree;
import io.leakwatch.saved.core.CoreNotes.MappedFile;
import io.leakwatch.text.Quantity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A process as its core file keeps it. Nothing of it changes, so it answers the same at any time;
 * what a core does not tell is absent: swap, times, limits, descriptors. For one thread.
 */
public final class CoreProcess implements ProcessReader, Processes {
  private static final String INCARNATION = "core";

  private final CoreFile core;
  private final CoreMemory memory;
  private final CoreFiles files;
  private final CoreMappings mappings;
  private final ProcessInfo info;

  private CoreProcess(CoreFile core) {
    this.core = core;
    this.memory = new CoreMemory(core);
    String exe = exe(core.notes());
    this.files = new CoreFiles(core.notes().files(), memory, exe);
    this.mappings = new CoreMappings(core, memory, files);
    this.info = info(core, exe, incarnation());
  }

  /**
   * Whether a person means a core by what stands for a process on a command line: a path, or the
   * name of a core file in the working directory. A number is always a pid.
   */
  public static boolean isMeant(String argument) {
    return argument.contains("/")
        || (!argument.matches("\\d{1,9}") && CoreFile.isOne(Path.of(argument)));
  }

  /**
   * Opens a core file.
   *
   * @throws CommandFailure when it cannot be read, is no core, or one of another machine
   */
  public static CoreProcess open(Path path) {
    CoreFile core = CoreFile.open(path);
    boolean kept = false;
    try {
      long pageBytes = core.notes().auxiliary(CoreNotes.AT_PAGESZ);
      if (pageBytes != 0 && pageBytes != PageSize.BYTES) {
        throw CommandFailure.usage(
            path
                + ": is a core of a machine with pages of "
                + pageBytes
                + " bytes; this one has "
                + PageSize.BYTES);
      }
      CoreProcess process = new CoreProcess(core);
      kept = true;
      return process;
    } finally {
      if (!kept) {
        core.close();
      }
    }
  }

  private static String exe(CoreNotes notes) {
    long entry = notes.auxiliary(CoreNotes.AT_ENTRY);
    return notes.files().stream()
        .filter(file -> entry >= file.start() && entry < file.end())
        .map(MappedFile::name)
        .findFirst()
        .orElse("");
  }

  /** What tells this run of the program from others: half of the kernel's random bytes. */
  private long incarnation() {
    byte[] random = memory.held(core.notes().auxiliary(CoreNotes.AT_RANDOM), Long.BYTES);
    return random == null ? 0 : ByteBuffer.wrap(random).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static ProcessInfo info(CoreFile core, String exe, long incarnation) {
    CoreNotes notes = core.notes();
    String unnamed = String.valueOf(core.path().getFileName());
    PrintedPath printed = PrintedPath.of(exe);
    String arguments = notes.arguments();
    return new ProcessInfo(
        new ProcessId(notes.pid(), 0, INCARNATION, incarnation),
        new ProcessInfo.Program(
            notes.comm().isEmpty() ? unnamed : notes.comm(),
            arguments.isEmpty() ? List.of() : List.of(arguments.split(" ")),
            printed.path(),
            printed.deleted()),
        new ProcessInfo.Place(List.of(), "", notes.pid()),
        SavedTree.UNKNOWN_START,
        notes.uid(),
        false,
        false);
  }

  public ProcessInfo info() {
    return info;
  }

  /** Its file. */
  public Path path() {
    return core.path();
  }

  /** When the file was written, as far as nobody has touched it since. */
  public Instant modified() {
    return core.modified();
  }

  @Override
  public int[] pids() {
    return new int[] {info.id().pid()};
  }

  @Override
  public Outcome<ProcessId> id(int pid) {
    return identify(pid).map(ProcessInfo::id);
  }

  @Override
  public Outcome<ProcFs.Glance> glance(int pid) {
    return identify(pid).map(one -> new ProcFs.Glance(one.id(), one.program().comm()));
  }

  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    return pid == info.id().pid() ? Outcome.sampled(info) : Outcome.vanished();
  }

  @Override
  public ProcessId id() {
    return info.id();
  }

  @Override
  public Outcome<Status> status() {
    CoreMappings.Held held = mappings.held();
    long sum = held.anonymous() + held.file() + held.shared();
    return memory
        .access()
        .map(
            readable ->
                new Status(
                    new Status.Rss(sum, held.anonymous(), held.file(), held.shared()),
                    Status.ABSENT,
                    Status.ABSENT,
                    new Status.Space(mappings.bytes(), Status.ABSENT),
                    Status.ABSENT,
                    core.notes().threads().isEmpty()
                        ? Status.ABSENT
                        : core.notes().threads().size(),
                    0));
  }

  @Override
  public Outcome<MappingTable> smaps(MappingTable into, ReadMeter meter) {
    MappingTable filled = mappings.fill(into, true);
    return memory.access().map(readable -> filled);
  }

  @Override
  public Outcome<MappingTable> maps(MappingTable into, ReadMeter meter) {
    return Outcome.sampled(mappings.fill(into, false));
  }

  @Override
  public Outcome<MappingTable> scan(MappingTable into, ReadMeter meter) {
    return smaps(into, meter);
  }

  @Override
  public boolean canScan() {
    return false;
  }

  @Override
  public Outcome<Integer> countMappings(ReadMeter meter) {
    return Outcome.sampled(mappings.count());
  }

  @Override
  public boolean countsWithoutLock() {
    return true;
  }

  @Override
  public long descriptorsTold() {
    return -1;
  }

  @Override
  public Outcome<Limits> limits(Status status, int mappingCount) {
    return Outcome.unable(core.path() + " does not tell the limits that the process had");
  }

  @Override
  public TargetFiles files() {
    return files;
  }

  /** With all general registers, for none of them runs. */
  @Override
  public Outcome<List<ProcessThread>> threads(int threadsMax) {
    return Outcome.sampled(
        core.notes().threads().stream()
            .limit(threadsMax)
            .map(
                thread ->
                    new ProcessThread(thread.tid(), "", thread.stackPointer(), thread.registers()))
            .toList());
  }

  @Override
  public List<Long> epollData(int wordsMax) {
    return List.of();
  }

  @Override
  public ProcessMemory memory() {
    return memory;
  }

  @Override
  public List<String> notes() {
    List<String> said = new ArrayList<>();
    Path name = core.path().getFileName();
    long missing = core.missingBytes();
    if (missing > 0) {
      said.add(
          name
              + " is cut off: "
              + Quantity.size(missing)
              + " of "
              + Quantity.size(core.statedBytes())
              + " of memory are missing and not counted");
    }
    if (core.isCutInHeaders()) {
      said.add(name + " is cut off: mappings are missing");
    }
    if (core.notes().isCut() || core.notes().files().isEmpty()) {
      said.add(
          name
              + " does not tell which files were mapped: names, and what rests on them, are"
              + " unknown");
    }
    if (core.malformed() > 0) {
      said.add(name + ": " + core.malformed() + " headers make no sense and were left out");
    }
    said.add(
        "from a core file: resident is what it holds and is not all zeros; pages of files, swap and"
            + " limits are not in it");
    said.addAll(files.notes());
    return said;
  }

  @Override
  public void rest() {}

  @Override
  public void close() {
    core.close();
  }
}
