package io.leakwatch.heap.python;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what the pools of arenas hold. How many blocks are in use the pools say themselves; their
 * blocks are read only where somebody wants to see them or to know their types.
 */
final class PoolTally {
  private static final int HEAD_BYTES = 16;

  /** From the first two words of a description to the last two. */
  private static final int TAIL_OFFSET = 32;

  private final HeapMemory memory;
  private final PoolLayout layout;
  private final ByteBudget budget;
  private final Presence presence;
  private final BlockRuns runs;
  private final @Nullable TypeCensus types;
  private final boolean showsBlocks;
  private final long[] starts = new long[PoolLayout.POOLS];
  private final long[] heads = new long[2 * PoolLayout.POOLS];
  private final long[] tails = new long[2 * PoolLayout.POOLS];
  private final long[] description = new long[Pool.WORDS];
  private final long[] words;
  private final long[] free = new long[16];
  private final long[] counts = new long[Pool.BLOCK_MAX_BYTES / 16 + 1];
  private long usedPools;
  private long expectedPools;
  private long metPools;
  private long tornPools;

  PoolTally(
      HeapMemory memory,
      PoolLayout layout,
      ByteBudget budget,
      Presence presence,
      BlockRuns runs,
      @Nullable TypeCensus types,
      ObjectVisitor visitor) {
    this.memory = memory;
    this.layout = layout;
    this.budget = budget;
    this.presence = presence;
    this.runs = runs;
    this.types = types;
    this.showsBlocks = types != null || visitor != ObjectVisitor.NONE;
    this.words = new long[(int) layout.poolBytes() / 8];
  }

  void add(Arena arena) {
    long first = layout.firstPool(arena.start());
    expectedPools += arena.pools() - arena.freePools();
    runs.addFree(arena.start(), first, false);
    int count = 0;
    for (long pool = first; pool < arena.carvedEnd(); pool += layout.poolBytes()) {
      if (presence.isPresent(pool)) {
        starts[count++] = pool;
      } else {
        tornPools++;
        metPools++;
      }
    }
    if (budget.isExhausted() || !read(count)) {
      tornPools += count;
      metPools += count;
      return;
    }
    for (int i = 0; i < count; i++) {
      System.arraycopy(heads, 2 * i, description, 0, 2);
      System.arraycopy(tails, 2 * i, description, Pool.WORDS - 2, 2);
      add(Pool.of(layout, starts[i], description), arena, i);
    }
    runs.addFree(arena.carvedEnd(), arena.start() + layout.arenaBytes(), false);
  }

  private boolean read(int count) {
    budget.spend(2L * HEAD_BYTES * count);
    if (memory.readHeaders(starts, count, heads) < 0) {
      return false;
    }
    long[] places = Arrays.copyOf(starts, count);
    Arrays.setAll(places, i -> starts[i] + TAIL_OFFSET);
    return memory.readHeaders(places, count, tails) == 0;
  }

  private void add(Pool pool, Arena arena, int i) {
    metPools++;
    if (pool.arena() != arena.index()) {
      tornPools++;
      return;
    }
    long end = starts[i] + layout.poolBytes();
    if (pool.used() == 0) {
      runs.addFree(starts[i], end, false);
      return;
    }
    usedPools++;
    counts[pool.blockBytes() / 16] += pool.used();
    int read = showsBlocks ? readBlocks(pool) : 0;
    runs.add(
        new BlockRuns.Run(pool.first(), pool.first(), end, pool.blockBytes(), pool.carved()),
        pool.used(),
        bits -> System.arraycopy(free, 0, bits, 0, (pool.carved() + 63) / 64));
    if (types != null) {
      types.add(pool, words, read, free);
    }
  }

  /** Reads a pool's blocks and marks the free ones. */
  private int readBlocks(Pool pool) {
    int wanted = (Pool.HEADER_BYTES + pool.carved() * pool.blockBytes()) / 8;
    budget.spend(8L * wanted);
    int read = budget.isExhausted() ? 0 : Math.max(0, memory.peek(pool.start(), words, wanted));
    Arrays.fill(free, 0);
    long at = pool.freed();
    for (int n = 0; n < pool.carved() - pool.used() && at != 0; n++) {
      long offset = at - pool.first();
      int word = (int) (at - pool.start()) / 8;
      boolean isBlock =
          offset >= 0
              && offset < (long) pool.carved() * pool.blockBytes()
              && offset % pool.blockBytes() == 0
              && word < read;
      if (!isBlock) {
        break;
      }
      int block = (int) offset / pool.blockBytes();
      free[block >>> 6] |= 1L << block;
      at = words[word];
    }
    return read;
  }

  /** Share of the pools that proved themselves. */
  double coverage() {
    return metPools == 0 ? 0 : (double) (metPools - tornPools) / metPools;
  }

  /** Pools in use over those that the arenas say are. */
  double selfCheck() {
    return expectedPools == 0 ? Double.NaN : (double) usedPools / expectedPools;
  }

  long objects() {
    return Arrays.stream(counts).sum();
  }

  Balance balance() {
    return runs.balance()
        .plus(Balance.builder().set(Balance.Part.METADATA, usedPools * Pool.HEADER_BYTES).build());
  }

  List<SizeClass> census(int sizesMax) {
    List<SizeClass> census = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        census.add(new SizeClass(16L * i, counts[i], 16L * i * counts[i]));
      }
    }
    census.sort(Comparator.comparingLong(SizeClass::bytes).reversed());
    return SizeClasses.of(census.subList(0, Math.min(sizesMax, census.size())));
  }
}
