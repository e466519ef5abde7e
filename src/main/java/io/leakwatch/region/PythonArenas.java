package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;

/**
 * The arenas of CPython's object allocator (Objects/obmalloc.c): 1 MiB each, cut into pools of 16
 * KiB (since 3.10), or 256 KiB with pools of 4 KiB. The kernel fuses them with each other and with
 * what malloc got by mmap, so a mapping is followed from arena to arena and from chunk to chunk,
 * and page by page where neither begins; the number of such pages is bounded. An arena is known by
 * its first pool, of which the description stays when it is freed.
 */
final class PythonArenas {
  private static final int MISSES_MAX = 512;
  private static final int HEADER_WORDS = 6;
  private static final int HEADER_BYTES = 8 * HEADER_WORDS;
  private static final int BLOCK_MAX_BYTES = 512;

  /** By the shift of the pools' size; an arena has 64 of them. */
  private static final int[] POOL_SHIFTS = {14, 12};

  private static final int POOLS_SHIFT = 6;

  private final long[] header = new long[2];
  private final long[] pool = new long[HEADER_WORDS];
  private int probes;
  private boolean isAny;

  /**
   * Decides them.
   *
   * @param probesMax pages that are read where no arena begins
   * @return whether there is one
   */
  boolean find(LayoutDraft canvas, MemoryProbe probe, long pageBytes, int probesMax) {
    probes = probesMax;
    isAny = false;
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size() && probe.mayRead(); i++) {
      if (canvas.isOpenWritable(i) && !table.isExecutable(i) && canvas.cutsOf(i).isEmpty()) {
        find(canvas, table.start(i), table.end(i), probe, pageBytes);
      }
    }
    return isAny;
  }

  private void find(LayoutDraft canvas, long start, long end, MemoryProbe probe, long pageBytes) {
    long at = start;
    int misses = 0;
    while (at < end && misses < MISSES_MAX && probes > 0) {
      long arena = arenaBytes(at, end, probe);
      if (arena > 0) {
        canvas.decide(at, at + arena, RegionKind.PYTHON_ARENA);
        isAny = true;
        at += arena;
        continue;
      }
      probes--;
      long chunk =
          probe.read(at, header) ? MallocChunks.chunkBytes(header, end - at, pageBytes) : 0;
      misses += chunk == 0 ? 1 : 0;
      at += Math.max(chunk, pageBytes);
    }
  }

  /** What the arena takes that begins at an address, 0 where none begins. */
  private long arenaBytes(long at, long end, MemoryProbe probe) {
    for (int shift : POOL_SHIFTS) {
      long bytes = 1L << (shift + POOLS_SHIFT);
      long first = (at + (1L << shift) - 1) & -(1L << shift);
      if (end - at >= bytes && isPool(first, shift, probe)) {
        return bytes;
      }
    }
    return 0;
  }

  /**
   * Whether a pool ({@code struct pool_header}) begins at an address: the offset of its last block
   * follows from the size of its blocks.
   */
  private boolean isPool(long at, int shift, MemoryProbe probe) {
    if (!probe.read(at, pool)) {
      return false;
    }
    long bytes = 1L << shift;
    long sizeIndex = pool[4] >>> 32;
    long block = 16 * (sizeIndex + 1);
    long next = pool[5] & 0xffffffffL;
    return block <= BLOCK_MAX_BYTES
        && pool[5] >>> 32 == bytes - block
        && next >= HEADER_BYTES
        && next <= bytes
        && (pool[0] & 0xffffffffL) <= (bytes - HEADER_BYTES) / block;
  }
}
