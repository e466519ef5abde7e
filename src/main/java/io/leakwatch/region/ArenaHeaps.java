package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.KERNEL_PAGE_SIZE;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The heaps of ptmalloc's thread arenas, found by what lies in them.
 *
 * <p>glibc (malloc/arena.c) reserves 64 MiB, aligned to 64 MiB, per heap and makes its lower part
 * writable as it grows. Full heaps fuse with their neighbours, so the size of a mapping says
 * nothing: every aligned address in writable anonymous memory is a candidate, and its first words
 * must be a {@code heap_info}: {@code ar_ptr, prev, size, mprotect_size}. The first heap of an
 * arena carries the {@code malloc_state} directly behind that header (32 bytes until glibc 2.34, 48
 * since 2.35).
 *
 * <p>Foreign memory can look like a header, so the lists must agree too. All arenas hang on a ring
 * of {@code next} pointers that also runs through {@code main_arena}, in the data of libc or of the
 * program: a candidate arena whose ring leads back to it through exactly one such place is real.
 * The offset of {@code next} differs by release (0x868, 0x870, 0x818); the offset whose rings close
 * is the right one. Where the ring cannot be followed because a page of it is not in memory, the
 * header alone decides. An arena whose ring can be followed and does not close is none. With
 * glibc.malloc.hugetlb, 2.35 to 2.41 align heaps to four huge pages instead of 64 MiB.
 */
final class ArenaHeaps {
  static final long HEAP_MAX_BYTES = 64L << 20;
  private static final int[] NEXT_OFFSETS = {0x870, 0x868, 0x818};
  private static final int[] HEADER_BYTES = {0x20, 0x30};

  /** What was found; heaps by address. */
  record Found(
      TreeMap<Long, Layout.Heap> heaps, Set<Long> unreadable, int arenas, int maxBytesShift) {}

  private enum Ring {
    CLOSED,
    UNREADABLE,
    OPEN
  }

  private final long[] words = new long[4];
  private final long[] word = new long[1];

  /**
   * Probes every candidate address.
   *
   * @param limit how many candidates at most
   * @return heaps in address order, the aligned addresses whose words could not be read, and the
   *     heap size in force as a power of two
   */
  Found find(LayoutDraft canvas, MemoryProbe probe, long pageBytes, int limit) {
    Found found = find(canvas, probe, pageBytes, limit, HEAP_MAX_BYTES);
    long huge = hugePageBytes(canvas.table(), pageBytes);
    if (found.heaps().isEmpty() && huge != 0 && huge <= 1L << 30) {
      Found ofHugePages = find(canvas, probe, pageBytes, limit, 4 * huge);
      return ofHugePages.heaps().isEmpty() ? found : ofHugePages;
    }
    return found;
  }

  private static long hugePageBytes(MappingTable table, long pageBytes) {
    for (int i = 0; i < table.size(); i++) {
      long bytes = table.get(i, KERNEL_PAGE_SIZE);
      if (bytes > pageBytes && Long.bitCount(bytes) == 1) {
        return bytes;
      }
    }
    return 0;
  }

  private Found find(
      LayoutDraft canvas, MemoryProbe probe, long pageBytes, int limit, long heapMaxBytes) {
    TreeMap<Long, Layout.Heap> candidates = new TreeMap<>();
    Set<Long> unreadable = new HashSet<>();
    MappingTable table = canvas.table();
    int probes = 0;
    for (int i = 0; i < table.size(); i++) {
      if (!mayHoldHeaps(canvas, i, pageBytes)) {
        continue;
      }
      long first = (table.start(i) + heapMaxBytes - 1) & -heapMaxBytes;
      for (long h = first; h > 0 && h < table.end(i) && probes < limit; h += heapMaxBytes) {
        probes++;
        if (!probe.read(h, words)) {
          // A heap's header was written once: a page that is neither here nor swapped has none
          if (table.get(i, MappingTable.Field.SWAP) > 0) {
            unreadable.add(h);
          }
        } else if (isHeapInfo(h, pageBytes, heapMaxBytes)) {
          candidates.put(h, new Layout.Heap(h, words[0], words[1], words[2], words[3]));
        }
      }
    }
    Map<Long, List<Layout.Heap>> byArena = groupByArena(candidates, heapMaxBytes);
    TreeMap<Long, Layout.Heap> heaps = new TreeMap<>();
    int arenas = 0;
    for (List<Layout.Heap> arena : real(byArena, canvas, probe).values()) {
      arenas++;
      arena.forEach(heap -> heaps.put(heap.address(), heap));
    }
    return new Found(heaps, unreadable, arenas, Long.numberOfTrailingZeros(heapMaxBytes));
  }

