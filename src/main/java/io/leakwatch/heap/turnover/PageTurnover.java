package io.leakwatch.heap.turnover;

import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.Residency;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages became present between two readings, by kind of memory: what grew where no chunks are
 * known. Pages are only asked for, never touched. Of the new ones a fair sample is kept for each
 * kind.
 */
public final class PageTurnover {
  private static final int RANGES_MAX = 1 << 20;
  private static final int PAGE_BYTES = PageSize.BYTES;

  private final Set<RegionKind> kinds;
  private final int sampleMax;
  private final Residency asked = new Residency();
  private final AddressRanges present = new AddressRanges(RANGES_MAX);
  private final Map<RegionKind, Change> changes = new EnumMap<>(RegionKind.class);
  private final Map<RegionKind, Long> before = new EnumMap<>(RegionKind.class);

  /**
   * A turnover without any reading.
   *
   * @param kinds that are read
   * @param sampleMax new pages of each kind whose addresses are kept
   */
  public PageTurnover(Set<RegionKind> kinds, int sampleMax) {
    this.kinds = Set.copyOf(kinds);
    this.sampleMax = sampleMax;
  }

  /**
   * What became of one kind.
   *
   * @param newPages present now and not before
   * @param growthPages more present ones than before
   * @param sample addresses of new pages
   */
  public record Change(RegionKind kind, long newPages, long growthPages, List<Long> sample) {}

  /** The first reading; false when the pages may not be asked for. */
  public boolean first(
      ProcessMemory memory, MappingTable table, RegionMap regions, ReadMeter meter) {
    for (int i = 0; i < regions.size(); i++) {
      if (!mayGrow(table, regions, i)) {
        continue;
      }
      if (!ask(memory, regions, i, meter)) {
        return false;
      }
      before.merge(regions.kind(i), asked.presentBytes(), Long::sum);
      for (int r = 0; r < asked.count(); r++) {
        present.add(asked.start(r), asked.end(r));
      }
    }
    return true;
  }

  /** What is only reserved gets no pages, and may be terabytes. */
  private boolean mayGrow(MappingTable table, RegionMap regions, int region) {
    return kinds.contains(regions.kind(region)) && table.isWritable(regions.mapping(region));
  }

  private boolean ask(ProcessMemory memory, RegionMap regions, int i, ReadMeter meter) {
    return memory.residency(regions.start(i), regions.end(i), asked, meter)
        instanceof Outcome.Sampled;
  }

  /** Whether so many ranges were present that the pages behind them look new. */
  public boolean isCut() {
    return present.isFull();
  }

  /** The second reading; false when the pages may not be asked for any more. */
  public boolean second(
      ProcessMemory memory, MappingTable table, RegionMap regions, ReadMeter meter) {
    Map<RegionKind, AddressSample> samples = new EnumMap<>(RegionKind.class);
    Map<RegionKind, long[]> sums = new EnumMap<>(RegionKind.class);
    for (int i = 0; i < regions.size(); i++) {
      RegionKind kind = regions.kind(i);
      if (!mayGrow(table, regions, i)) {
        continue;
      }
      if (!ask(memory, regions, i, meter)) {
        return false;
      }
      AddressSample sample =
          samples.computeIfAbsent(kind, k -> new AddressSample(sampleMax, k.ordinal() + 1));
      long[] sum = sums.computeIfAbsent(kind, k -> new long[2]);
      sum[1] += asked.presentBytes();
      for (int r = 0; r < asked.count(); r++) {
        sum[0] += addNew(asked.start(r), asked.end(r), sample);
      }
    }
    sums.forEach(
        (kind, sum) ->
            changes.put(
                kind,
                new Change(
                    kind,
                    sum[0],
                    (sum[1] - before.getOrDefault(kind, 0L)) / PAGE_BYTES,
                    sorted(samples.get(kind)))));
    return true;
  }

  private static List<Long> sorted(@Nullable AddressSample sample) {
    long[] addresses = sample == null ? new long[0] : sample.addresses();
    return Arrays.stream(addresses).sorted().boxed().toList();
  }

  private long addNew(long start, long end, AddressSample sample) {
    long pages = 0;
    int range = Math.max(0, present.lastBefore(start));
    for (long page = start; page < end; page += PAGE_BYTES) {
      while (range < present.count() && present.end(range) <= page) {
        range++;
      }
      if (range >= present.count() || page < present.start(range)) {
        sample.offer(page);
        pages++;
      }
    }
    return pages;
  }

  /** What changed, by kind. */
  public Map<RegionKind, Change> changes() {
    return Map.copyOf(changes);
  }
}
