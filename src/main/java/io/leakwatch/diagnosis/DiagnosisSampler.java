package io.leakwatch.diagnosis;

import io.leakwatch.heap.ChunkVisitor;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.jemalloc.JemallocReader;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.ptmalloc.HeapWalker;
import io.leakwatch.inspection.BytePace;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.MappingReader;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Observations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the readings of a diagnosis: the mappings of one process and what its allocator holds, each
 * a point of the course that is judged.
 */
final class DiagnosisSampler {
  private static final double COVERAGE_TRUSTED = 0.98;

  private final ProcessReader reader;
  private final ExecutableCache images;
  private final RegionMap regions;
  private final WalkSettings settings;
  private final boolean paced;
  private final MappingReader mappings = new MappingReader(SystemTime.TIME);
  private final MappingTable cheap = new MappingTable();
  private final HeapWalker walker;
  private final JemallocReader jemallocReader;
  private final List<Observations.Point> points = new ArrayList<>();
  private @Nullable JemallocReport jemalloc;
  private String heapUnknown = "";

  /**
   * One exact reading with a walk.
   *
   * @param heap null when ptmalloc's heaps could not be walked
   * @param seconds on the clock of {@link #now}, when it ended
   */
  record Reading(Classification seen, @Nullable HeapReport heap, double seconds, Instant time) {}

  /**
   * No reading yet.
   *
   * @param regions that the images fill
   * @param paced whether walks keep to the budget of the settings in bytes a second
   */
  DiagnosisSampler(
      ProcessReader reader,
      ExecutableCache images,
      RegionMap regions,
      WalkSettings settings,
      boolean paced) {
    this.reader = reader;
    this.images = images;
    this.regions = regions;
    this.settings = settings;
    this.paced = paced;
    this.walker = new HeapWalker(settings);
    this.jemallocReader = new JemallocReader(settings);
  }

  /** Seconds of a clock that only goes forward. */
  static double now() {
    return SystemTime.TIME.nanos() / 1e9;
  }

  /** Looks exactly, and shows each chunk to the visitor. */
  Outcome<Reading> exact(ChunkVisitor visitor) {
    return mappings
        .exact(reader, images)
        .flatMap(
            seen ->
                reader
                    .status()
                    .map(
                        status -> {
                          HeapReport heap = walk(seen.layout(), visitor);
                          double at = now();
                          points.add(point(at, status, heap, jemalloc));
                          return new Reading(seen, heap, at, SystemTime.TIME.now());
                        }));
  }

  /** A cheaper reading on the way between two exact ones, for its point alone. */
  void between() {
    Observations.Point point = cheaply();
    if (point != null) {
      points.add(point);
    }
  }

  /** A cheaper reading, null where it was refused. */
  Observations.@Nullable Point cheaply() {
    if (reader.maps(cheap, ReadMeter.UNPACED) instanceof Outcome.Sampled
        && reader.status() instanceof Outcome.Sampled<Status> status) {
      JemallocReport own = jemalloc == null ? null : known(jemalloc(cheap));
      HeapReport heap = jemalloc == null && heapUnknown.isEmpty() ? walkAgain() : null;
      return point(now(), status.value(), heap, own);
    }
    return null;
  }

  private @Nullable HeapReport walkAgain() {
    return walker.walk(reader, cheap, ReadMeter.UNPACED, walkPace())
            instanceof Outcome.Sampled<HeapReport> walked
        ? walked.value()
        : null;
  }

  private @Nullable HeapReport walk(Layout layout, ChunkVisitor visitor) {
    heapUnknown = "";
    jemalloc = null;
    if (Allocator.JEMALLOC.isAmong(layout.allocators())
        && !Allocator.PTMALLOC.isFirstOf(layout.allocators())) {
      Outcome<JemallocReport> read = jemalloc(mappings.table());
      jemalloc = known(read);
      if (jemalloc == null) {
        heapUnknown =
            read.problem().isEmpty() ? "jemalloc's structures were not found" : read.problem();
      }
      return null;
    }
    if (!Allocator.PTMALLOC.isAmong(layout.allocators())) {
      heapUnknown =
          layout.allocators().isEmpty()
              ? "its allocator is unknown"
              : "only ptmalloc's heaps can be walked, this is " + layout.allocators().get(0);
      return null;
    }
    Outcome<HeapReport> walked =
        walker.walk(reader, mappings.table(), ReadMeter.UNPACED, walkPace(), visitor);
    if (!walked.problem().isEmpty()) {
      heapUnknown = walked.problem();
      return null;
    }
    if (!(walked instanceof Outcome.Sampled<HeapReport> sampled)
        || sampled.value().arenas().isEmpty()) {
      heapUnknown = "no arena of a known layout was found";
      return null;
    }
    return sampled.value();
  }

  private Outcome<JemallocReport> jemalloc(MappingTable table) {
    return jemallocReader.read(reader, table, ReadMeter.UNPACED, walkPace());
  }

  /** What was read, null where that is nothing. */
  private static @Nullable JemallocReport known(Outcome<JemallocReport> read) {
    return read instanceof Outcome.Sampled<JemallocReport> sampled
            && !sampled.value().arenas().isEmpty()
        ? sampled.value()
        : null;
  }

  private Observations.Point point(
      double at, Status status, @Nullable HeapReport heap, @Nullable JemallocReport own) {
    double anonymous =
        SampleAssembly.anonymousBytes(
            status, null, mappings.table().total(MappingTable.Field.LAZY_FREE));
    if (own != null && own.coverage() >= COVERAGE_TRUSTED) {
      return new Observations.Point(
          at, anonymous, own.total().allocatedBytes(), own.freeBytes(), Double.NaN);
    }
    if (heap == null || heap.walk().coverage() < COVERAGE_TRUSTED) {
      return new Observations.Point(at, anonymous, Double.NaN, Double.NaN, Double.NaN);
    }
    HeapTotals totals = HeapTotals.of(heap);
    return new Observations.Point(
        at, anonymous, heap.backedBytes(), (double) totals.keptBytes(), totals.pinnedBytes());
  }

  private ReadPace walkPace() {
    return BytePace.when(paced, settings.bytesPerSecondMax(), SystemTime.TIME);
  }

  /** What each reading saw, in order. */
  List<Observations.Point> points() {
    return points;
  }

  /** What jemalloc held at the last reading, null when it did not say. */
  @Nullable JemallocReport jemalloc() {
    return jemalloc;
  }

  /** What the process has more than at the first reading: in use, or else resident; may shrink. */
  double grownBytes() {
    Observations.Point from = points.get(0);
    Observations.Point to = points.get(points.size() - 1);
    double anonymous = to.anonymousBytes() - from.anonymousBytes();
    double inUse = to.inUseBytes() - from.inUseBytes();
    return Double.isNaN(inUse) ? anonymous : Math.max(inUse, anonymous);
  }

  /** What more jemalloc hands out since the first reading; {@code NaN} when it does not say. */
  double jemallocGrowthBytes() {
    return jemalloc == null
        ? Double.NaN
        : points.get(points.size() - 1).inUseBytes() - points.get(0).inUseBytes();
  }

  /** Why the last exact reading does not know what the allocator holds, {@code ""} when it does. */
  String heapUnknown() {
    return heapUnknown;
  }

  /** The mappings of the last reading. */
  MappingTable table() {
    return mappings.table();
  }

  /** The mappings of the last exact reading by kind. */
  RegionMap regions() {
    return regions;
  }
}
