package io.leakwatch.heap;

import io.leakwatch.heap.Arena.HeapInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One walk over the arenas that were found, from their free lists to the report. */
final class WalkState {
  private static final int CONTENT_WORDS = 8;

  /** How far brk may have moved since the mappings were read. */
  private static final long BRK_GROWTH_BYTES = 1L << 30;

  private final HeapMemory memory;
  private final WalkSettings settings;
  private final Budget budget;
  private final SizeCensus census;
  private final AddressSpace space;
  private final ChunkVisitor visitor;
  private final Presence presence;
  private final List<String> notes = new ArrayList<>();

  WalkState(
      HeapMemory memory,
      WalkSettings settings,
      Budget budget,
      SizeCensus census,
      AddressSpace space,
      ChunkVisitor visitor) {
    this.memory = memory;
    this.settings = settings;
    this.budget = budget;
    this.census = census;
    this.space = space;
    this.visitor = visitor;
    this.presence = new Presence(memory);
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} if the walk met that, else 0. */
  int failure() {
    return presence.failure();
  }

  HeapReport walk(ArenaFinder.Found found, MaskedWords masked) {
    Arena main = found.arenas().get(0);
    GlibcLayout layout = found.layout();
    MallocParameters parameters =
        MallocParameters.find(memory, layout, space, main.state().address());
    if (parameters == null && layout == GlibcLayout.V2_27) {
      MallocParameters newer =
          MallocParameters.find(memory, GlibcLayout.V2_35, space, main.state().address());
      if (newer != null && found.arenas().size() == 1) {
        layout = GlibcLayout.V2_35;
        parameters = newer;
      }
    }
    TcacheLayout tcache = tcacheLayout(found, layout, parameters);
    CacheCandidates candidates =
        new CacheCandidates(
            tcache == null ? 0 : tcache.chunkBytes(), settings.cacheCandidatesMax());
    FreeLists lists =
        new FreeLists(new PageCache(memory, budget), space.anonymous(), settings.listEntriesMax());
    Presence tallyPresence = new Presence(memory);
    ChunkWalk walk = new ChunkWalk(memory, presence, budget, settings.windowBytes());
    List<ArenaTally> tallies = new ArrayList<>();
    for (Arena arena : found.arenas()) {
      ArenaTally tally = new ArenaTally(census, tallyPresence, candidates, visitor);
      tally.fastbins(lists.fastbins(arena.state()));
      for (Segment segment : segments(arena, layout, parameters, tally)) {
        segment.refresh();
        walk.walk(segment, tally);
      }
      tallies.add(tally);
    }
    AddressRanges heapRanges = heapRanges(found);
    if (tcache != null) {
      takeBackCached(found, tallies, tcache, candidates, lists);
    }
    MmappedChunks mmapped =
        new MmappedChunks(memory, new Presence(memory), budget, settings, census, visitor);
    mmapped.search(
        space.mmapped(), heapRanges, layout, parameters == null ? -1 : parameters.mmapCount());
    note(found, layout, parameters, tcache, candidates, lists, mmapped);
    return report(layout, found, tallies, mmapped, parameters, masked);
  }

  /** The stretches of chunks of an arena, oldest first, so that its last one ends at the top. */
  private List<Segment> segments(
      Arena arena, GlibcLayout layout, @Nullable MallocParameters parameters, ArenaTally tally) {
    long topField = arena.state().topField();
    List<Segment> segments = new ArrayList<>();
    if (!arena.main()) {
      for (HeapInfo heap : arena.heaps()) {
        boolean first = heap.previous() == 0;
        long start =
            first
                ? layout.firstChunk(arena.state().address())
                : heap.address() + layout.heapInfoBytes();
        tally.overhead(start - heap.address());
        segments.add(
            Segment.ofHeap(
                memory,
                heap.address(),
                topField,
                start,
                heap.address() + heap.sizeBytes(),
                heap.address() + heap.sizeMaxBytes()));
      }
      return segments;
    }
    if (arena.state().systemMem() == 0) {
      return segments;
    }
    long top = arena.state().top();
    for (long[] brk : space.brk()) {
      long start =
          parameters != null && parameters.sbrkBase() >= brk[0] && parameters.sbrkBase() < brk[1]
              ? parameters.sbrkBase()
              : brk[0];
      long end = space.anonymous().endOf(start);
      if (end == brk[1] || space.brk().size() == 1) {
        segments.add(
            Segment.ofMain(memory, topField, start + 15 & -16L, end, end + BRK_GROWTH_BYTES));
      }
    }
    boolean topInBrk = space.brk().stream().anyMatch(b -> top >= b[0] && top < b[1]);
    if (!topInBrk) {
      long end = space.anonymous().endOf(top);
      long start = end == 0 ? 0 : new MainContinuation(memory, presence).startOf(space, top, end);
      if (start != 0) {
        segments.add(Segment.ofMain(memory, topField, start, end, end));
      }
    }
    return segments;
  }

  private static AddressRanges heapRanges(ArenaFinder.Found found) {
    AddressRanges ranges = new AddressRanges();
    Stream.concat(
            found.arenas().stream().flatMap(a -> a.heaps().stream()), Stream.<HeapInfo>empty())
        .sorted(Comparator.comparingLong(HeapInfo::address))
        .forEach(h -> ranges.add(h.address(), h.address() + h.sizeMaxBytes()));
    return ranges;
  }

