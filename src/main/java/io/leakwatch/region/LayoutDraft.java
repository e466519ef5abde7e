package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The address space while it is being classified: what is decided stays, what is open is offered to
 * the next step. A decision covers a whole mapping or a part of one (a cut).
 */
final class LayoutDraft {
  /** A decided part of a mapping. */
  record Cut(long start, long end, RegionKind kind) {}

  private static final byte OPEN = -1;
  private static final RegionKind[] KINDS = RegionKind.values();

  private MappingTable table = new MappingTable();
  private byte[] kinds = new byte[256];
  private final TreeMap<Long, Cut> cuts = new TreeMap<>(Long::compareUnsigned);

  void reset(MappingTable table) {
    this.table = table;
    if (kinds.length < table.size()) {
      kinds = new byte[table.size() * 5 / 4];
    }
    Arrays.fill(kinds, 0, table.size(), OPEN);
    cuts.clear();
  }

  MappingTable table() {
    return table;
  }

  /** Undecided as a whole; it may have cuts. */
  boolean isOpen(int mapping) {
    return kinds[mapping] == OPEN;
  }

  @Nullable RegionKind kind(int mapping) {
    return kinds[mapping] == OPEN ? null : KINDS[kinds[mapping]];
  }

  void decide(int mapping, RegionKind kind) {
    kinds[mapping] = (byte) kind.ordinal();
  }

  /** An open mapping of private memory without a file, a reserved one included. */
  boolean isOpenAnonymous(int mapping) {
    return isOpen(mapping) && !table.isShared(mapping);
  }

  boolean isOpenReserved(int mapping) {
    return isOpenAnonymous(mapping) && isReserved(mapping);
  }

  boolean isOpenWritable(int mapping) {
    return isOpenAnonymous(mapping) && isWritable(mapping);
  }

  boolean isReserved(int mapping) {
    return (table.permissions(mapping) & ~MappingTable.SHARED) == 0;
  }

  boolean isWritable(int mapping) {
    return table.isReadable(mapping) && table.isWritable(mapping);
  }

  boolean adjoins(int mapping, int next) {
    return next < table.size() && table.end(mapping) == table.start(next);
  }

  /** Decides an address range as far as it lies in open mappings and is not decided yet. */
  void decide(long start, long end, RegionKind kind) {
    for (int i = firstEndingBehind(start);
        i < table.size() && Long.compareUnsigned(table.start(i), end) < 0;
        i++) {
      if (!isOpenAnonymous(i)) {
        continue;
      }
      long from = max(start, table.start(i));
      long to = min(end, table.end(i));
      if (from == table.start(i) && to == table.end(i) && cutsOf(i).isEmpty()) {
        decide(i, kind);
      } else {
        cut(from, to, kind);
      }
    }
  }

  private void cut(long from, long to, RegionKind kind) {
    long start = from;
    Map.Entry<Long, Cut> before = cuts.lowerEntry(to);
    if (before != null && Long.compareUnsigned(before.getValue().end(), from) > 0) {
      return;
    }
    if (before != null && before.getValue().end() == from && before.getValue().kind() == kind) {
      start = before.getKey();
    }
    cuts.put(start, new Cut(start, to, kind));
  }

  /** Parts of a mapping that are decided, in address order. A cut may begin in the one below. */
  Collection<Cut> cutsOf(int mapping) {
    if (cuts.isEmpty()) {
      return cuts.values();
    }
    long start = table.start(mapping);
    Map.Entry<Long, Cut> before = cuts.floorEntry(start);
    long from =
        before != null && Long.compareUnsigned(before.getValue().end(), start) > 0
            ? before.getKey()
            : start;
    return cuts.subMap(from, true, table.end(mapping), false).values();
  }

  /** Index of the mapping that holds the address, -1 for none. */
  int mappingAt(long address) {
    int i = firstEndingBehind(address);
    return i < table.size() && Long.compareUnsigned(table.start(i), address) <= 0 ? i : -1;
  }

  int firstEndingBehind(long address) {
    int low = 0;
    int high = table.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(table.end(middle), address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static long max(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? b : a;
  }

  static long min(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }
}
