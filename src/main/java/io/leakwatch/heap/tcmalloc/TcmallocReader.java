package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.InUse;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what gperftools' tcmalloc holds in a live process, without symbols: the sizes
 * of its classes are found by their pattern, the map of pages by entries that prove themselves
 * ({@link PageMap}), the central lists by the numbers of their classes, the threads' caches by
 * their shape. In use is what spans do not have free, less what threads and transfer slots hold
 * ready: what {@code malloc_stats} tells, to the byte where the program stands still.
 *
 * <p>Two sums of the library's own check it: the free objects that each central list counts against
 * those counted span by span, and the bytes that the page heap has from the system against those of
 * all spans. One object serves one thread.
 */
public final class TcmallocReader implements OwnerReader<TcmallocReport> {
  private static final String NOT_FOUND = "tcmalloc's structures were not found";
  private static final String NOT_KNOWN = "layout not recognised";

  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  /** From it on nothing is read again. */
  private static final double COVERAGE_GOOD = 0.995;

  /** The library's sums may be off by it, as memory moves while they are read. */
  private static final double DEVIATION_MAX = 0.25;

  /** Objects, or pages, that a sum of a small heap may be off by. */
  private static final long SLACK = 2048;

  private static final int ATTEMPTS_MAX = 2;

  private final WalkSettings settings;

  public TcmallocReader(WalkSettings settings) {
    this.settings = settings;
  }

  /** What of tcmalloc lies among a library's variables. */
  private record Found(DataSegment data, SizeMap sizes, MapRoot root, CentralCaches central) {}

  @Override
  public Allocator owner() {
    return Allocator.TCMALLOC;
  }

