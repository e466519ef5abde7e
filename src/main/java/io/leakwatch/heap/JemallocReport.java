package io.leakwatch.heap;

import java.util.List;

/**
 * What jemalloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param layout the generation of its structures, e.g. {@code 5.3}
 * @param arenas those that own memory, by index
 * @param coverage share of the pieces of memory it keeps track of that were read consistently
 * @param census allocations by size class, largest bytes first, bounded
 * @param notes what could not be seen and why, in words
 */
public record JemallocReport(
    String layout,
    List<Arena> arenas,
    double coverage,
    List<HeapReport.SizeClass> census,
    List<String> notes) {

  /**
   * One arena.
   *
   * @param allocatedBytes what the application holds, rounded up to size classes, and what its
   *     threads' caches hold ready ({@code stats.arenas.I.small.allocated} and large)
   * @param allocations their number
   * @param activeBytes pages that hold an allocation ({@code pactive})
   * @param dirtyBytes freed pages, resident and soon to be given back ({@code pdirty})
   * @param muzzyBytes freed pages that the kernel may take when it needs them ({@code pmuzzy})
   * @param retainedBytes address space kept without memory behind it ({@code retained})
   */
  public record Arena(
      int index,
      long allocatedBytes,
      long allocations,
      long activeBytes,
      long dirtyBytes,
      long muzzyBytes,
      long retainedBytes) {}

  /** All arenas together, index -1. */
  public Arena total() {
    long[] sums = new long[6];
    for (Arena arena : arenas) {
      sums[0] += arena.allocatedBytes();
      sums[1] += arena.allocations();
      sums[2] += arena.activeBytes();
      sums[3] += arena.dirtyBytes();
      sums[4] += arena.muzzyBytes();
      sums[5] += arena.retainedBytes();
    }
    return new Arena(-1, sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]);
  }

  /** Memory that the application has freed or never asked for, and that jemalloc keeps. */
  public long freeBytes() {
    Arena total = total();
    return total.activeBytes() - total.allocatedBytes() + total.dirtyBytes() + total.muzzyBytes();
  }
}
