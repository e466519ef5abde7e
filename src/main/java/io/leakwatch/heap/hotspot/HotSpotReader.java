package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.hotspot.JavaHeap.Collector;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what a HotSpot JVM holds while it runs: its counters ({@link PerfCounters}),
 * the spaces of its heap ({@link JavaHeap}) and, where types are wanted, the objects in those that
 * survived ({@link ClassHistogram}). A collection that comes between moves them; then the look is
 * repeated.
 */
public final class HotSpotReader implements OwnerReader<HotSpotReport> {
  private static final int TRIES_MAX = 4;
  private static final int LIBRARIES_MAX = 64;
  private static final long HISTOGRAM_BYTES_MAX = 4L << 30;

  private final WalkSettings settings;
  private final long histogramBytesMax;
  private final SizeCensus census = new SizeCensus();
  private final OldFloors floors = new OldFloors();
  private final Map<String, Library> libraries =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Library> eldest) {
          return size() > LIBRARIES_MAX;
        }
      };

  /** What a loaded library of a JVM says of itself; it stays the same. */
  private record Library(VmStructs structs, Map<String, Long> flags) {}

  /** What one look saw. */
  private record Look(
      HeapUse use, List<Space> spaces, @Nullable ClassHistogram histogram, boolean isSteady) {}

  public HotSpotReader(WalkSettings settings) {
    this(settings, Math.min(settings.bytesMax(), HISTOGRAM_BYTES_MAX));
  }

  /** One that reads so much of old spaces at the most. */
  HotSpotReader(WalkSettings settings, long histogramBytesMax) {
    this.settings = settings;
    this.histogramBytesMax = histogramBytesMax;
  }

  @Override
  public Allocator owner() {
    return Allocator.JVM;
  }

  @Override
  public Outcome<HotSpotReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    try (TargetWords words = new TargetWords(target, budget)) {
      HotSpotReport report = report(target, words, budget, visitor);
      return switch (words.failure()) {
        case HeapMemory.GONE -> Outcome.vanished();
        case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
        default -> Outcome.sampled(report);
      };
    }
  }

  /** What names its objects; null where the JVM's own tables cannot be read. */
  public @Nullable ClassNames classNames(OwnerTarget target) {
    TargetWords words = new TargetWords(target, new ByteBudget(settings.bytesMax(), target.pace()));
    AddressSpace.DataSegment data = VmStructs.library(target.space());
    Library library = data == null ? null : library(target, data, words);
    if (library == null) {
      words.close();
      return null;
    }
    return new ClassNames(library.structs(), new JvmFlags(library.flags(), words), words);
  }

  private HotSpotReport report(
      OwnerTarget target, TargetWords words, ByteBudget budget, ObjectVisitor visitor) {
    AddressSpace.DataSegment data = VmStructs.library(target.space());
    Library library = data == null ? null : library(target, data, words);
    if (library == null) {
      return HotSpotReport.none("the JVM's tables of its own structures were not read");
    }
    Look look = look(target, library, budget, ObjectVisitor.NONE);
    for (int i = 1; i < TRIES_MAX && !look.isSteady(); i++) {
      look = look(target, library, budget, ObjectVisitor.NONE);
    }
    if (visitor != ObjectVisitor.NONE) {
      look = look(target, library, budget, visitor);
    }
    return new Summary(target, library.structs(), new JvmFlags(library.flags(), words), words)
        .report(look);
  }

  private @Nullable Library library(
      OwnerTarget target, AddressSpace.DataSegment data, TargetWords words) {
    String key = data.path() + ":" + target.table().inode(data.mapping()) + ":" + data.start();
    Library known = libraries.get(key);
    if (known == null) {
      VmStructs structs = VmStructs.read(target, data, words);
      if (structs == null) {
        return null;
      }
      known = new Library(structs, JvmFlags.addresses(structs, words));
      libraries.put(key, known);
    }
    return known;
  }

  private Look look(OwnerTarget target, Library library, ByteBudget budget, ObjectVisitor visitor) {
    census.clear();
    try (TargetWords words = new TargetWords(target, budget)) {
      JvmFlags flags = new JvmFlags(library.flags(), words);
      JavaHeap heap = new JavaHeap(library.structs(), flags, words);
      long before = heap.collections();
      List<Space> spaces = heap.spaces();
      HeapUse use = new HeapUse(target.table(), new Presence(target.memory()), heap, spaces);
      ClassHistogram histogram = null;
      boolean isWanted =
          target.depth() == OwnerTarget.Depth.PROFILE || visitor != ObjectVisitor.NONE;
      if (isWanted && !spaces.isEmpty()) {
        histogram =
            new ClassHistogram(target, library.structs(), flags, words, budget, census, visitor);
        histogram.count(heap, spaces, histogramBytesMax);
      }
      return new Look(use, spaces, histogram, before == heap.collections());
    }
  }

  /** What a look says, put together with what the JVM counts. */
  private final class Summary {
    private final OwnerTarget target;
    private final JavaHeap heap;
    private final PerfCounters counters;
    private final String release;
    private final List<String> notes = new ArrayList<>();

    private Summary(OwnerTarget target, VmStructs structs, JvmFlags flags, TargetWords words) {
      this.target = target;
      this.heap = new JavaHeap(structs, flags, words);
      this.counters = counters(target, structs, words);
      this.release =
          words.text(words.word(structs.address("Abstract_VM_Version._s_vm_release")), 64);
    }

    private HotSpotReport report(Look look) {
      Collector collector = heap.collector();
      ClassHistogram histogram = look.histogram();
      if (counters.isEmpty()) {
        notes.add("the JVM keeps no counters (-XX:-UsePerfData): live is what is old now");
      }
      if (look.spaces().isEmpty()) {
        notes.add("of " + collector.label() + " only counters are read, no objects");
      }
      if (!look.isSteady()) {
        notes.add("the JVM collected during each look: counts are approximate");
      }
      if (histogram != null) {
        notes.addAll(histogram.notes());
      }
      String stated = counters.text("java.property.java.version");
      String version = !stated.isEmpty() ? stated : release.isEmpty() ? "unknown" : release;
      double coverage = histogram == null ? 1 : histogram.coverage();
      return new HotSpotReport(
          new Recognition(version, coverage, Double.NaN, coverage, notes),
          balance(look),
          histogram == null ? 0 : histogram.objects(),
          heap.collections(),
          figures(version, histogram),
          histogram == null ? List.<SizeClass>of() : census.largest(settings.censusSizesMax()),
          histogram == null ? List.<MemoryProfile>of() : List.of(histogram.profile()));
    }

    private HotSpotReport.Figures figures(String version, @Nullable ClassHistogram histogram) {
      return new HotSpotReport.Figures(
          version,
          heap.collector().label(),
          counters.number("java.threads.live"),
          new HotSpotReport.ClassCount(
              counters.sum("java.cls.loadedClasses", "java.cls.sharedLoadedClasses"),
              counters.sum("java.cls.unloadedClasses", "java.cls.sharedUnloadedClasses")),
          counters.number("sun.gc.metaspace.used"),
          counters.sum(
              "sun.gc.generation.1.space.0.used",
              "sun.gc.generation.0.space.1.used",
              "sun.gc.generation.0.space.2.used"),
          histogram == null ? -1 : histogram.directBytes());
    }

    private Balance balance(Look look) {
      HeapUse use = look.use();
      long live = Math.min(use.oldBytes(), live(look.spaces()));
      JvmMappings others =
          new JvmMappings(
              target.table(),
              target.memory(),
              new Presence(target.memory()),
              heap.start(),
              heap.end());
      others.measure();
      return Balance.builder()
          .set(Balance.Part.LIVE, live)
          .set(Balance.Part.GARBAGE, use.youngBytes() + use.oldBytes() - live)
          .set(Balance.Part.KEPT, use.freeBytes())
          .set(Balance.Part.METADATA, others.metadataBytes())
          .set(Balance.Part.CODE, others.codeBytes())
          .set(Balance.Part.RETURNED, use.absentBytes())
          .build();
    }

    /** Of the old generation, or of all where there are none. */
    private long live(List<Space> spaces) {
      long used = counters.number("sun.gc.generation.1.space.0.used");
      if (used < 0) {
        used = counters.number("sun.gc.generation.0.space.0.used");
      }
      if (used < 0) {
        return spaces.isEmpty()
            ? Long.MAX_VALUE
            : spaces.stream()
                .filter(space -> space.kind().isOld())
                .mapToLong(Space::usedBytes)
                .sum();
      }
      long cleanings =
          counters.sum(
              "sun.gc.collector.1.invocations",
              heap.collector() == Collector.G1 ? "sun.gc.collector.2.invocations" : "");
      String jvm = heap.start() + ":" + counters.number("sun.rt.createVmBeginTime");
      return floors.note(jvm, heap.collector(), cleanings, used);
    }
  }

  /** From the file that a JVM shares them by, or where it says that it keeps them. */
  private static PerfCounters counters(OwnerTarget target, VmStructs structs, TargetWords words) {
    for (int i = 0; i < target.table().size(); i++) {
      if (target.table().name(i).contains("/hsperfdata_")) {
        PerfCounters counters = counters(target.table().start(i), words);
        if (!counters.isEmpty()) {
          return counters;
        }
      }
    }
    return counters(words.word(structs.address("PerfMemory._start")), words);
  }

  private static PerfCounters counters(long start, TargetWords words) {
    long[] head = new long[2];
    if (!words.read(start, head, 2)) {
      return PerfCounters.NONE;
    }
    byte[] bytes = words.bytes(start, PerfCounters.usedBytes(head[0], head[1]));
    return bytes == null ? PerfCounters.NONE : PerfCounters.of(ByteBuffer.wrap(bytes));
  }
}