  @Override
  public Outcome<TcmallocReport> read(OwnerTarget target, ObjectVisitor visitor) {
    AddressSpace space = target.space();
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    HeapMemory memory = target.memory();
    PageMap map = new PageMap(memory, budget, space, new Words(memory, budget));
    TcmallocReport report = TcmallocReport.none(whyNot(target));
    Found found = find(new Words(memory, budget), map, space);
    if (found != null) {
      report = read(target, found, budget, visitor);
    }
    return switch (map.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }

  /** Google's own names its mappings where the kernel lets it. */
  private static String whyNot(OwnerTarget target) {
    for (int i = 0; i < target.table().size(); i++) {
      if (target.table().name(i).startsWith("[anon:tcmalloc")) {
        return "google tcmalloc, " + NOT_KNOWN;
      }
    }
    return NOT_FOUND;
  }

  private @Nullable Found find(Words words, PageMap map, AddressSpace space) {
    for (DataSegment data : space.data()) {
      SizeMap sizes = data.libc() ? null : SizeMap.find(words, data, settings.shapeScanBytesMax());
      if (sizes == null) {
        continue;
      }
      CentralCaches central =
          CentralCaches.find(words, data, settings.shapeScanBytesMax(), sizes.classes());
      MapRoot root =
          central == null
              ? MapRoot.NONE
              : map.find(data, settings.shapeScanBytesMax(), sizes.isOld());
      if (central != null && root.root() != 0) {
        return new Found(data, sizes, root, central);
      }
    }
    return null;
  }

  /** Walks through the mappings as they are now: a heap that grows leaves those of before. */
  private TcmallocReport read(
      OwnerTarget target, Found found, ByteBudget budget, ObjectVisitor visitor) {
    TcmallocReport best = TcmallocReport.none(NOT_KNOWN);
    int attempts = visitor == ObjectVisitor.NONE ? ATTEMPTS_MAX : 1;
    for (int i = 0; i < attempts && best.recognition().coverage() < COVERAGE_GOOD; i++) {
      OwnerTarget now =
          target.renewed() instanceof Outcome.Sampled<OwnerTarget> sampled
              ? sampled.value()
              : target;
      Words words = new Words(now.memory(), budget);
      PageMap map = new PageMap(now.memory(), budget, now.space(), words);
      SpanTally tally = new SpanTally(words, new Presence(now.memory()), found.sizes(), visitor);
      map.walk(found.root(), tally);
      TcmallocReport report = report(now, found, map.coverage(), tally, words, visitor);
      if (report.recognition().coverage() > best.recognition().coverage()) {
        best = report;
      }
    }
    return best;
  }

  private TcmallocReport report(
      OwnerTarget target,
      Found found,
      double coverage,
      SpanTally tally,
      Words words,
      ObjectVisitor visitor) {
    SizeMap sizes = found.sizes();
    AddressSpace space = target.space();
    ThreadLists threads = new ThreadLists(words, sizes, space);
    threads.find(found.data(), settings.shapeScanBytesMax());
    CachedObjects cached =
        new CachedObjects(
            words, sizes, tally, visitor, settings.listEntriesMax(), target.memory().pageBytes());
    cached.add(threads);
    cached.add(found.central());
    double deviation = deviation(found.central(), tally, words, sizes);
    long systemBytes = new SystemBytes(words, tally).find(found.data(), settings);
    double selfCheck = systemBytes == 0 ? Double.NaN : (double) tally.systemBytes() / systemBytes;
    if (coverage < COVERAGE_MIN
        || deviation > DEVIATION_MAX
        || Math.abs(selfCheck - 1) > DEVIATION_MAX) {
      return TcmallocReport.none(NOT_KNOWN);
    }
    long foreign =
        tally
            .owned()
            .foreignBytes(target, new Presence(target.memory()), tally.runs()::addMetadata);
    TcmallocReport.Sums sums = sums(cached, tally, sizes);
    return new TcmallocReport(
        new Recognition(version(found), 1 - deviation, selfCheck, coverage, notes(threads, cached)),
        sums,
        tally.balance(),
        new InUse(objects(cached, tally, sizes), census(cached, tally, sizes), tally.slabFill()),
        foreign,
        new GrowthStacks(words, space)
            .find(found.data(), settings.shapeScanBytesMax(), tally.systemBytes()));
  }

  private static String version(Found found) {
    return found.sizes().isOld() ? "gperftools 2.0-2.5" : "gperftools 2.6-2.18";
  }

  private static List<String> notes(ThreadLists threads, CachedObjects cached) {
    List<String> notes = new ArrayList<>();
    if (!threads.areKnown()) {
      notes.add("threads' caches were not found: what they hold ready counts as in use");
    } else if (threads.isCut()) {
      notes.add("not all threads' caches were read: what the others hold ready counts as in use");
    }
    if (cached.isCut()) {
      notes.add("more objects are held ready than are followed: the others look in use");
    }
    return notes;
  }

  /** By how much the central lists' counts differ from those of the spans. */
  private static double deviation(
      CentralCaches central, SpanTally tally, Words words, SizeMap sizes) {
    double differing = 0;
    double counted = 0;
    for (int i = 1; i < sizes.classes(); i++) {
      long free = central.freeObjects(words, i);
      differing += Math.abs((double) free - tally.free(i));
      counted += Math.max(free, tally.free(i));
    }
    return Math.max(0, differing - SLACK) / Math.max(1, counted);
  }

  private static TcmallocReport.Sums sums(CachedObjects cached, SpanTally tally, SizeMap sizes) {
    long inUse = tally.wholeBytes(Span.IN_USE);
    long central = 0;
    for (int i = 1; i < sizes.classes(); i++) {
      inUse += cached.live(i) * sizes.size(i);
      central += tally.free(i) * sizes.size(i);
    }
    return new TcmallocReport.Sums(
        inUse,
        cached.threadBytes(),
        cached.transferBytes(),
        central,
        tally.wholeBytes(Span.FREE),
        tally.wholeBytes(Span.RETURNED),
        tally.systemBytes());
  }

  private static long objects(CachedObjects cached, SpanTally tally, SizeMap sizes) {
    long objects = tally.wholeObjects();
    for (int i = 1; i < sizes.classes(); i++) {
      objects += cached.live(i);
    }
    return objects;
  }

  private List<SizeClass> census(CachedObjects cached, SpanTally tally, SizeMap sizes) {
    List<SizeClass> census = new ArrayList<>(tally.large(settings.censusSizesMax()));
    for (int i = 1; i < sizes.classes(); i++) {
      if (cached.live(i) > 0) {
        long size = sizes.size(i);
        census.add(new SizeClass(size, cached.live(i), size * cached.live(i)));
      }
    }
    census.sort(Comparator.comparingLong(SizeClass::bytes).reversed());
    return SizeClasses.of(census.subList(0, Math.min(settings.censusSizesMax(), census.size())));
  }
}
