package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;

/**
 * Finds what a runtime maps by itself, piece by piece, where each begins with a head that tells its
 * length. The kernel fuses pieces with each other and with chunks that malloc got by mmap, so a
 * mapping is followed from one to the next, and page by page where none begins. Both is bounded.
 */
final class RuntimePieces {
  private static final int PROBES_MAX = 65_536;
  private static final int MISSES_MAX = 1_024;

  private final Shape shape;
  private final RegionKind kind;
  private final long[] chunk = new long[2];

  RuntimePieces(Shape shape, RegionKind kind) {
    this.shape = shape;
    this.kind = kind;
  }

  /** Knows the head of a piece. */
  interface Shape {
    /** A piece has as many bytes at least. */
    long bytesMin();

    /**
     * Bytes of the piece that begins at an address, 0 where none does.
     *
     * @param end of the mapping
     */
    long bytes(long at, long end, MemoryProbe probe);
  }

  /**
   * Reads every undecided writable mapping.
   *
   * @return whether there is a piece
   */
  boolean find(LayoutDraft canvas, MemoryProbe probe, long pageBytes) {
    int probes = probe.mayRead() ? PROBES_MAX : 0;
    MappingTable table = canvas.table();
    boolean isFound = false;
    for (int i = 0; i < table.size() && probes > 0; i++) {
      if (canvas.isOpenWritable(i)
          && !table.isExecutable(i)
          && table.lengthBytes(i) >= shape.bytesMin()
          && canvas.cutsOf(i).isEmpty()) {
        int misses = MISSES_MAX;
        long at = table.start(i);
        long end = table.end(i);
        while (at < end && probes > 0 && misses > 0) {
          probes--;
          long bytes = shape.bytes(at, end, probe);
          if (bytes > 0) {
            canvas.decide(at, at + bytes, kind);
            isFound = true;
          } else if (probe.read(at, chunk)) {
            bytes = MallocChunks.chunkBytes(chunk, end - at, pageBytes);
          }
          misses -= bytes > 0 ? 0 : 1;
          at += bytes > 0 ? bytes : pageBytes;
        }
      }
    }
    return isFound;
  }
}
