package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.region.kind.Allocator;
import java.util.Comparator;
import java.util.List;

/**
 * What jemalloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param layout the generation of its structures, e.g. {@code 5.1-5.2}; {@code ""} where they were
 *     not recognised
 * @param arenas those that own memory, by index; the largest ones of a {@link #brief} report
 * @param others those that are not listed
 * @param census allocations in use by size class, largest bytes first, bounded
 * @param slabFill how full the slabs are, by size class
 */
public record JemallocReport(
    Recognition recognition,
    String layout,
    List<Arena> arenas,
    Others others,
    Holdings holdings,
    List<SizeClass> census,
    SlabFills slabFill)
    implements OwnerReport {

  /** Of a process in which nothing of it was found. */
  static JemallocReport none() {
    return new JemallocReport(
        Recognition.none("jemalloc: layout not recognised"),
        "",
        List.of(),
        Others.NONE,
        new Holdings(Balance.ZERO, 0, 0, List.of()),
        List.of(),
        SlabFills.NONE);
  }

  /**
   * What all arenas hold together.
   *
   * @param objects in use, without those in threads' caches as far as these were found
   * @param foreignBytes present in private memory without a name that holds nothing of jemalloc's
   * @param profiles by the call stack that allocated, where jemalloc samples and that was asked for
   */
  public record Holdings(
      Balance balance, long objects, long foreignBytes, List<MemoryProfile> profiles) {
    /** The same with who allocated them. */
    Holdings with(List<MemoryProfile> known) {
      return new Holdings(balance, objects, foreignBytes, known);
    }

    private Holdings brief(int entriesMax) {
      return profiles.isEmpty()
          ? this
          : with(profiles.stream().map(profile -> profile.brief(entriesMax)).toList());
    }
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
      return new JemallocReport(
          recognition, layout, arenas, others, holdings.brief(arenasMax), census, slabFill.brief());
    }
    List<Arena> bySize =
        arenas.stream().sorted(Comparator.comparingLong(Arena::activeBytes).reversed()).toList();
    List<Arena> left = bySize.subList(arenasMax, bySize.size());
    List<Arena> kept =
        bySize.subList(0, arenasMax).stream()
            .sorted(Comparator.comparingInt(Arena::index))
            .toList();
    Others more = new Others(others.count() + left.size(), sum(left, others.sums()));
    return new JemallocReport(
        recognition, layout, kept, more, holdings.brief(arenasMax), census, slabFill.brief());
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
  public Balance balance() {
    return holdings.balance();
  }

  @Override
  public List<MemoryProfile> profiles() {
    return holdings.profiles();
  }

  @Override
  public long foreignBytes() {
    return holdings.foreignBytes();
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall(
        "mallctl(\"arena.4096.purge\")", "MALLOC_CONF=background_thread:true,dirty_decay_ms:N");
  }

  @Override
  public long objects() {
    return holdings.objects();
  }

  /** Share of the pieces of memory it keeps track of that were read consistently. */
  public double coverage() {
    return recognition.coverage();
  }

  /** What could not be seen and why, in words. */
  public List<String> notes() {
    return recognition.notes();
  }
}
