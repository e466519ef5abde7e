package io.leakwatch.app;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Configuration;
import io.leakwatch.diagnose.Diagnosis;
import io.leakwatch.diagnose.Observations;
import io.leakwatch.diagnose.ShortJudge;
import io.leakwatch.diagnose.Suspect;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.ChunkTurnover;
import io.leakwatch.heap.ChunkVisitor;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.HeapWalker;
import io.leakwatch.heap.HolderSettings;
import io.leakwatch.heap.JemallocReader;
import io.leakwatch.heap.JemallocReport;
import io.leakwatch.heap.PageTurnover;
import io.leakwatch.heap.ReadPace;
import io.leakwatch.heap.WalkSettings;
import io.leakwatch.heap.content.ContentLook;
import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.content.Group;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.history.Signal;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ReadMeter;
import io.leakwatch.proc.Status;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionKind;
import io.leakwatch.region.SymbolSettings;
import io.leakwatch.region.Symbolizer;
import io.leakwatch.region.TargetFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The heavy look at one process: two exact looks with a span between them, the difference of what
 * they saw, what it consists of, and the verdict. For one process and one thread, once.
 */
final class DiagnosisRun {
  private static final long TURNOVER_BYTES_MAX = 96 << 20;
  private static final int OLD_SIZES_MAX = 64;
  private static final int OLD_SAMPLE_MAX = 100;
  private static final int STEPS = 4;
  private static final int FEW = 3;
  private static final double STEP_COST_MAX = 0.05;
  private static final long TICK_NANOS = 100_000_000;
  private static final double COVERAGE_TRUSTED = 0.98;
  private static final Set<RegionKind> WITHOUT_CHUNKS =
      EnumSet.of(
          RegionKind.JEMALLOC,
          RegionKind.TCMALLOC,
          RegionKind.GO_HEAP,
          RegionKind.JAVA_HEAP,
          RegionKind.ANONYMOUS,
          RegionKind.HUGETLB);
  private static final Set<RegionKind> CHUNKS =
      EnumSet.of(RegionKind.BRK_HEAP, RegionKind.ARENA, RegionKind.MALLOC_MMAP);

  private final Configuration configuration;
  private final ProcessFinder.Named process;
  private final ProcessReader reader;
  private final Looker looker = new Looker();
  private final MappingTable mappings = new MappingTable();
  private @Nullable HeapReport named;
  private final Images images;
  private final HeapWalker walker;
  private final WalkSettings walkSettings;
  private final ContentSettings settings;
  private final HolderSettings holderSettings;
  private final boolean paced;
  private final Masking masking;
  private final DiagnosisProgress progress;
  private final List<Observations.Point> points = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final JemallocReader jemallocReader;
  private @Nullable JemallocReport jemalloc;
  private String heapUnknown = "";

  /**
   * What came of it.
   *
   * @param view of the second look, with the verdict
   */
  record Result(ProcessView view, Diagnosis diagnosis) {}

  private DiagnosisRun(
      ProcFs procFs,
      Configuration configuration,
      ProcessFinder.Named process,
      ProcessReader reader,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress) {
    this.configuration = configuration;
    this.process = process;
    this.reader = reader;
    this.images = new Images(procFs);
    this.walkSettings = configuration.walk();
    this.walker = new HeapWalker(configuration.walk());
    this.jemallocReader = new JemallocReader(configuration.walk());
    this.settings = configuration.diagnosis().content();
    this.holderSettings = configuration.diagnosis().holders();
    this.paced = paced;
    this.masking = masking;
    this.progress = progress;
  }

  /**
   * Diagnoses.
   *
   * @param span between the two looks
   * @param paced whether reads keep to the budgets of the settings in bytes a second
   * @throws CommandFailure when the process is gone or may not be read
   */
  static Result of(
      ProcFs procFs,
      Configuration configuration,
      ProcessFinder.Named process,
      Duration span,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress) {
    Inspection.requireMemory(process);
    Outcome<Result> outcome =
        procFs
            .open(process.info().id())
            .flatMap(
                opened -> {
                  try (ProcessReader reader = opened) {
                    return new DiagnosisRun(
                            procFs, configuration, process, reader, masking, paced, progress)
                        .run(span);
                  }
                });
    return Inspection.orFailure(outcome, process);
  }

