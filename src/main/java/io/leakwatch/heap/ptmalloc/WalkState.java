package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One walk over the arenas that were found, from their free lists to the report.
 *
 * <p>A heap of gigabytes takes seconds to read, and its owner goes on meanwhile: arenas get further
 * heaps, and further arenas come. So when the walk is through, what the arenas say to have is asked
 * again; where it is more, the heaps are searched for once more and the new ones walked. What is
 * missing from the arenas' own sums after that was not walked, and lowers the coverage.
 */
final class WalkState {
  private final HeapMemory memory;
  private final WalkSettings settings;
  private final ByteBudget budget;
  private final SizeCensus census;
  private final AddressSpace space;
  private final ObjectVisitor visitor;
  private final Presence presence;
  private final StripDraft strips;
  private final List<String> notes = new ArrayList<>();
  private final List<Arena> arenas = new ArrayList<>();
  private final List<ArenaTally> tallies = new ArrayList<>();
  private final Set<Long> walkedHeaps = new HashSet<>();
  private long swappedBytes;

  WalkState(
      HeapMemory memory,
      WalkSettings settings,
      ByteBudget budget,
      SizeCensus census,
      AddressSpace space,
      ObjectVisitor visitor) {
    this.memory = memory;
    this.settings = settings;
    this.budget = budget;
    this.census = census;
    this.space = space;
    this.visitor = visitor;
    this.presence = new Presence(memory);
    this.strips = new StripDraft(new Presence(memory));
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} if the walk met that, else 0. */
  int failure() {
    return presence.failure();
  }

  /**
   * Walks.
   *
   * @param again searches for the arenas once more; null where they are not found
   */
  HeapReport walk(
      ArenaFinder.Found found, Supplier<ArenaFinder.@Nullable Found> again, MaskedWords masked) {
    Arena main = found.arenas().get(0);
    GlibcLayout layout = found.layout();
    MallocParameters parameters = parameters(layout, main);
    if (parameters == null && layout == GlibcLayout.V2_27 && found.arenas().size() == 1) {
      parameters = parameters(GlibcLayout.V2_35, main); // Only heaps distinguish the two.
      layout = parameters == null ? layout : GlibcLayout.V2_35;
    }
    ThreadCaches caches =
        new ThreadCaches(
            memory,
            budget,
            ThreadCaches.layoutOf(memory, found.arenas(), layout, parameters),
            settings.cacheCandidatesMax());
    FreeLists lists =
        new FreeLists(new PageCache(memory, budget), space.anonymous(), settings.listEntriesMax());
    ArenaSegments segments = new ArenaSegments(memory, layout, space);
    AddressRanges heaps = ranges(found.arenas(), List.of());
    List<long[]> regions =
        segments.mayLeaveBrk(main)
            ? new MainRegions(memory, presence, budget, settings).find(space, heaps, main.state())
            : List.of();
    Presence tallyPresence = new Presence(memory);
    ChunkWalk walk = new ChunkWalk(memory, presence, budget, settings.windowBytes());
    long thpPageBytes = parameters == null ? 0 : parameters.thpPageBytes();
    Function<Arena, ArenaTally> begin =
        arena -> begin(arena, tallyPresence, caches, lists, thpPageBytes);
    for (Arena arena : found.arenas()) {
      ArenaTally tally = begin.apply(arena);
      walk(
          walk,
          arena.main()
              ? segments.ofMain(arena, parameters, regions)
              : segments.ofHeaps(arena, tally, walkedHeaps),
          tally);
    }
    ArenaFinder.Found now = hasGrown(layout) ? again.get() : null;
    if (now != null) {
      catchUp(now, begin, segments, walk);
    }
    caches.takeBack(arenas, tallies, lists, census);
    MmappedChunks mmapped =
        new MmappedChunks(memory, new Presence(memory), budget, settings, census, visitor);
    mmapped.search(
        space.mmapped(),
        ranges(arenas, regions),
        layout,
        parameters == null ? -1 : parameters.mmapCount());
    note(found, layout, parameters, caches, lists, mmapped);
    return new WalkReport(memory, layout, masked)
        .of(arenas, tallies, mmapped, parameters, census.largest(settings.censusSizesMax()), notes)
        .with(strips.strips());
  }

