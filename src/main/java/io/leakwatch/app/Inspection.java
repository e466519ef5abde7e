package io.leakwatch.app;

import io.leakwatch.alert.Severity;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ReadPace;
import io.leakwatch.heap.WalkSettings;
import io.leakwatch.heap.content.ContentLook;
import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ReadMeter;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.SymbolSettings;
import io.leakwatch.region.Symbolizer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One exact look at a process: its address space by kind, and what its allocator holds. */
final class Inspection {
  private final ProcFs procFs;
  private final Looker looker = new Looker();
  private final Images images;
  private final WalkSettings walkSettings;
  private final ContentSettings content;

  Inspection(ProcFs procFs, WalkSettings walkSettings, ContentSettings content) {
    this.procFs = procFs;
    this.images = new Images(procFs, null);
    this.walkSettings = walkSettings;
    this.content = content;
  }

  /**
   * Looks.
   *
   * @throws CommandFailure when the process is gone or may not be read
   */
  ProcessView of(ProcessFinder.Named process, Instant now) {
    requireMemory(process);
    Outcome<ProcessView> outcome =
        procFs.open(process.info().id()).flatMap(reader -> look(process, reader, now));
    return orFailure(outcome, process);
  }

  /** Refuses what has no memory to look at. */
  static void requireMemory(ProcessFinder.Named process) {
    if (process.info().kernelThread() || process.info().zombie()) {
      throw CommandFailure.noProcess(
          process.name()
              + " (pid "
              + process.info().id().pid()
              + ") is a "
              + (process.info().zombie() ? "zombie" : "kernel thread")
              + ": it has no memory to look at");
    }
  }

  /** What a look yielded, or the one line that says why it yielded nothing. */
  static <T> T orFailure(Outcome<T> outcome, ProcessFinder.Named process) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    if (!outcome.problem().isEmpty()) {
      throw CommandFailure.noProcess(outcome.problem());
    }
    throw CommandFailure.noProcess(
        process.name() + " (pid " + process.info().id().pid() + ") has ended or has no memory");
  }

  private Outcome<ProcessView> look(
      ProcessFinder.Named process, ProcessReader opened, Instant now) {
    try (ProcessReader reader = opened) {
      return looker
          .exact(reader, images)
          .map(seen -> view(process, reader, seen, walk(reader, seen.layout()), now));
    }
  }

  private Outcome<Heaps> walk(ProcessReader reader, Layout layout) {
    return Heaps.look(
            reader,
            looker.table(),
            layout.allocators(),
            walkSettings,
            looker.meter(),
            ReadPace.UNPACED)
        .map(heaps -> named(reader, heaps));
  }

  /** Names the chunks that pin the arenas' tops by what they are. */
  private Heaps named(ProcessReader reader, Heaps heaps) {
    HeapReport report = heaps.ptmalloc();
    if (report == null || report.arenas().stream().allMatch(arena -> arena.pin() == null)) {
      return heaps;
    }
    MappingTable table = looker.table();
    try (Symbolizer symbols = new Symbolizer(table, reader.files(), SymbolSettings.DEFAULTS)) {
      ContentLook look =
          new ContentLook(
              reader.memory(),
              table,
              symbols,
              new RemoteProbe(reader.memory()),
              ReadMeter.UNPACED,
              content,
              Masking.except(content.shownPrefixes()));
      return new Heaps(
          report.withPinContent(pin -> look.describe(pin.address(), pin.chunkBytes())),
          heaps.jemalloc());
    }
  }

  private ProcessView view(
      ProcessFinder.Named process,
      ProcessReader reader,
      Classification seen,
      Outcome<Heaps> walked,
      Instant now) {
    Heaps heaps =
        walked instanceof Outcome.Sampled<Heaps> sampled ? sampled.value() : new Heaps(null, null);
    return view(
        process, reader, images, looker.table(), seen.layout(), walked.problem(), heaps, null, now);
  }

  /**
   * What an exact look saw, to be shown.
   *
   * @param table of that look
   * @param problem why the heap is not known, {@code ""} when it is
   */
  static ProcessView view(
      ProcessFinder.Named process,
      ProcessReader reader,
      Images images,
      MappingTable table,
      Layout layout,
      String problem,
      Heaps heaps,
      @Nullable Verdict verdict,
      Instant now) {
    long lazyFree = table.total(MappingTable.Field.LAZY_FREE);
    long swap = table.total(MappingTable.Field.SWAP);
    return new ProcessView(
        process.name(),
        process.info().id().pid(),
        new ProcessView.Place(process.info().container(), process.info().innerPid()),
        process.info().exe(),
        images.buildId(process.info()),
        process.info().startTime(),
        true,
        problem,
        table.total(MappingTable.Field.RSS),
        table.total(MappingTable.Field.ANONYMOUS) + swap - lazyFree,
        swap,
        lazyFree,
        layout,
        heaps.ptmalloc(),
        heaps.jemalloc(),
        verdict,
        Severity.NONE,
        now,
        SampleAssembly.resources(reader, layout, lazyFree));
  }
}
