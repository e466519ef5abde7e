package io.leakwatch.inspection;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.content.ContentCensus;
import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.tcmalloc.TcmallocReport;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionMap;
import io.leakwatch.saved.SavedTree;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.SymbolSettings;
import io.leakwatch.symbols.Symbolizer;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One exact reading of a process: its address space by kind, and what its allocator holds. */
public final class Inspection {
  private final MappingReader mappings = new MappingReader(SystemTime.TIME);
  private final ExecutableCache images;
  private final OwnerReaders owners;
  private final ContentSettings content;

  public Inspection(WalkSettings walkSettings, ContentSettings content) {
    this.images = new ExecutableCache(new RegionMap());
    this.owners = new OwnerReaders(walkSettings);
    this.content = content;
  }

  /**
   * Looks at a process that runs.
   *
   * @throws CommandFailure when the process is gone or may not be read
   */
  public ProcessView of(ProcFs procFs, ProcessFinder.Named process, Instant now) {
    requireMemory(process);
    Outcome<ProcessView> outcome =
        procFs
            .open(process.info().id())
            .flatMap(
                opened -> {
                  try (ProcessReader reader = opened) {
                    return read(process, reader, now);
                  }
                });
    return orFailure(outcome, process);
  }

  /**
   * Looks at whatever can be read like a process.
   *
   * @param time of what is read
   * @throws CommandFailure when it cannot be read
   */
  public ProcessView of(ProcessReader reader, ProcessFinder.Named process, Instant time) {
    return orFailure(read(process, reader, time), process);
  }

  /** Refuses what has no memory to read. */
  public static void requireMemory(ProcessFinder.Named process) {
    if (process.info().kernelThread() || process.info().zombie()) {
      throw CommandFailure.noProcess(
          process.name()
              + " (pid "
              + process.info().id().pid()
              + ") is a "
              + (process.info().zombie() ? "zombie" : "kernel thread")
              + ": it has no memory to inspect");
    }
  }

  /** What a reading yielded, or the one line that says why it yielded nothing. */
  public static <T> T orFailure(Outcome<T> outcome, ProcessFinder.Named process) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    if (!outcome.problem().isEmpty()) {
      throw CommandFailure.noProcess(outcome.problem());
    }
    throw CommandFailure.noProcess(
        process.name() + " (pid " + process.info().id().pid() + ") has ended or has no memory");
  }

  private Outcome<ProcessView> read(
      ProcessFinder.Named process, ProcessReader reader, Instant now) {
    return mappings
        .exact(reader, images)
        .map(seen -> view(process, reader, seen, walk(reader, seen.layout()), now));
  }

  private Outcome<OwnerReports> walk(ProcessReader reader, Layout layout) {
    return owners
        .read(
            reader,
            mappings.table(),
            layout.allocators(),
            mappings.meter(),
            ReadPace.UNPACED,
            OwnerTarget.Depth.PROFILE)
        .map(heaps -> named(reader, heaps));
  }

  /** Names the chunks that pin the arenas' tops by what they are, and calls by their functions. */
  private OwnerReports named(ProcessReader reader, OwnerReports heaps) {
    HeapReport report = heaps.ptmalloc();
    TcmallocReport tcmalloc = heaps.find(TcmallocReport.class);
    boolean hasPins =
        report != null && report.arenas().stream().anyMatch(arena -> arena.pin() != null);
    boolean hasCalls = tcmalloc != null && !tcmalloc.growths().isEmpty();
    if (!hasPins && !hasCalls) {
      return heaps;
    }
    MappingTable table = mappings.table();
    try (Symbolizer symbols = new Symbolizer(table, reader.files(), SymbolSettings.DEFAULTS)) {
      OwnerReports called =
          tcmalloc == null ? heaps : heaps.with(tcmalloc.withCalls(at -> call(symbols, at)));
      if (report == null) {
        return called;
      }
      ContentCensus census =
          new ContentCensus(
              reader.memory(),
              table,
              symbols,
              new RemoteProbe(reader.memory()),
              ReadMeter.UNPACED,
              content,
              Masking.except(content.shownPrefixes()));
      return called.with(
          report.withPinContent(pin -> census.describe(pin.objectAddress(), pin.usableBytes())));
    }
  }

  /** The function that a call returns to. */
  private static String call(Symbolizer symbols, long returnAddress) {
    Place place = symbols.place(returnAddress - 1);
    if (place == null) {
      return "0x" + Long.toHexString(returnAddress);
    }
    return place.symbol().isEmpty() ? place.text() : place.name();
  }

  private ProcessView view(
      ProcessFinder.Named process,
      ProcessReader reader,
      Classification seen,
      Outcome<OwnerReports> walked,
      Instant now) {
    OwnerReports heaps =
        walked instanceof Outcome.Sampled<OwnerReports> sampled
            ? sampled.value()
            : OwnerReports.NONE;
    return view(
        process, reader, images, mappings.table(), seen, walked.problem(), heaps, null, now);
  }

  /**
   * What an exact reading saw, to be shown.
   *
   * @param table of that reading
   * @param problem why the heap is not known, {@code ""} when it is
   */
  public static ProcessView view(
      ProcessFinder.Named process,
      ProcessReader reader,
      ExecutableCache images,
      MappingTable table,
      Classification seen,
      String problem,
      OwnerReports heaps,
      @Nullable Verdict verdict,
      Instant now) {
    long lazyFree = table.total(MappingTable.Field.LAZY_FREE);
    long swap = table.total(MappingTable.Field.SWAP);
    List<String> unseen = reader.notes();
    Layout layout = seen.layout();
    ProcessInfo info = process.info();
    return new ProcessView(
        new ProcessView.Identity(
            process.name(),
            info.id().pid(),
            new ProcessView.Place(info.place().container(), info.place().innerPid()),
            info.program().exe(),
            images.buildId(reader.files()),
            info.startTime().equals(SavedTree.UNKNOWN_START) ? null : info.startTime(),
            ""),
        new ProcessView.Reading(true, problem, now, List.of(), Map.of()),
        new ProcessView.Memory(
            table.total(MappingTable.Field.RSS),
            table.total(MappingTable.Field.ANONYMOUS) + swap - lazyFree,
            known(table, MappingTable.Field.SWAP),
            known(table, MappingTable.Field.LAZY_FREE),
            unseen.isEmpty() ? layout : layout.withNotes(unseen),
            seen.space(),
            List.of()),
        new ProcessView.Heaps(heaps, images.stacks(reader, table), CensusHistory.Growth.UNKNOWN),
        ProcessView.Assessment.of(verdict),
        ProcessView.Work.UNKNOWN,
        SampleAssembly.resources(reader, table, layout, lazyFree));
  }

  /** Absent is not zero. */
  private static double known(MappingTable table, MappingTable.Field field) {
    return table.has(field) ? table.total(field) : Double.NaN;
  }
}
