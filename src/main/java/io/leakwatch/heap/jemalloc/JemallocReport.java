package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.kind.Allocator;
import java.util.Comparator;
import java.util.List;

/**
 * What jemalloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param layout the generation of its structures, e.g. {@code 5.3}
 * @param arenas those that own memory, by index; the largest ones of a {@link #brief} report
 * @param others those that are not listed
 * @param coverage share of the pieces of memory it keeps track of that were read consistently
 * @param census allocations by size class, largest bytes first, bounded
 * @param notes what could not be seen and why, in words
 */
public record JemallocReport(
    String layout,
    List<Arena> arenas,
    Others others,
    double coverage,
    List<SizeClass> census,
    List<String> notes)
    implements OwnerReport {

  /** A report that lists every arena. */
  public JemallocReport(
      String layout,
      List<Arena> arenas,
      double coverage,
      List<SizeClass> census,
      List<String> notes) {
    this(layout, arenas, Others.NONE, coverage, census, notes);
  }

  /**
   * Arenas that are not listed one by one.
   *
   * @param sums of all of them
   */
  public record Others(int count, Arena sums) {
    static final Others NONE = new Others(0, new Arena(-1, 0, 0, 0, 0, 0, 0));
  }

  /** Arenas of the process, listed or not. */
  public int arenaCount() {
    return arenas.size() + others.count();
  }

  /** The same, with so many arenas listed: those that have most pages in use. */
  @Override
  public JemallocReport brief(int arenasMax) {
    if (arenas.size() <= arenasMax) {
      return this;
    }
    List<Arena> bySize =
        arenas.stream().sorted(Comparator.comparingLong(Arena::activeBytes).reversed()).toList();
    List<Arena> left = bySize.subList(arenasMax, bySize.size());
    List<Arena> kept =
        bySize.subList(0, arenasMax).stream()
            .sorted(Comparator.comparingInt(Arena::index))
            .toList();
    Others more = new Others(others.count() + left.size(), sum(left, others.sums()));
    return new JemallocReport(layout, kept, more, coverage, census, notes);
  }

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
    return sum(arenas, others.sums());
  }

  private static Arena sum(List<Arena> arenas, Arena more) {
    Arena sum = more;
    for (Arena arena : arenas) {
      sum =
          new Arena(
              -1,
              sum.allocatedBytes() + arena.allocatedBytes(),
              sum.allocations() + arena.allocations(),
              sum.activeBytes() + arena.activeBytes(),
              sum.dirtyBytes() + arena.dirtyBytes(),
              sum.muzzyBytes() + arena.muzzyBytes(),
              sum.retainedBytes() + arena.retainedBytes());
    }
    return sum;
  }

  @Override
  public Allocator owner() {
    return Allocator.JEMALLOC;
  }

  @Override
  public Recognition recognition() {
    return arenas.isEmpty()
        ? Recognition.none(notes.isEmpty() ? "" : notes.get(0))
        : new Recognition(layout, coverage, Double.NaN, coverage, notes);
  }

  @Override
  public Balance balance() {
    Arena total = total();
    return Balance.builder()
        .set(Balance.Part.LIVE, total.allocatedBytes())
        .set(Balance.Part.PINNED, total.activeBytes() - total.allocatedBytes())
        .set(Balance.Part.KEPT, total.dirtyBytes() + total.muzzyBytes())
        .set(Balance.Part.RETURNED, total.retainedBytes())
        .set(Balance.Part.GIVE_BACK, total.dirtyBytes() + total.muzzyBytes())
        .build();
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall(
        "mallctl(\"arena.4096.purge\")", "MALLOC_CONF=background_thread:true,dirty_decay_ms:N");
  }

  @Override
  public long objects() {
    return total().allocations();
  }
}