  private static boolean mayHoldHeaps(LayoutDraft canvas, int i, long pageBytes) {
    return canvas.isOpenWritable(i)
        || (canvas.kind(i) == RegionKind.ARENA && canvas.isWritable(i))
        || (canvas.kind(i) == RegionKind.HUGETLB
            && canvas.isWritable(i)
            && !canvas.table().isShared(i)
            && NameRules.hasHugePages(canvas.table(), i, pageBytes));
  }

  /** The heap may have grown since its mapping was read, so its sizes are not held against that. */
  private boolean isHeapInfo(long h, long pageBytes, long heapMaxBytes) {
    long arena = words[0];
    long previous = words[1];
    long size = words[2];
    long committed = words[3];
    return size >= pageBytes
        && size <= committed
        && committed <= heapMaxBytes
        && size % pageBytes == 0
        && committed % pageBytes == 0
        && previous >= 0
        && (previous & (heapMaxBytes - 1)) == 0
        && previous != h
        && headerBytes(arena, heapMaxBytes) != 0
        && (previous == 0) == ((arena & -heapMaxBytes) == h);
  }

  private static int headerBytes(long arena, long heapMaxBytes) {
    for (int bytes : HEADER_BYTES) {
      if ((arena & (heapMaxBytes - 1)) == bytes) {
        return bytes;
      }
    }
    return 0;
  }

  /** Arena → its heaps, as far as each heap's list of older heaps ends at the arena's first. */
  private static Map<Long, List<Layout.Heap>> groupByArena(
      Map<Long, Layout.Heap> candidates, long heapMaxBytes) {
    Map<Long, List<Layout.Heap>> arenas = new TreeMap<>();
    for (Layout.Heap heap : candidates.values()) {
      Layout.Heap first = candidates.get(heap.arenaAddress() & -heapMaxBytes);
      Layout.Heap previous = candidates.get(heap.previousAddress());
      boolean chained =
          heap.previousAddress() == 0
              || (previous != null && previous.arenaAddress() == heap.arenaAddress());
      if (first != null && first.arenaAddress() == heap.arenaAddress() && chained) {
        arenas.computeIfAbsent(heap.arenaAddress(), a -> new ArrayList<>()).add(heap);
      }
    }
    return arenas;
  }

  private Map<Long, List<Layout.Heap>> real(
      Map<Long, List<Layout.Heap>> arenas, LayoutDraft canvas, MemoryProbe probe) {
    Map<Long, List<Layout.Heap>> best = Map.of();
    Map<Long, List<Layout.Heap>> undecided = Map.of();
    int closedBest = 0;
    for (int offset : NEXT_OFFSETS) {
      Map<Long, List<Layout.Heap>> accepted = new HashMap<>();
      Map<Long, List<Layout.Heap>> open = new HashMap<>();
      Set<Long> closed = new HashSet<>();
      for (Map.Entry<Long, List<Layout.Heap>> arena : arenas.entrySet()) {
        Ring ring = follow(arena.getKey(), offset, arenas.keySet(), closed, canvas, probe);
        if (ring == Ring.CLOSED) {
          accepted.put(arena.getKey(), arena.getValue());
        } else if (ring == Ring.UNREADABLE) {
          open.put(arena.getKey(), arena.getValue());
        }
      }
      if (accepted.size() > closedBest) {
        closedBest = accepted.size();
        best = accepted;
      }
      if (open.size() > undecided.size()) {
        undecided = open;
      }
    }
    return closedBest > 0 ? best : undecided;
  }

  /** Follows the ring from an arena; on success all of its members are noted as closed. */
  private Ring follow(
      long arena,
      int offset,
      Collection<Long> candidates,
      Set<Long> closed,
      LayoutDraft canvas,
      MemoryProbe probe) {
    if (closed.contains(arena)) {
      return Ring.CLOSED;
    }
    Set<Long> seen = new HashSet<>();
    int outside = 0;
    long at = arena;
    do {
      if (!seen.add(at) || closed.contains(at)) {
        return Ring.OPEN;
      }
      if (!candidates.contains(at)) {
        if (++outside > 1 || !isProgramData(canvas, at)) {
          return Ring.OPEN;
        }
      }
      if (!probe.read(at + offset, word)) {
        return Ring.UNREADABLE;
      }
      at = word[0];
    } while (at != arena);
    if (outside != 1) {
      return Ring.OPEN;
    }
    closed.addAll(seen);
    return Ring.CLOSED;
  }

  private static boolean isProgramData(LayoutDraft canvas, long address) {
    int i = (address & 7) == 0 ? canvas.mappingAt(address) : -1;
    return i >= 0 && canvas.kind(i) == RegionKind.FILE_PRIVATE;
  }
}