  /** The tcache's generation, by the size of the first chunk of each arena. */
  private @Nullable TcacheLayout tcacheLayout(
      ArenaFinder.Found found, GlibcLayout layout, @Nullable MallocParameters parameters) {
    if (layout == GlibcLayout.V2_43) {
      return TcacheLayout.V2_42;
    }
    if (layout == GlibcLayout.V2_17) {
      return null;
    }
    int[] votes = new int[TcacheLayout.values().length];
    long[] header = new long[2];
    for (Arena arena : found.arenas()) {
      long first =
          !arena.main()
              ? layout.firstChunk(arena.state().address())
              : parameters == null ? 0 : parameters.sbrkBase() + 15 & -16L;
      if (first > 0 && memory.peek(first, header, 2) == 2) {
        for (TcacheLayout tcache : TcacheLayout.values()) {
          if ((header[1] & -16L) == tcache.chunkBytes()) {
            votes[tcache.ordinal()]++;
          }
        }
      }
    }
    TcacheLayout best = null;
    for (TcacheLayout tcache : TcacheLayout.values()) {
      int own = votes[tcache.ordinal()];
      if (own > 0 && (best == null || own > votes[best.ordinal()])) {
        best = tcache;
      }
    }
    if (best == null && layout == GlibcLayout.V2_35) {
      return TcacheLayout.V2_42; // 2.42 makes a tcache when it is first needed, so anywhere.
    }
    return best;
  }

  /** Chunks in tcaches were counted as in use: books them as free. */
  private void takeBackCached(
      ArenaFinder.Found found,
      List<ArenaTally> tallies,
      TcacheLayout layout,
      CacheCandidates candidates,
      FreeLists lists) {
    PageCache pages = new PageCache(memory, budget);
    long[] chunk = new long[layout.words()];
    OwnerMap owners = new OwnerMap(found);
    for (int i = 0; i < candidates.count(); i++) {
      if (pages.words(candidates.address(i), chunk, chunk.length)
          && (chunk[1] & -16L) == layout.chunkBytes()) {
        lists.tcache(
            layout,
            chunk,
            (address, bytes) -> {
              ArenaTally tally = tallies.get(owners.arenaOf(address));
              tally.takeBack(address, bytes);
              census.remove(bytes);
            });
      }
    }
  }

  private void note(
      ArenaFinder.Found found,
      GlibcLayout layout,
      @Nullable MallocParameters parameters,
      @Nullable TcacheLayout tcache,
      CacheCandidates candidates,
      FreeLists lists,
      MmappedChunks mmapped) {
    notes.add("arenas found by " + found.road());
    if (tcache == null && layout.attachedThreads() > 0x878) {
      notes.add("no tcache found: up to 240 KB a thread may be counted as in use");
    }
    if (candidates.droppedCount() > 0) {
      notes.add(
          candidates.droppedCount() + " chunks were not tried as tcaches: in use may be too high");
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
    if (budget.isExhausted()) {
      notes.add("the walk ended at its budget of " + settings.bytesMax() + " bytes");
    }
  }

  private HeapReport report(
      GlibcLayout layout,
      ArenaFinder.Found found,
      List<ArenaTally> tallies,
      MmappedChunks mmapped,
      @Nullable MallocParameters parameters,
      MaskedWords masked) {
    List<HeapReport.Arena> arenas = new ArrayList<>();
    long walked = 0;
    long unknown = 0;
    long cached = 0;
    for (int i = 0; i < tallies.size(); i++) {
      Arena arena = found.arenas().get(i);
      ArenaTally tally = tallies.get(i);
      walked += tally.walkedBytes();
      unknown += tally.unknownBytes;
      cached += tally.cachedBytes;
      MallocState now = MallocState.read(memory, layout, arena.state().address());
      arenas.add(
          new HeapReport.Arena(
              i,
              arena.main(),
              arena.state().address(),
              arena.heaps().size(),
              now == null ? arena.state().systemMem() : now.systemMem(),
              tally.inUseBytes,
              tally.inUseChunks,
              tally.freeBytes,
              tally.topBytes,
              tally.trimmableBytes,
              tally.pinnedBytes,
              tally.unknownBytes,
              pin(tally, masked)));
    }
    return new HeapReport(
        layout.versions(),
        List.copyOf(arenas),
        parameters == null ? mmapped.bytes() : parameters.mmappedBytes(),
        parameters == null ? mmapped.count() : parameters.mmapCount(),
        cached,
        walked == 0 ? 0 : (double) (walked - unknown) / walked,
        census.largest(settings.censusSizesMax()),
        List.copyOf(notes));
  }

  private HeapReport.@Nullable Pin pin(ArenaTally tally, MaskedWords masked) {
    if (tally.lastInUse == 0) {
      return null;
    }
    long[] words = new long[CONTENT_WORDS];
    int wanted = (int) Math.min(CONTENT_WORDS, (tally.lastInUseBytes - 8) / 8);
    int count = Math.max(0, memory.peek(tally.lastInUse + 16, words, wanted));
    return new HeapReport.Pin(
        tally.lastInUse,
        tally.lastInUseBytes,
        masked.of(words, count),
        tally.lastInUseBytes + tally.freeBelowLast);
  }
}