  /** One exact look with a walk. */
  private record Look(
      Classification seen, @Nullable HeapReport heap, double seconds, Instant time) {}

  private Outcome<Result> run(Duration span) {
    ChunkTurnover chunks =
        new ChunkTurnover(TURNOVER_BYTES_MAX, OLD_SAMPLE_MAX, settings.chunksPerSize());
    progress.at("first look", 0);
    Outcome<Look> first = look(chunks.first());
    return first.flatMap(
        before -> {
          Set<RegionKind> kinds = EnumSet.copyOf(WITHOUT_CHUNKS);
          if (before.heap() == null) {
            kinds.addAll(CHUNKS);
          }
          PageTurnover pages = new PageTurnover(kinds, settings.pagesMax());
          boolean memory = reader.memory().access() instanceof Outcome.Sampled;
          memory = memory && pages.first(reader.memory(), images.regions(), ReadMeter.UNPACED);
          Map<Long, long[]> old = chunks.oldSamples(OLD_SIZES_MAX);
          Map<Long, String> oldTypes = memory ? typesOf(old) : Map.of();
          double firstSeconds = points.get(0).seconds();
          waitBetween(span, firstSeconds, now() - firstSeconds);
          progress.at("second look", 0.9);
          Outcome<Look> second = look(chunks.second());
          boolean readable = memory;
          return second.flatMap(
              after -> {
                List<Suspect> suspects =
                    readable ? suspects(chunks, pages, old, oldTypes, after) : List.<Suspect>of();
                return result(before, after, suspects);
              });
        });
  }

  private Outcome<Look> look(ChunkVisitor visitor) {
    return looker
        .exact(reader, images)
        .flatMap(
            seen ->
                reader
                    .status()
                    .map(
                        status -> {
                          HeapReport heap = walk(seen.layout(), visitor);
                          double at = now();
                          points.add(point(at, status, heap));
                          return new Look(seen, heap, at, Instant.now());
                        }));
  }

  private @Nullable HeapReport walk(Layout layout, ChunkVisitor visitor) {
    if (layout.allocators().contains("jemalloc") && layout.allocators().indexOf("ptmalloc") != 0) {
      heapUnknown = "";
      readJemalloc();
      return null;
    }
    if (!layout.allocators().contains("ptmalloc")) {
      heapUnknown =
          layout.allocators().isEmpty()
              ? "its allocator is not known"
              : "only ptmalloc's heaps can be walked, this is " + layout.allocators().get(0);
      return null;
    }
    Outcome<HeapReport> walked =
        walker.walk(reader, looker.table(), ReadMeter.UNPACED, walkPace(), visitor);
    if (walked instanceof Outcome.Denied<HeapReport> denied) {
      heapUnknown = denied.what() + " may not be read: " + denied.missing() + " is missing";
      return null;
    }
    if (!(walked instanceof Outcome.Sampled<HeapReport> sampled)
        || sampled.value().arenas().isEmpty()) {
      heapUnknown = "no arena of a known layout was found";
      return null;
    }
    return sampled.value();
  }

  private void readJemalloc() {
    Outcome<JemallocReport> read =
        jemallocReader.read(reader, looker.table(), ReadMeter.UNPACED, walkPace());
    jemalloc = read instanceof Outcome.Sampled<JemallocReport> sampled ? sampled.value() : null;
    if (jemalloc == null || jemalloc.arenas().isEmpty()) {
      jemalloc = null;
      heapUnknown =
          read instanceof Outcome.Denied<JemallocReport> denied
              ? denied.what() + " may not be read: " + denied.missing() + " is missing"
              : "jemalloc's structures were not found";
    }
  }

