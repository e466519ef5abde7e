package io.leakwatch.heap.golang;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.Variables;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what the Go runtimes of a process hold: it finds their tables of spans ({@link
 * SpanSearch}) and sums them up ({@link GoTally}). While a program works its collector runs under
 * the walk; then sums differ from the runtime's own count by what came and went meanwhile, and the
 * walk is tried again.
 */
public final class GoReader implements OwnerReader<GoReport> {
  private static final String NOT_FOUND = "the Go runtime's table of spans was not found";
  private static final int TRIES_MAX = 4;
  private static final double SELF_CHECK_TOLERANCE = 0.02;
  private static final int VOTES = 512;

  /** From the slice of spans to {@code pagesInUse}, by releases: 1.18, 1.16, 1.13, 1.14. */
  private static final int[] PAGES_IN_USE = {24, 32, 112, 104};

  /** From the slice of spans to {@code sweepgen}: since 1.18, before. */
  private static final int[] SWEEPGEN = {-8, -16};

  private final WalkSettings settings;
  private final SizeCensus census = new SizeCensus();

  public GoReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.GO;
  }

  /** One runtime's part. */
  private record Part(
      String versions,
      Balance balance,
      InUse inUse,
      long collections,
      double selfCheck,
      double coverage) {
    private boolean isEqual() {
      return Math.abs(selfCheck - 1) <= SELF_CHECK_TOLERANCE;
    }

    /** The same with what survived as the runtime counts it. */
    private Part with(long marked) {
      long live = Math.max(0, marked - balance.bytes(Balance.Part.UNTOUCHED));
      long all = balance.bytes(Balance.Part.LIVE) + balance.bytes(Balance.Part.GARBAGE);
      Balance.Builder counted = Balance.builder();
      for (Balance.Part part : Balance.Part.all()) {
        counted.set(part, balance.bytes(part));
      }
      Balance corrected =
          counted
              .set(Balance.Part.LIVE, Math.min(live, all))
              .set(Balance.Part.GARBAGE, all - live)
              .build();
      return new Part(versions, corrected, inUse, collections, selfCheck, coverage);
    }

    /** Pages that the kernel was just moving are there again soon. */
    private boolean isWhole() {
      return isEqual() && coverage == 1;
    }
  }

  @Override
  public Outcome<GoReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    HeapMemory memory = target.memory();
    List<Part> parts = new ArrayList<>();
    List<GoroutineGroup> goroutines = new ArrayList<>();
    List<MemoryProfile> profiles = new ArrayList<>();
    SpanSearch search =
        new SpanSearch(
            memory,
            target.space(),
            new PageCache(memory, budget),
            new Variables(memory, budget, settings.shapeScanBytesMax()));
    for (SpanSearch.Found found : search.find()) {
      Part part = part(target, found, budget, visitor);
      parts.add(part);
      named(target, found, part, budget, goroutines, profiles);
    }
    return switch (search.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report(parts, goroutines, profiles));
    };
  }

  /**
   * The first whole walk that agrees with the runtime's own count. Where none does the last one
   * tells shares, and what survived is the least that one of the collections meanwhile has marked:
   * what is allocated while a collection runs it takes for alive. Objects are shown once, by a walk
   * of their own behind it.
   */
  private Part part(
      OwnerTarget target, SpanSearch.Found found, ByteBudget budget, ObjectVisitor visitor) {
    Part part = walk(target, found, budget, ObjectVisitor.NONE);
    if (!part.isWhole()) {
      MarkedBytes marked =
          new MarkedBytes(
              target.memory(),
              budget,
              variables(target.space(), found.address()),
              found.address() + PAGES_IN_USE[0]);
      long least = marked.now();
      for (int i = 1; i < TRIES_MAX && !part.isWhole(); i++) {
        part = walk(target, found, budget, ObjectVisitor.NONE);
        least = Math.min(least, marked.now());
      }
      part = part.isWhole() || least < 0 ? part : part.with(least);
    }
    if (visitor != ObjectVisitor.NONE) {
      walk(target, found, budget, visitor);
    }
    return part;
  }

  /** What names objects with pointers by their types; null where the runtimes keep none. */
  public @Nullable ObjectTypes types(OwnerTarget target) {
    return ObjectTypes.of(target, settings);
  }

  /** The variables of the file that an address lies in; null for none. */
  static AddressSpace.@Nullable DataSegment variables(AddressSpace space, long address) {
    return space.data().stream()
        .filter(one -> address >= one.start() && address < one.end())
        .findFirst()
        .orElse(null);
  }

  /** Adds what needs the names of functions. */
  private static void named(
      OwnerTarget target,
      SpanSearch.Found found,
      Part part,
      ByteBudget budget,
      List<GoroutineGroup> goroutines,
      List<MemoryProfile> profiles) {
    AddressSpace space = target.space();
    AddressSpace.DataSegment data = variables(space, found.address());
    if (data == null) {
      return;
    }
    Variables variables = new Variables(target.memory(), budget, Long.MAX_VALUE);
    try (FunctionNames names = FunctionNames.open(target, variables, data)) {
      if (names == null) {
        return;
      }
      PageCache pages = new PageCache(target.memory(), budget);
      WaitReasons reasons = new WaitReasons(target.memory(), variables, data);
      goroutines.addAll(new Goroutines(variables, space, pages, names, reasons).in(data));
      if (target.depth() == OwnerTarget.Depth.PROFILE) {
        MemoryProfile profile =
            new AllocationSites(variables, space, pages, names)
                .in(data, part.balance().bytes(Balance.Part.LIVE));
        if (profile != null) {
          profiles.add(profile);
        }
      }
    }
  }

  private Part walk(
      OwnerTarget target, SpanSearch.Found found, ByteBudget budget, ObjectVisitor visitor) {
    census.clear();
    PageCache pages = new PageCache(target.memory(), budget);
    SpanTable table = renewed(target.memory(), found, pages);
    int sweepgen = sweepgen(target.memory(), found.address(), table);
    GoTally tally =
        new GoTally(
            table.layout(), sweepgen, pages, new Presence(target.memory()), census, visitor);
    table.walk(tally::add);
    return new Part(
        table.layout().versions(),
        tally.balance(target.space()),
        new InUse(tally.liveObjects(), census.largest(settings.censusSizesMax()), tally.slabFill()),
        Integer.toUnsignedLong(sweepgen) / 2,
        selfCheck(target.memory(), found.address(), tally.usedPages()),
        table.coverage());
  }

  /** The table where the runtime has moved it meanwhile. */
  private static SpanTable renewed(HeapMemory memory, SpanSearch.Found found, PageCache pages) {
    long[] slice = new long[2];
    boolean isThere = memory.peek(found.address(), slice, 2) == 2 && slice[1] > 0;
    SpanTable table =
        isThere
            ? new SpanTable(pages, new Presence(memory), slice[0], slice[1], found.table().layout())
            : found.table();
    return table.proves(VOTES / 8) ? table : found.table();
  }

  /** Of the words that may be the runtime's, the one that most spans fit. */
  private static int sweepgen(HeapMemory memory, long slice, SpanTable table) {
    long[] word = new long[1];
    int best = 0;
    int bestVotes = -1;
    for (int distance : SWEEPGEN) {
      if (memory.peek(slice + distance, word, 1) == 1) {
        int candidate = (int) word[0];
        int[] votes = new int[1];
        table.walk(
            VOTES,
            span -> {
              int age = table.layout().sweepgen(span) - candidate;
              votes[0] += age >= -2 && age <= 3 ? 1 : 0;
            });
        if (votes[0] > bestVotes) {
          best = candidate;
          bestVotes = votes[0];
        }
      }
    }
    return best;
  }

  /** What was counted over what the runtime counts, of the words that may be its count. */
  private static double selfCheck(HeapMemory memory, long slice, long counted) {
    long[] word = new long[1];
    double best = Double.NaN;
    for (int distance : PAGES_IN_USE) {
      if (memory.peek(slice + distance, word, 1) == 1 && word[0] > 0 && word[0] < 1L << 40) {
        double ratio = (double) counted / word[0];
        if (Double.isNaN(best) || Math.abs(Math.log(ratio)) < Math.abs(Math.log(best))) {
          best = ratio;
        }
      }
    }
    return best;
  }

  private GoReport report(
      List<Part> parts, List<GoroutineGroup> goroutines, List<MemoryProfile> profiles) {
    if (parts.isEmpty()) {
      return new GoReport(
          Recognition.none(NOT_FOUND),
          Balance.ZERO,
          InUse.NONE,
          0,
          GoroutineCensus.NONE,
          List.of());
    }
    Balance balance = Balance.ZERO;
    long objects = 0;
    SlabFills.Builder slabs = new SlabFills.Builder();
    long collections = 0;
    double coverage = 1;
    double selfCheck = 1;
    List<String> notes = new ArrayList<>();
    for (Part part : parts) {
      balance = balance.plus(part.balance());
      objects += part.inUse().objects();
      slabs.add(part.inUse().slabFill());
      collections = Math.max(collections, part.collections());
      coverage = Math.min(coverage, part.coverage());
      selfCheck =
          Math.abs(part.selfCheck() - 1) > Math.abs(selfCheck - 1) ? part.selfCheck() : selfCheck;
      if (!part.isEqual()) {
        notes.add("the collector ran during the walk: sums are approximate");
      }
    }
    String versions = String.join(", ", parts.stream().map(Part::versions).distinct().toList());
    return new GoReport(
        new Recognition(versions, coverage, selfCheck, coverage, notes),
        balance,
        new InUse(objects, census(parts), slabs.build()),
        collections,
        GoroutineCensus.of(goroutines),
        List.copyOf(profiles));
  }

  /** Of all runtimes together. */
  private List<SizeClass> census(List<Part> parts) {
    if (parts.size() == 1) {
      return parts.get(0).inUse().census();
    }
    Map<Long, SizeClass> sizes = new HashMap<>();
    for (Part part : parts) {
      part.inUse()
          .census()
          .forEach(
              size ->
                  sizes.merge(
                      size.chunkBytes(),
                      size,
                      (one, other) ->
                          new SizeClass(
                              one.chunkBytes(),
                              one.count() + other.count(),
                              one.bytes() + other.bytes())));
    }
    return SizeClasses.of(
        sizes.values().stream()
            .sorted(Comparator.comparingLong(SizeClass::bytes).reversed())
            .limit(settings.censusSizesMax())
            .toList());
  }
}
