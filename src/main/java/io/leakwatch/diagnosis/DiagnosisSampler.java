package io.leakwatch.diagnosis;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.golang.ObjectTypes;
import io.leakwatch.heap.hotspot.ClassNames;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.OwnerTarget.Depth;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.inspection.BytePace;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.MappingReader;
import io.leakwatch.inspection.OwnerReaders;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classification;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Observations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the readings of a diagnosis: the mappings of one process and what their owners hold, each a
 * point of the course that is judged.
 */
final class DiagnosisSampler {
  private final ProcessReader reader;
  private final ExecutableCache images;
  private final RegionMap regions;
  private final WalkSettings settings;
  private final boolean paced;
  private final Course course;
  private final OwnerReaders owners;
  private final MappingReader mappings = new MappingReader(SystemTime.TIME);
  private final MappingTable cheap = new MappingTable();
  private final List<Observations.Point> points = new ArrayList<>();
  private List<String> allocators = List.of();
  private String heapUnknown = "";

  /**
   * One exact reading with a walk.
   *
   * @param heaps what the owners hold whose structures were recognised
   * @param seconds on the clock of the course, when it ended
   */
  record Reading(Classification seen, OwnerReports heaps, double seconds, Instant time) {}

  /**
   * No reading yet.
   *
   * @param regions that the images fill
   * @param paced whether walks keep to the budget of the settings in bytes a second
   * @param course tells the time of each
   */
  DiagnosisSampler(
      ProcessReader reader,
      ExecutableCache images,
      RegionMap regions,
      WalkSettings settings,
      boolean paced,
      Course course) {
    this.reader = reader;
    this.images = images;
    this.regions = regions;
    this.settings = settings;
    this.paced = paced;
    this.course = course;
    this.owners = new OwnerReaders(settings);
  }

  /**
   * Looks exactly, and shows each object to the visitor of its owner.
   *
   * @param visitors the one for each owner
   */
  Outcome<Reading> exact(Function<Allocator, ObjectVisitor> visitors) {
    return mappings
        .exact(reader, images)
        .flatMap(
            seen ->
                reader
                    .status()
                    .map(
                        status -> {
                          allocators = seen.layout().allocators();
                          OwnerReports heaps =
                              known(walk(mappings.table(), Depth.PROFILE, visitors));
                          double at = course.seconds();
                          points.add(point(at, status, heaps));
                          return new Reading(seen, heaps, at, course.time());
                        }));
  }

  /** A cheaper reading on the way between two exact ones, for its point alone. */
  void between() {
    Observations.Point point = cheaply();
    if (point != null) {
      points.add(point);
    }
  }

  /** A cheaper reading behind the last one, null where there is none. */
  Observations.@Nullable Point afterwards() {
    return course.goesOn() ? cheaply() : null;
  }

  /** A cheaper reading, null where it was refused. */
  private Observations.@Nullable Point cheaply() {
    if (reader.maps(cheap, ReadMeter.UNPACED) instanceof Outcome.Sampled
        && reader.status() instanceof Outcome.Sampled<Status> status) {
      OwnerReports heaps =
          heapUnknown.isEmpty()
                  && walk(cheap, Depth.SUMS, owner -> ObjectVisitor.NONE)
                      instanceof Outcome.Sampled<OwnerReports> walked
              ? new OwnerReports(walked.value().recognised())
              : OwnerReports.NONE;
      return point(course.seconds(), status.value(), heaps);
    }
    return null;
  }

  /** Walks over the memory of the owners as it is now, for whoever asks where something lies. */
  Outcome<OwnerReports> walkAgain(ObjectVisitor visitor) {
    return reader
        .maps(cheap, ReadMeter.UNPACED)
        .flatMap(now -> walk(now, Depth.SUMS, owner -> visitor));
  }

  /** What names the objects of a Java heap; null where there is none, or it cannot be read. */
  @Nullable ClassNames javaClasses() {
    return named(owners::javaClasses);
  }

  /** What names objects of Go; null where there are none, or they have no types. */
  @Nullable ObjectTypes goTypes() {
    return named(owners::goTypes);
  }

  private <N> @Nullable N named(Function<OwnerTarget, @Nullable N> names) {
    return OwnerTarget.of(reader, mappings.table(), allocators, ReadMeter.UNPACED, walkPace())
            instanceof Outcome.Sampled<OwnerTarget> target
        ? names.apply(target.value())
        : null;
  }

  private Outcome<OwnerReports> walk(
      MappingTable table, Depth depth, Function<Allocator, ObjectVisitor> visitors) {
    return owners.read(reader, table, allocators, ReadMeter.UNPACED, walkPace(), depth, visitors);
  }

  /** What was read of it is known; where that is nothing, it is said why. */
  private OwnerReports known(Outcome<OwnerReports> walked) {
    heapUnknown = walked.problem();
    if (!(walked instanceof Outcome.Sampled<OwnerReports> sampled)) {
      return OwnerReports.NONE;
    }
    OwnerReports known = new OwnerReports(sampled.value().recognised());
    if (allocators.isEmpty()) {
      heapUnknown = "its allocator is unknown";
    } else if (sampled.value().owners().isEmpty()) {
      heapUnknown = "what " + allocators.get(0) + " holds cannot be read";
    } else if (known.owners().isEmpty()) {
      heapUnknown = sampled.value().owners().get(0).recognition().notes().get(0);
    }
    return known;
  }

  private Observations.Point point(double at, Status status, OwnerReports heaps) {
    double anonymous =
        SampleAssembly.anonymousBytes(
            status, null, mappings.table().total(MappingTable.Field.LAZY_FREE));
    return heaps.isTrusted()
        ? new Observations.Point(
            at,
            anonymous,
            heaps.inUseNowBytes(),
            heaps.freeBytes(),
            heaps.garbageBytes(),
            heaps.pinnedBytes())
        : new Observations.Point(at, anonymous, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  private ReadPace walkPace() {
    return BytePace.when(paced, settings.bytesPerSecondMax(), SystemTime.TIME);
  }

  /** What each reading saw, in order. */
  List<Observations.Point> points() {
    return points;
  }

  /** What the process has more than at the first reading: in use, or else resident; may shrink. */
  double grownBytes() {
    Observations.Point from = points.get(0);
    Observations.Point to = points.get(points.size() - 1);
    double anonymous = to.anonymousBytes() - from.anonymousBytes();
    double inUse = to.inUseBytes() - from.inUseBytes();
    return Double.isNaN(inUse) ? anonymous : Math.max(inUse, anonymous);
  }

  /** Why the last exact reading does not know what the owners hold, {@code ""} when it does. */
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
