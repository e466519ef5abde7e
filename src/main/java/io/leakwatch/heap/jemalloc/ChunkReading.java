package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads jemalloc 3.6 and 4, which cut memory into chunks, aligned to their own size. Nothing has to
 * be found: each aligned address is looked at, and a chunk proves itself ({@link Chunk}). What is
 * huge lies in whole chunks without a header ({@link HugeAllocations}); an aligned piece that is
 * neither holds arenas and other structs, or waits for use again.
 */
final class ChunkReading {
  private static final int REGIONS_MAX = 2048;

  /** Regions whose bits are counted. */
  private static final long CHECKED_MAX = 1 << 16;

  private final OwnerTarget target;
  private final HeapMemory memory;
  private final AddressSpace space;
  private final AddressRanges anonymous;
  private final ByteBudget budget;
  private final WalkSettings settings;
  private final List<String> notes = new ArrayList<>();
  private final JemallocTally tally;
  private final Map<Long, Integer> arenas = new LinkedHashMap<>();
  private final TreeMap<Long, HugeAllocations.Huge> huge = new TreeMap<>();
  private final Set<Long> structs = new HashSet<>();
  private final long[] bitmap = new long[REGIONS_MAX / Long.SIZE];
  private long proven;
  private long torn;
  private long counted;
  private long packed;

  ChunkReading(OwnerTarget target, AddressSpace space, ByteBudget budget, WalkSettings settings) {
    this.target = target;
    this.memory = target.memory();
    this.space = space;
    this.anonymous = space.anonymous();
    this.budget = budget;
    this.settings = settings;
    this.tally = new JemallocTally(memory);
  }

  /**
   * What is there, null where it was not understood.
   *
   * @param version of the file with a data segment
   */
  @Nullable JemallocReport read(
      ObjectVisitor visitor,
      BiFunction<OwnerTarget, AddressSpace.@Nullable DataSegment, String> version) {
    ChunkSearch search = new ChunkSearch(memory, space, budget);
    ChunkSearch.Found found = search.find(settings.shapeScanBytesMax());
    if (found == null) {
      return null;
    }
    ChunkShape shape = found.shape();
    Chunk chunk = new Chunk(memory, anonymous, budget, shape, found.infos());
    eachSlot(shape, address -> note(chunk, address, shape));
    findHuge(found);
    eachSlot(shape, address -> take(chunk, address, shape));
    CachedAllocations cached = caches(found);
    if (visitor != ObjectVisitor.NONE) {
      eachSlot(shape, address -> show(chunk, address, shape, visitor));
      cached.tell(visitor);
    }
    if (proven == 0) {
      return null;
    }
    double confidence = (double) proven / (proven + torn);
    String name = version.apply(target, found.file(space));
    return new JemallocReport(
        new Recognition(
            name.isEmpty() ? shape.versions() : name,
            confidence,
            packed == 0 ? Double.NaN : (double) counted / packed,
            budget.isExhausted() ? 0 : confidence,
            notes),
        shape.versions(),
        tally.arenas(),
        JemallocReport.Others.NONE,
        tally.holdings(target),
        tally.census(settings.censusSizesMax()),
        tally.slabFill());
  }

  private void eachSlot(ChunkShape shape, LongConsumer slot) {
    ChunkSearch.eachSlot(anonymous, budget, shape, slot);
  }

  private void note(Chunk chunk, long address, ChunkShape shape) {
    if (chunk.isHead(address)) {
      arenas.put(chunk.arena(), chunk.arenaIndex());
      structs.add(chunk.arena() & -shape.chunkBytes());
    }
  }

  private void findHuge(ChunkSearch.Found found) {
    HugeAllocations search = new HugeAllocations(memory, anonymous, budget, found.shape());
    RunInfos.Table table = found.table();
    List<HugeAllocations.Huge> all = new ArrayList<>();
    if (table != null) {
      all.addAll(search.among(table.data()));
    } else {
      arenas.keySet().forEach(arena -> all.addAll(search.of(arena)));
    }
    for (HugeAllocations.Huge one : all) {
      huge.put(one.start(), one);
      if (table != null) {
        structs.add(one.node() & -found.shape().chunkBytes());
      }
    }
  }

  private HugeAllocations.@Nullable Huge hugeAt(long address, ChunkShape shape) {
    Map.Entry<Long, HugeAllocations.Huge> last = huge.floorEntry(address);
    return last != null && address < last.getKey() + ceiling(last.getValue(), shape)
        ? last.getValue()
        : null;
  }

  private static long ceiling(HugeAllocations.Huge one, ChunkShape shape) {
    return one.bytes() + shape.chunkBytes() - 1 & -shape.chunkBytes();
  }