  private Observations.Point point(double at, Status status, @Nullable HeapReport heap) {
    double anonymous =
        SampleAssembly.anonymousBytes(
            status, null, looker.table().total(MappingTable.Field.LAZY_FREE));
    JemallocReport own = jemalloc;
    if (own != null && own.coverage() >= COVERAGE_TRUSTED) {
      return new Observations.Point(
          at, anonymous, own.total().allocatedBytes(), own.freeBytes(), Double.NaN);
    }
    if (heap == null || heap.coverage() < COVERAGE_TRUSTED) {
      return new Observations.Point(at, anonymous, Double.NaN, Double.NaN, Double.NaN);
    }
    HeapTotals totals = HeapTotals.of(heap);
    return new Observations.Point(
        at,
        anonymous,
        totals.inUseBytes(),
        (double) totals.freeBytes() + totals.topBytes(),
        totals.pinnedBytes());
  }

  private ReadPace walkPace() {
    return pace(walkSettings.bytesPerSecondMax());
  }

  private ReadPace pace(long bytesPerSecondMax) {
    return paced ? new BytePace(bytesPerSecondMax, System.nanoTime()) : ReadPace.UNPACED;
  }

  private static double now() {
    return System.nanoTime() / 1e9;
  }

  /** Waits, and where walks are cheap against the span takes a few on the way. */
  private void waitBetween(Duration span, double from, double lookSeconds) {
    double seconds = span.toNanos() / 1e9;
    boolean cheap = lookSeconds < STEP_COST_MAX * seconds;
    for (int step = 1; step <= STEPS; step++) {
      double until = from + seconds * step / STEPS;
      while (now() < until) {
        double done = (now() - from) / seconds;
        progress.at("watching it grow", 0.05 + 0.85 * Math.min(1, done));
        LockSupport.parkNanos(Math.min(TICK_NANOS, (long) ((until - now()) * 1e9)));
      }
      if (step < STEPS && cheap) {
        between();
      }
    }
  }

  private void between() {
    if (reader.maps(looker.table(), ReadMeter.UNPACED) instanceof Outcome.Sampled
        && reader.status() instanceof Outcome.Sampled<Status> status) {
      HeapReport heap = null;
      if (jemalloc != null) {
        readJemalloc();
      } else if (heapUnknown.isEmpty()) {
        heap = walkAgain();
      }
      points.add(point(now(), status.value(), heap));
    }
  }

  private @Nullable HeapReport walkAgain() {
    return walker.walk(reader, looker.table(), ReadMeter.UNPACED, walkPace())
            instanceof Outcome.Sampled<HeapReport> walked
        ? walked.value()
        : null;
  }

  /** The names of the moment: heaps have grown while they were walked. */
  private Symbolizer symbols() {
    if (!(reader.maps(mappings, ReadMeter.UNPACED) instanceof Outcome.Sampled)) {
      mappings.clear();
    }
    return new Symbolizer(mappings, new TargetFiles(reader.directory()), SymbolSettings.DEFAULTS);
  }

  private ContentLook content(Symbolizer symbols) {
    return new ContentLook(
        reader.memory(),
        mappings,
        symbols,
        new RemoteProbe(reader.memory()),
        ReadMeter.UNPACED,
        settings,
        masking);
  }

  private Map<Long, String> typesOf(Map<Long, long[]> chunks) {
    try (Symbolizer symbols = symbols()) {
      return content(symbols).types(chunks);
    }
  }

  private List<Suspect> suspects(
      ChunkTurnover chunks,
      PageTurnover pages,
      Map<Long, long[]> old,
      Map<Long, String> oldTypes,
      Look after) {
    progress.at("naming what grew", 0.93);
    List<Suspect> suspects = new ArrayList<>();
    try (Symbolizer symbols = symbols()) {
      ContentLook content = content(symbols);
      HeapReport heap = after.heap();
      if (heap != null) {
        named = heap.withPinContent(pin -> content.describe(pin.address(), pin.chunkBytes()));
      }
      if (after.heap() != null) {
        for (ChunkTurnover.Growth growth :
            chunks.growth().stream().limit(settings.sizesMax()).toList()) {
          long[] before = old.getOrDefault(growth.chunkBytes(), new long[0]);
          for (Group group : content.groups(growth, oldTypes, before, chunks::isGone)) {
            suspects.add(suspect(group, "malloc"));
          }
        }
      }
      if (pages.second(reader.memory(), images.regions(), ReadMeter.UNPACED)) {
        for (PageTurnover.Change change : pages.changes().values()) {
          long grown = Math.min(change.newPages(), grownPages(change));
          if (grown > 0) {
            for (Group group : content.pages(change.sample(), grown)) {
              suspects.add(suspect(group, change.kind().wireName()));
            }
          }
        }
      }
      if (!symbols.missing().isEmpty()) {
        notes.add("symbols of " + String.join(", ", symbols.missing()) + " could not be read");
      }
      suspects.sort(Comparator.comparingDouble(DiagnosisRun::weight).reversed());
      HolderQuestion.Answer answer =
          new HolderQuestion(
                  holderSettings,
                  walkSettings,
                  pace(holderSettings.bytesPerSecondMax()),
                  progress,
                  notes)
              .ask(
                  reader,
                  looker.table(),
                  images.regions(),
                  symbols,
                  content.names(),
                  suspects.stream().limit(settings.suspectsMax()).toList(),
                  named);
      named = answer.heap();
      return answer.suspects();
    }
  }