  /**
   * Walks what came while the rest was read: new arenas and heaps, and what lies behind the tops.
   */
  private void catchUp(
      ArenaFinder.Found now,
      Function<Arena, ArenaTally> begin,
      ArenaSegments segments,
      ChunkWalk walk) {
    for (Arena arena : now.arenas()) {
      int at = indexOf(arena.state().address());
      ArenaTally tally = at < 0 ? begin.apply(arena) : tallies.get(at);
      if (at >= 0) {
        arenas.set(at, arena);
        List<Segment> behind = segments.behind(arena, tally.topAt());
        if (!behind.isEmpty()) {
          tally.reopenTop();
          walk(walk, behind, tally);
        }
      }
      walk(walk, segments.ofHeaps(arena, tally, walkedHeaps), tally);
    }
  }

  private ArenaTally begin(
      Arena arena,
      Presence tallyPresence,
      ThreadCaches caches,
      FreeLists lists,
      long thpPageBytes) {
    ArenaTally tally = new ArenaTally(census, tallyPresence, caches.candidates(), visitor, strips);
    tally.trimBy(thpPageBytes);
    tally.fastbins(lists.fastbins(arena.state()));
    arenas.add(arena);
    tallies.add(tally);
    return tally;
  }

  private void walk(ChunkWalk walk, List<Segment> segments, ArenaTally tally) {
    strips.arena(tallies.indexOf(tally));
    for (Segment segment : segments) {
      segment.refresh();
      long unknownBefore = tally.unknownBytes;
      walk.walk(segment, tally);
      if (tally.unknownBytes > unknownBefore) {
        swappedBytes += presence.swappedBytes(segment.start(), segment.end());
      }
    }
  }

  /** Whether the arenas have more than was walked, or others have come. */
  private boolean hasGrown(GlibcLayout layout) {
    for (int i = 0; i < arenas.size(); i++) {
      MallocState before = arenas.get(i).state();
      MallocState now = MallocState.read(memory, layout, before.address());
      if (now != null
          && (now.systemMem() > tallies.get(i).walkedBytes() || now.next() != before.next())) {
        return !budget.isExhausted();
      }
    }
    return false;
  }

  private int indexOf(long arenaAddress) {
    for (int i = 0; i < arenas.size(); i++) {
      if (arenas.get(i).state().address() == arenaAddress) {
        return i;
      }
    }
    return -1;
  }

  private @Nullable MallocParameters parameters(GlibcLayout layout, Arena main) {
    return MallocParameters.find(memory, layout, space, main.state().address());
  }

  /** What belongs to arenas: the heaps' address ranges and the main arena's regions. */
  private static AddressRanges ranges(List<Arena> arenas, List<long[]> regions) {
    AddressRanges ranges = new AddressRanges();
    Stream.concat(
            arenas.stream()
                .flatMap(arena -> arena.heaps().stream())
                .map(h -> new long[] {h.address(), h.address() + h.sizeMaxBytes()}),
            regions.stream())
        .sorted(Comparator.comparingLong(range -> range[0]))
        .forEach(range -> ranges.add(range[0], range[1]));
    return ranges;
  }

  private void note(
      ArenaFinder.Found found,
      GlibcLayout layout,
      @Nullable MallocParameters parameters,
      ThreadCaches caches,
      FreeLists lists,
      MmappedChunks mmapped) {
    notes.add("arenas found by " + found.road());
    if (!caches.areKnown() && layout.attachedThreads() > 0x878) {
      notes.add("no tcache found: up to 235 KiB a thread may be counted as in use");
    }
    if (caches.candidates().droppedCount() > 0) {
      notes.add(
          caches.candidates().droppedCount()
              + " chunks were not tried as tcaches: in use may be too high");
    }
    if (lists.isCut()) {
      notes.add("free lists were followed for " + settings.listEntriesMax() + " entries only");
    }
    if (lists.isBroken()) {
      notes.add("a free list changed while it was followed; its rest counts as in use");
    }
    if (parameters == null) {
      notes.add("malloc's own count of mmapped chunks was not found");
    } else if (parameters.mmapCount() != mmapped.count()) {
      notes.add(
          "malloc counts "
              + parameters.mmapCount()
              + " mmapped chunks, "
              + mmapped.count()
              + " were found for the census");
    } else if (mmapped.isCut()) {
      notes.add("the search for mmapped chunks ended at its bound");
    }
    if (swappedBytes > 0) {
      notes.add(Quantity.size(swappedBytes) + " of the heaps are swapped out and were not read");
    }
    if (budget.isExhausted()) {
      notes.add("the walk ended at its budget of " + Quantity.size(settings.bytesMax()));
    }
  }
}