  private void take(Chunk chunk, long address, ChunkShape shape) {
    HugeAllocations.Huge one = hugeAt(address, shape);
    if (one != null) {
      if (one.start() == address) {
        int arena = arenas.getOrDefault(one.arena(), 0);
        tally.large(arena, address, ceiling(one, shape), address, one.bytes());
      }
      return;
    }
    if (!chunk.load(address)) {
      boolean torn = !structs.contains(address) && chunk.isHead(address);
      this.torn += torn ? 1 : 0;
      rest(address, shape, torn);
      return;
    }
    proven++;
    int arena = chunk.arenaIndex();
    tally.metadata(address, chunk.runStart(0));
    for (int run = 0; run < chunk.runs(); run++) {
      long start = chunk.runStart(run);
      long bytes = chunk.runBytes(run);
      if (chunk.isSmall(run)) {
        RunInfos.RunInfo info = chunk.info(run);
        int used = info.regions() - chunk.freeRegions(run);
        tally.slab(arena, start, bytes, info.size(), used);
        check(chunk, run, used);
      } else if (ChunkShape.isAllocated(chunk.bits(run))) {
        long usable = chunk.largeBytes(run);
        tally.large(arena, start, bytes, start, usable);
      } else {
        boolean dirty = shape.isDirty(chunk.bits(run));
        tally.free(arena, dirty ? JemallocLayout.DIRTY : JemallocLayout.RETAINED, start, bytes);
      }
    }
  }

  /** A piece as large as a chunk that is none. */
  private void rest(long address, ChunkShape shape, boolean torn) {
    long end = address + shape.chunkBytes();
    if (structs.contains(address)) {
      tally.metadata(address, end);
    } else if (!torn) {
      tally.idle(address, end);
    }
  }

  private void check(Chunk chunk, int run, int used) {
    int regions = chunk.info(run).regions();
    if (packed < CHECKED_MAX && read(chunk, run, regions)) {
      int free = 0;
      for (int i = 0; i < regions; i++) {
        free += isFree(i) ? 1 : 0;
      }
      counted += regions - free;
      packed += used;
    }
  }

  private boolean read(Chunk chunk, int run, int regions) {
    int words = (regions + Long.SIZE - 1) / Long.SIZE;
    return words <= bitmap.length && chunk.bitmap(run, bitmap, words);
  }

  private boolean isFree(int region) {
    return (bitmap[region >>> 6] >>> region & 1) != 0;
  }

  private void show(Chunk chunk, long address, ChunkShape shape, ObjectVisitor visitor) {
    HugeAllocations.Huge one = hugeAt(address, shape);
    if (one != null) {
      if (one.start() == address) {
        visitor.object(address, one.bytes(), true);
      }
      return;
    }
    if (!chunk.load(address)) {
      if (structs.contains(address)) {
        visitor.object(address, shape.chunkBytes(), false);
      }
      return;
    }
    visitor.object(address, chunk.runStart(0) - address, false);
    for (int run = 0; run < chunk.runs(); run++) {
      long start = chunk.runStart(run);
      if (!chunk.isSmall(run)) {
        // Since 4.0 a large allocation begins anywhere in its first page, which nobody notes.
        visitor.object(start, chunk.runBytes(run), ChunkShape.isAllocated(chunk.bits(run)));
      } else if (read(chunk, run, chunk.info(run).regions())) {
        RunInfos.RunInfo info = chunk.info(run);
        for (int i = 0; i < info.regions(); i++) {
          visitor.object(start + info.first() + i * info.interval(), info.size(), !isFree(i));
        }
      }
    }
  }

  /** What threads' caches hold, and the caches themselves. */
  private CachedAllocations caches(ChunkSearch.Found found) {
    ChunkShape shape = found.shape();
    Chunk chunk = new Chunk(memory, anonymous, budget, shape, found.infos());
    CachedAllocations set = new CachedAllocations(settings.listEntriesMax());
    ChunkCaches caches = new ChunkCaches(memory, anonymous, budget);
    ChunkCaches.Receiver receiver =
        new ChunkCaches.Receiver() {
          @Override
          public boolean isAllocation(long address) {
            return chunk.allocationAt(address, true) > 0;
          }

          @Override
          public void cached(long address) {
            long size = chunk.allocationAt(address, true);
            if (size > 0 && add(set, chunk, address, size)) {
              tally.cached(size);
            }
          }
        };
    for (long arena : arenas.keySet()) {
      caches.search(
          arena,
          address -> {
            long size = chunk.allocationAt(address, false);
            if (size > 0 && add(set, chunk, address, size)) {
              tally.own(size);
            }
          },
          receiver);
    }
    if (caches.count() == 0) {
      notes.add("no thread's cache was found: allocations that they hold ready count as in use");
    } else if (set.isCut()) {
      notes.add("threads' caches hold more than was followed: the rest counts as in use");
    }
    return set;
  }

  /** Adds one by the address and the bytes that a visitor is shown. */
  private static boolean add(CachedAllocations set, Chunk chunk, long address, long size) {
    int run = chunk.runAt(address);
    return chunk.isSmall(run)
        ? set.add(address, size)
        : set.add(chunk.runStart(run), chunk.runBytes(run));
  }
}
