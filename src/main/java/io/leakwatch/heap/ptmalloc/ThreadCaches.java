package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tcaches of a process: what its threads have freed and keep to themselves. Their chunks look
 * in use, so they are taken back when all heaps have been walked.
 *
 * <p>A tcache is an allocated chunk like any other, of a size that hardly anything else has and
 * that tells its generation; the first chunk of each arena is one, as a thread makes its cache
 * before anything else (until 2.42, which makes it when the first chunk is freed).
 */
final class ThreadCaches {
  private final HeapMemory memory;
  private final ByteBudget budget;
  private final @Nullable TcacheLayout layout;
  private final CacheCandidates candidates;

  ThreadCaches(
      HeapMemory memory, ByteBudget budget, @Nullable TcacheLayout layout, int candidatesMax) {
    this.memory = memory;
    this.budget = budget;
    this.layout = layout;
    this.candidates = new CacheCandidates(layout == null ? 0 : layout.chunkBytes(), candidatesMax);
  }

  /** The tcache's generation, by the size of the first chunk of each arena; null for none. */
  static @Nullable TcacheLayout layoutOf(
      HeapMemory memory,
      List<Arena> arenas,
      GlibcLayout layout,
      @Nullable MallocParameters parameters) {
    if (layout == GlibcLayout.V2_43) {
      return TcacheLayout.V2_42;
    }
    if (layout == GlibcLayout.V2_17) {
      return null;
    }
    int[] votes = new int[TcacheLayout.values().length];
    long[] header = new long[2];
    for (Arena arena : arenas) {
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

  /** Whether the process can have such caches, as far as is known. */
  boolean areKnown() {
    return layout != null;
  }

  CacheCandidates candidates() {
    return candidates;
  }

  /** Books the chunks of all caches that were met as free. */
  void takeBack(List<Arena> arenas, List<ArenaTally> tallies, FreeLists lists, SizeCensus census) {
    TcacheLayout known = layout;
    if (known == null) {
      return;
    }
    PageCache pages = new PageCache(memory, budget);
    long[] chunk = new long[known.words()];
    OwnerMap owners = new OwnerMap(arenas);
    for (int i = 0; i < candidates.count(); i++) {
      if (pages.words(candidates.address(i), chunk, chunk.length)
          && (chunk[1] & -16L) == known.chunkBytes()) {
        lists.tcache(
            known,
            chunk,
            (address, bytes) -> {
              tallies.get(owners.arenaOf(address)).takeBack(address, bytes);
              census.remove(bytes);
            });
      }
    }
  }
}
