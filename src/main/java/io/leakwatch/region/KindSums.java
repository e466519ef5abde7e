package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.ANONYMOUS;
import static io.leakwatch.proc.memory.MappingTable.Field.LAZY_FREE;
import static io.leakwatch.proc.memory.MappingTable.Field.RSS;
import static io.leakwatch.proc.memory.MappingTable.Field.SWAP;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sums a classified address space by kind and fills the region map. Where several kinds share a
 * mapping its figures are divided by what a page scan says of each part, else by length; the parts
 * always add up to the whole, because each is the difference of two rounded running sums.
 */
final class KindSums {
  private static final RegionKind[] KINDS = RegionKind.values();
  private static final int COUNT = 0;
  private static final int MAPPED = 1;
  private static final int RESIDENT = 2;
  private static final int ANON = 3;
  private static final int SWAPPED = 4;
  private static final int LAZY = 5;

  private final long[][] sums = new long[KINDS.length][6];
  private long[] starts = new long[8];
  private long[] ends = new long[8];
  private RegionKind[] kinds = new RegionKind[8];
  private long[] weights = new long[8];
  private int parts;

  Map<RegionKind, Layout.Totals> sum(
      LayoutDraft canvas, MemoryProbe probe, @Nullable RegionMap regions) {
    for (long[] sum : sums) {
      Arrays.fill(sum, 0);
    }
    if (regions != null) {
      regions.clear();
    }
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size(); i++) {
      RegionKind kind = canvas.kind(i);
      RegionKind rest = kind == null ? RegionKind.ANONYMOUS : kind;
      divide(canvas, i, rest);
      weigh(probe);
      add(table, i, regions);
    }
    Map<RegionKind, Layout.Totals> totals = new EnumMap<>(RegionKind.class);
    for (RegionKind kind : KINDS) {
      long[] s = sums[kind.ordinal()];
      if (s[COUNT] > 0) {
        totals.put(
            kind,
            new Layout.Totals(
                (int) s[COUNT], s[MAPPED], s[RESIDENT], s[ANON], s[SWAPPED], s[LAZY]));
      }
    }
    return totals;
  }

  private void divide(LayoutDraft canvas, int i, RegionKind rest) {
    MappingTable table = canvas.table();
    parts = 0;
    long at = table.start(i);
    for (LayoutDraft.Cut cut : canvas.cutsOf(i)) {
      long from = LayoutDraft.max(at, cut.start());
      long to = LayoutDraft.min(cut.end(), table.end(i));
      part(at, from, rest);
      part(from, to, cut.kind());
      at = to;
    }
    part(at, table.end(i), rest);
  }

  private void part(long start, long end, RegionKind kind) {
    if (start == end) {
      return;
    }
    if (parts > 0 && kinds[parts - 1] == kind) {
      ends[parts - 1] = end;
      return;
    }
    if (parts == starts.length) {
      starts = Arrays.copyOf(starts, parts * 2);
      ends = Arrays.copyOf(ends, parts * 2);
      kinds = Arrays.copyOf(kinds, parts * 2);
      weights = Arrays.copyOf(weights, parts * 2);
    }
    starts[parts] = start;
    ends[parts] = end;
    kinds[parts++] = kind;
  }

  private void weigh(MemoryProbe probe) {
    boolean measured = parts > 1;
    long sum = 0;
    for (int p = 0; p < parts && measured; p++) {
      weights[p] = probe.residentBytes(starts[p], ends[p]);
      measured = weights[p] >= 0 && weights[p] <= ends[p] - starts[p];
      sum += weights[p];
    }
    if (!measured || sum == 0) {
      for (int p = 0; p < parts; p++) {
        weights[p] = ends[p] - starts[p];
      }
    }
  }

  private void add(MappingTable table, int i, @Nullable RegionMap regions) {
    long total = 0;
    for (int p = 0; p < parts; p++) {
      total += weights[p];
    }
    boolean exact = table.has(ANONYMOUS);
    boolean estimated =
        !exact && !table.isShared(i) && !table.name(i).startsWith("/") && table.inode(i) == 0;
    long anonymous = exact ? table.get(i, ANONYMOUS) : estimated ? table.get(i, RSS) : 0;
    long running = 0;
    for (int p = 0; p < parts; p++) {
      long from = running;
      running += weights[p];
      long[] s = sums[kinds[p].ordinal()];
      long resident = share(table.get(i, RSS), from, running, total);
      s[COUNT]++;
      s[MAPPED] += ends[p] - starts[p];
      s[RESIDENT] += resident;
      s[ANON] += share(anonymous, from, running, total);
      s[SWAPPED] += share(table.get(i, SWAP), from, running, total);
      s[LAZY] += share(table.get(i, LAZY_FREE), from, running, total);
      if (regions != null) {
        regions.add(i, starts[p], ends[p], kinds[p], resident);
      }
    }
  }

  private static long share(long figure, long from, long to, long total) {
    if (from == 0 && to == total) {
      return figure;
    }
    return upTo(figure, to, total) - upTo(figure, from, total);
  }

  private static long upTo(long figure, long part, long total) {
    return part == total ? figure : ((long) ((figure >> 10) * (double) part / total)) << 10;
  }
}