  /** jemalloc gives free pages back at its own pace; what it hands out tells more. */
  private long grownPages(PageTurnover.Change change) {
    if (change.kind() != RegionKind.JEMALLOC || jemalloc == null) {
      return change.growthPages();
    }
    double grown = points.get(points.size() - 1).inUseBytes() - points.get(0).inUseBytes();
    return Double.isNaN(grown) ? change.growthPages() : Math.round(grown / PageSize.BYTES);
  }

  /** An array that grows moves, and then it is one large thing more: what it holds tells more. */
  private static double weight(Suspect suspect) {
    return suspect.countGrowth() < FEW ? suspect.bytesGrowth() / 4.0 : suspect.bytesGrowth();
  }

  private static Suspect suspect(Group group, String kind) {
    return new Suspect(
        group.chunkBytes(),
        group.countGrowth(),
        group.bytesGrowth(),
        group.type(),
        group.module(),
        group.samples(),
        kind,
        group.addresses());
  }

  private Outcome<Result> result(Look before, Look after, List<Suspect> suspects) {
    progress.at("judging", 0.99);
    return reader
        .status()
        .map(
            status -> {
              Observations seen = new Observations(points);
              Verdict looks =
                  ShortJudge.judge(
                      seen,
                      growth(before, after),
                      suspects,
                      heapUnknown,
                      limits(status, after.seen().layout().mappingCount()));
              Verdict verdict =
                  LongRun.of(configuration, process.name(), after.time())
                      .map(longRun -> ShortJudge.within(longRun, looks))
                      .orElse(looks);
              notes.addAll(after.seen().notes());
              if (after.heap() != null) {
                after.heap().notes().stream()
                    .filter(note -> !note.startsWith("arenas found"))
                    .forEach(notes::add);
              }
              Duration span = Duration.ofNanos((long) ((after.seconds() - before.seconds()) * 1e9));
              return new Result(
                  view(after, verdict), new Diagnosis(verdict, span, suspects, notes));
            });
  }

  private List<Limit> limits(Status status, int mappingCount) {
    return reader.limits(status, mappingCount) instanceof Outcome.Sampled<List<Limit>> known
        ? known.value()
        : List.of();
  }

  private static Map<Signal, Double> growth(Look before, Look after) {
    double seconds = Math.max(1e-3, after.seconds() - before.seconds());
    Map<Signal, Double> growth = new EnumMap<>(Signal.class);
    for (RegionKind kind : RegionKind.values()) {
      long grown =
          after.seen().layout().totals(kind).residentBytes()
              - before.seen().layout().totals(kind).residentBytes();
      for (Signal signal : Signal.values()) {
        if (grown != 0 && signal.column().equals(kind.wireName() + "_bytes")) {
          growth.put(signal, grown / seconds);
        }
      }
    }
    return growth;
  }

  private ProcessView view(Look after, Verdict verdict) {
    MappingTable table = looker.table();
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
        heapUnknown,
        table.total(MappingTable.Field.RSS),
        table.total(MappingTable.Field.ANONYMOUS) + swap - lazyFree,
        swap,
        lazyFree,
        after.seen().layout(),
        named == null ? after.heap() : named,
        verdict,
        Severity.NONE,
        after.time());
  }
}
