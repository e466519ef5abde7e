package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sums of one walk through jemalloc's memory: by arena what jemalloc counts itself, and
 * altogether what memory stands behind. Whatever is present is live, pinned, kept or metadata; the
 * pages of what is handed out that are neither present nor in swap were never touched.
 */
final class JemallocTally {
  /** Sizes that are told apart; huge allocations of jemalloc 3 have any multiple of a chunk. */
  private static final int SIZES_MAX = 4096;

  private static final int IDLE_MAX = 1 << 16;

  private final Presence presence;
  private final Map<Integer, Sums> arenas = new TreeMap<>();
  private final Map<Long, Long> counts = new HashMap<>();
  private final Balance.Builder balance = Balance.builder();
  private final JemallocMemory owned = new JemallocMemory();
  private final AddressRanges idle = new AddressRanges(IDLE_MAX);
  private final SlabFills.Builder slabs = new SlabFills.Builder();
  private long liveBytes;
  private long liveCount;

  JemallocTally(HeapMemory memory) {
    this.presence = new Presence(memory);
  }

  private static final class Sums {
    private long allocated;
    private long allocations;
    private final long[] byState = new long[4];
  }

  private Sums arena(int index) {
    return arenas.computeIfAbsent(index, i -> new Sums());
  }

  /** Bytes of a range that memory or swap stands behind. */
  private long backed(long start, long end) {
    return end - start - presence.untouchedBytes(start, end);
  }

  /**
   * Pages that are cut into regions of one size.
   *
   * @param used regions that are allocated
   */
  void slab(int arena, long start, long bytes, long size, long used) {
    slabs.add(size, bytes / size, used);
    long allocated = used * size;
    long backed = backed(start, start + bytes);
    active(arena, start, bytes, allocated, used);
    live(size, used, Math.min(allocated, backed), allocated);
    balance.add(Balance.Part.PINNED, backed - Math.min(allocated, backed));
  }

  /**
   * Pages that hold one allocation.
   *
   * @param first byte of it, of so many usable ones
   */
  void large(int arena, long start, long bytes, long first, long usable) {
    long touched = backed(first, first + usable);
    active(arena, start, bytes, usable, 1);
    live(usable, 1, touched, usable);
    long around = bytes - usable - presence.untouchedBytes(start, start + bytes);
    balance.add(Balance.Part.PINNED, Math.max(0, around + (usable - touched)));
  }

  private void active(int arena, long start, long bytes, long allocated, long count) {
    Sums sums = arena(arena);
    sums.allocated += allocated;
    sums.allocations += count;
    sums.byState[JemallocLayout.ACTIVE] += bytes;
    owned.add(start, start + bytes);
  }

  private void live(long size, long count, long touched, long allocated) {
    liveBytes += touched;
    liveCount += count;
    balance.add(Balance.Part.UNTOUCHED, allocated - touched);
    count(size, count);
  }

  private void count(long size, long more) {
    if (more != 0 && (counts.size() < SIZES_MAX || counts.containsKey(size))) {
      counts.merge(size, more, Long::sum);
    }
  }

  /** Pages that hold nothing, dirty, muzzy or retained. */
  void free(int arena, int state, long start, long bytes) {
    arena(arena).byState[state] += bytes;
    long backed = backed(start, start + bytes);
    balance.add(Balance.Part.KEPT, backed);
    balance.add(Balance.Part.RETURNED, bytes - backed);
    balance.add(Balance.Part.GIVE_BACK, state == JemallocLayout.RETAINED ? 0 : backed);
    owned.add(start, start + bytes);
  }

  /** Whole chunks that no arena has. */
  void idle(long start, long end) {
    idle.add(start, end);
  }

  /** Memory that jemalloc keeps its books in. */
  void metadata(long start, long end) {
    balance.add(Balance.Part.METADATA, backed(start, end));
    owned.add(start, end);
  }

  /** An allocation that a thread's cache holds ready. */
  void cached(long size) {
    takeBack(size);
    balance.add(Balance.Part.CACHED, size);
  }

  /** An allocation that jemalloc made for itself. */
  void own(long size) {
    takeBack(size);
    balance.add(Balance.Part.METADATA, size);
  }

  private void takeBack(long size) {
    liveBytes -= size;
    liveCount--;
    counts.computeIfPresent(size, (s, count) -> count > 1 ? Long.valueOf(count - 1) : null);
  }

  /** The sums as a report has them, with what of the process' memory is not jemalloc's. */
  JemallocReport.Holdings holdings(OwnerTarget target) {
    long foreignBytes = owned.foreignBytes(target);
    balance.add(Balance.Part.KEPT, owned.presentBeside(idle, target));
    return new JemallocReport.Holdings(
        balance.set(Balance.Part.LIVE, liveBytes).build(),
        Math.max(0, liveCount),
        foreignBytes,
        List.of());
  }

  List<JemallocReport.Arena> arenas() {
    List<JemallocReport.Arena> found = new ArrayList<>();
    arenas.forEach(
        (index, sums) ->
            found.add(
                new JemallocReport.Arena(
                    index,
                    sums.allocated,
                    sums.allocations,
                    sums.byState[JemallocLayout.ACTIVE],
                    sums.byState[JemallocLayout.DIRTY],
                    sums.byState[JemallocLayout.MUZZY],
                    sums.byState[JemallocLayout.RETAINED])));
    return List.copyOf(found);
  }

  /** How full the slabs are. */
  SlabFills slabFill() {
    return slabs.build();
  }

  /** Allocations in use by size, most bytes first. */
  List<SizeClass> census(int sizesMax) {
    return SizeClasses.of(
        counts.entrySet().stream()
            .map(
                entry ->
                    new SizeClass(
                        entry.getKey(), entry.getValue(), entry.getKey() * entry.getValue()))
            .sorted(Comparator.comparingLong(SizeClass::bytes).reversed())
            .limit(sizesMax)
            .toList());
  }
}
