package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.RSS;
import static io.leakwatch.proc.memory.MappingTable.Field.SWAP;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * The heaps of ptmalloc's thread arenas by the shape of the address space alone, for memory that
 * may not be read.
 *
 * <p>A heap is 64 MiB, aligned to 64 MiB: writable from its start and inaccessible behind that
 * ({@code rw-p} then {@code ---p} up to the next boundary). Full heaps have no such tail, and the
 * kernel fuses them with the writable part of the heap behind. So a writable mapping that reaches a
 * tail is made of heaps in every aligned 64 MiB that it covers; and one that begins and ends on
 * boundaries is made of full heaps, but only beside a heap with a tail: an arena whose heap is full
 * goes on in a newer one; and only where they are filled. glibc writes a header into the first page
 * of each heap, so a block whose first page was never written is none. What cannot be told apart
 * this way: memory that another part of the program maps with just these bounds. By chance an mmap
 * is so aligned once in 16,384 times.
 */
final class HeapShapes {
  private static final long MAX = ArenaHeaps.HEAP_MAX_BYTES;

  /** malloc/arena.c, {@code HEAP_MIN_SIZE}. */
  private static final long HEAP_MIN_BYTES = 32 << 10;

  /** Of a full heap that was trimmed since, some may be gone. */
  private static final double FILLED_SHARE = 0.125;

  /** The guard of a thread stack may adjoin a tail and fuse with it. */
  private static final long GUARD_MAX_BYTES = 64 << 10;

  private final LayoutDraft canvas;
  private final MemoryProbe probe;
  private final long pageBytes;
  private final LongPredicate admitted;
  private final Map<Long, Layout.Heap> heaps;

  /**
   * @param admitted whether an aligned address may be taken for a heap
   * @param heaps those that are known; receives what is found
   */
  HeapShapes(
      LayoutDraft canvas,
      MemoryProbe probe,
      long pageBytes,
      LongPredicate admitted,
      Map<Long, Layout.Heap> heaps) {
    this.canvas = canvas;
    this.probe = probe;
    this.pageBytes = pageBytes;
    this.admitted = admitted;
    this.heaps = heaps;
  }

  /** Adds the heaps that have a tail, and the full ones that are fused with them. */
  void findWithTail() {
    for (int i = 0; i < canvas.table().size(); i++) {
      long end = canvas.table().end(i);
      long boundary = (end + MAX - 1) & -MAX;
      if (mayHoldHeaps(i)
          && end != boundary
          && end - (boundary - MAX) >= HEAP_MIN_BYTES
          && hasTail(i, boundary)) {
        addAll(i, boundary);
      }
    }
  }

  /** Adds mappings that are full heaps from end to end, where there are heaps at all. */
  void findFull() {
    for (int i = 0; i < canvas.table().size() && !heaps.isEmpty(); i++) {
      long start = canvas.table().start(i);
      long end = canvas.table().end(i);
      if (mayHoldHeaps(i) && ((start | end) & (MAX - 1)) == 0 && wasFilled(i)) {
        addAll(i, end);
      }
    }
  }

  /** A heap grows by what the program asks for, and most of that is written. */
  private boolean wasFilled(int i) {
    MappingTable table = canvas.table();
    return !table.has(RSS)
        || table.get(i, RSS) + table.get(i, SWAP) >= FILLED_SHARE * table.lengthBytes(i);
  }

  private boolean mayHoldHeaps(int i) {
    boolean named = canvas.kind(i) == RegionKind.ARENA && canvas.isWritable(i);
    return (named || canvas.isOpenWritable(i)) && !canvas.table().isExecutable(i);
  }

  private void addAll(int i, long boundary) {
    MappingTable table = canvas.table();
    for (long h = boundary - MAX; h > 0 && h >= table.start(i); h -= MAX) {
      if (!heaps.containsKey(h) && admitted.test(h) && hasHeader(i, h)) {
        heaps.put(h, new Layout.Heap(h, 0, 0, 0, Math.min(MAX, table.end(i) - h)));
      }
    }
  }

  /** Whether the first page was written, as far as that is known. */
  private boolean hasHeader(int i, long h) {
    MappingTable table = canvas.table();
    if (table.get(i, SWAP) > 0) {
      return true;
    }
    long present = probe.residentBytes(h, h + pageBytes);
    return present > 0 || (present < 0 && (!table.has(RSS) || table.get(i, RSS) > 0));
  }

  private boolean hasTail(int i, long boundary) {
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
