package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * The heaps of ptmalloc's thread arenas by the shape of the address space alone, for memory that
 * may not be read.
 *
 * <p>A heap is 64 MiB, aligned to 64 MiB: writable from its start and inaccessible behind that
 * ({@code rw-p} then {@code ---p} up to the next boundary). A writable mapping that reaches such a
 * tail, or that begins and ends on boundaries, is made of heaps in every aligned 64 MiB that it
 * covers. What cannot be distinguished this way: memory that another program part mapped with just
 * these bounds. By chance an mmap is so aligned once in 16,384 times.
 */
final class HeapShapes {
  private static final long MAX = ArenaHeaps.HEAP_MAX_BYTES;

  /** The guard of a thread stack may adjoin a tail and fuse with it. */
  private static final long GUARD_MAX_BYTES = 64 << 10;

  private HeapShapes() {}

  /**
   * Adds heaps that shape tells.
   *
   * @param admitted whether an aligned address may be taken for a heap
   */
  static void find(LayoutDraft canvas, LongPredicate admitted, Map<Long, Layout.Heap> heaps) {
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size(); i++) {
      boolean named = canvas.kind(i) == RegionKind.ARENA && canvas.isWritable(i);
      if ((!named && !canvas.isOpenWritable(i)) || table.isExecutable(i)) {
        continue;
      }
      long end = table.end(i);
      long boundary = (end + MAX - 1) & -MAX;
      long last = boundary - MAX;
      boolean whole = end == boundary && table.start(i) == (table.start(i) & -MAX);
      if (end != boundary && !hasTail(canvas, i, boundary)) {
        continue;
      }
      if (end == boundary && !whole) {
        continue;
      }
      for (long h = last; h > 0 && h >= table.start(i); h -= MAX) {
        if (!heaps.containsKey(h) && admitted.test(h)) {
          heaps.put(h, new Layout.Heap(h, 0, 0, 0, Math.min(MAX, end - h)));
        }
      }
    }
  }

  private static boolean hasTail(LayoutDraft canvas, int i, long boundary) {
    MappingTable table = canvas.table();
    int next = i + 1;
    return canvas.adjoins(i, next)
        && canvas.isReserved(next)
        && table.inode(next) == 0
        && !table.isShared(next)
        && table.end(next) >= boundary
        && table.end(next) <= boundary + GUARD_MAX_BYTES;
  }
}
