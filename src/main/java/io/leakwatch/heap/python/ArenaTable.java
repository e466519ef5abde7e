package io.leakwatch.heap.python;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the descriptions of arenas ({@code arenas} in Objects/obmalloc.c), which prove themselves:
 * each arena has 63 or 64 pools, and its first one tells the index of its arena.
 */
final class ArenaTable {
  private static final int ARENAS_MAX = 1 << 20;

  /** Descriptions within which the first one that is in use must lie. */
  private static final int FIRST_MAX = 1 << 12;

  /** One that is being changed looks damaged; behind the last one all do. */
  private static final int MISSES_MAX = 8;

  private static final long ADDRESS_MIN = 1 << 16;
  private static final int PAGE_BYTES = 4096;

  private final AddressSpace space;
  private final Words words;
  private final long[] description = new long[Arena.WORDS];
  private final long[] header = new long[Pool.WORDS];

  ArenaTable(HeapMemory memory, ByteBudget budget, AddressSpace space) {
    this.space = space;
    this.words = new Words(memory, budget);
  }

  /**
   * The arenas that are described from an address on.
   *
   * @return empty where what lies there does not prove itself
   */
  List<Arena> at(long table, PoolLayout layout) {
    List<Arena> arenas = new ArrayList<>();
    int misses = 0;
    boolean isEndMet = false;
    for (int i = 0; i < ARENAS_MAX && misses < MISSES_MAX; i++) {
      Arena arena = arena(table, i, layout);
      boolean isEnd = arena.isKnown() && !arena.isInUse() && description[4] == 0;
      boolean isSound =
          arena.isKnown()
              && !(isEnd && isEndMet) // Of those not in use, one is the last of their list.
              && (!arena.isInUse() || (!arenas.isEmpty() && misses == 0) || proves(arena, layout));
      if (arenas.isEmpty() && (!isSound || i >= FIRST_MAX)) {
        break;
      }
      isEndMet |= isEnd;
      misses = isSound && arena.isInUse() ? 0 : misses + (isSound ? 0 : 1);
      if (isSound && arena.isInUse()) {
        arenas.add(arena);
      }
    }
    return arenas;
  }

  /** {@link Arena#NONE} where the words cannot be a description. */
  private Arena arena(long table, int i, PoolLayout layout) {
    if (!words.read(table + (long) Arena.BYTES * i, description, Arena.WORDS)) {
      return Arena.NONE;
    }
    long start = description[0];
    if (start == 0) {
      long distance = description[4] - table;
      boolean isListed =
          description[4] == 0
              || (distance >= 0
                  && distance < (long) Arena.BYTES * ARENAS_MAX
                  && distance % Arena.BYTES == 0);
      return isListed ? new Arena(i, 0, 0, 0, 0) : Arena.NONE;
    }
    long carved = description[1];
    int free = (int) description[2];
    int pools = (int) (description[2] >>> 32);
    long first = layout.firstPool(start);
    boolean holds =
        start >= ADDRESS_MIN
            && start % PAGE_BYTES == 0
            && pools == PoolLayout.POOLS - (first == start ? 0 : 1)
            && free >= 0
            && free <= pools
            && carved >= first
            && carved <= first + pools * layout.poolBytes()
            && (carved - first) % layout.poolBytes() == 0
            && space.anonymous().covers(start, start + layout.arenaBytes());
    return holds ? new Arena(i, start, carved, free, pools) : Arena.NONE;
  }

  private boolean proves(Arena arena, PoolLayout layout) {
    long first = layout.firstPool(arena.start());
    return words.read(first, header, Pool.WORDS)
        && Pool.of(layout, first, header).arena() == arena.index();
  }
}
