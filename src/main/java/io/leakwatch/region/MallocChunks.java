package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.List;

/**
 * Chunks that ptmalloc got by mmap of their own (malloc.c, {@code sysmalloc_mmap}): they begin at a
 * page with {@code prev_size, size|IS_MMAPPED} and take {@code prev_size + size} bytes, whole
 * pages; since 2.43 16 bytes more, and bit 0 of {@code prev_size} marks huge pages. The kernel
 * fuses them with each other and with other anonymous memory, so a mapping is followed from chunk
 * to chunk, and page by page where no chunk begins. Both is bounded: what lies behind the bound
 * stays undecided.
 */
final class MallocChunks {
  private static final long CHUNK_MIN_BYTES = 32 << 10;
  private static final int MISSES_MAX = 32;
  private static final long IS_MMAPPED = 2;

  private final long[] header = new long[2];
  private int probes;

  /** Reads every undecided writable mapping, with a bounded number of probes. */
  void find(LayoutDraft canvas, MemoryProbe probe, long pageBytes, int probesMax) {
    probes = probesMax;
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size() && probes > 0; i++) {
      if (canvas.isOpenWritable(i)
          && !table.isExecutable(i)
          && table.lengthBytes(i) >= CHUNK_MIN_BYTES) {
        find(canvas, i, probe, pageBytes);
      }
    }
  }

  private void find(LayoutDraft canvas, int i, MemoryProbe probe, long pageBytes) {
    long at = canvas.table().start(i);
    for (LayoutDraft.Cut cut : List.copyOf(canvas.cutsOf(i))) {
      find(canvas, at, cut.start(), probe, pageBytes);
      at = Math.max(at, cut.end());
    }
    find(canvas, at, canvas.table().end(i), probe, pageBytes);
  }

  private void find(LayoutDraft canvas, long start, long end, MemoryProbe probe, long pageBytes) {
    long at = start;
    long runStart = at;
    int misses = 0;
    while (at < end && misses < MISSES_MAX && probes-- > 0) {
      long bytes = probe.read(at, header) ? chunkBytes(header, end - at, pageBytes) : 0;
      if (bytes != 0) {
        at += bytes;
        continue;
      }
      decide(canvas, runStart, at);
      misses++;
      at += pageBytes;
      runStart = at;
    }
    decide(canvas, runStart, Math.min(at, end));
  }

  private static void decide(LayoutDraft canvas, long start, long end) {
    if (start < end) {
      canvas.decide(start, end, RegionKind.MALLOC_MMAP);
    }
  }

  /** What the chunk with a header takes, 0 where it is none. */
  static long chunkBytes(long[] header, long space, long pageBytes) {
    long size = header[1] & ~7L;
    long padding = header[0];
    if ((header[1] & 7) != IS_MMAPPED || size <= 0 || size > space || padding < 0) {
      return 0;
    }
    if (padding > space) {
      return 0;
    }
    long bytes = padding + size;
    if (bytes % pageBytes != 0) {
      bytes = (padding & ~1L) + size + 16;
    }
    return bytes % pageBytes == 0 && bytes >= CHUNK_MIN_BYTES && bytes <= space ? bytes : 0;
  }
}
