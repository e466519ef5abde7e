package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.Presence;
import java.util.Arrays;

/**
 * The figures of one arena, summed up from the journal of a {@link ChunkWalk}.
 *
 * <p>Free chunks that touch each other or a fastbin chunk are taken together, as {@code
 * malloc_trim} consolidates before it trims. What it gives back (malloc/malloc.c, {@code mtrim})
 * are the whole pages between 48 bytes behind the start of a free chunk and its end; here only
 * those that are resident count. A chunk in use ends the run.
 */
public final class ArenaTally {
  /** {@code sizeof (struct malloc_chunk)}: what mtrim leaves at the start of a free chunk. */
  private static final long CHUNK_STRUCT_BYTES = 48;

  private static final long MINSIZE = 32;

  /** What lies in a chunk before the application's first byte. */
  static final int HEADER_BYTES = 16;

  private final SizeCensus census;
  private final Presence presence;
  private final long pageBytes;
  private final CacheCandidates candidates;
  private final ObjectVisitor visitor;
  private final StripDraft strip;
  private long trimUnitBytes;
  private long[] fastbinChunks = new long[0];
  private int fastbinAt;

  long inUseBytes;
  long untouchedBytes;
  long returnedBytes;
  long returnedPinnedBytes;
  long inUseChunks;
  long freeBytes;
  long topBytes;
  long overheadBytes;
  long foreignBytes;
  long unknownBytes;
  long cachedBytes;
  long trimmableBytes;
  long pinnedBytes;
  long lastInUse;
  long lastInUseBytes;
  long freeBelowLast;
  private long trailingFree;
  private long heapFree;
  private long runStart = -1;
  private long topAt;
  private long topAtBytes;
  private long topTrimmableBytes;
  private long topReturnedBytes;

  public ArenaTally(
      SizeCensus census, Presence presence, CacheCandidates candidates, ObjectVisitor visitor) {
    this(census, presence, candidates, visitor, new StripDraft(presence));
  }

  ArenaTally(
      SizeCensus census,
      Presence presence,
      CacheCandidates candidates,
      ObjectVisitor visitor,
      StripDraft strip) {
    this.strip = strip;
    this.census = census;
    this.presence = presence;
    this.pageBytes = presence.pageBytes();
    this.trimUnitBytes = pageBytes;
    this.candidates = candidates;
    this.visitor = visitor;
  }

  /** Chunks of the arena that sit in fastbins: they look in use. */
  void fastbins(long[] sortedAddresses) {
    fastbinChunks = sortedAddresses;
  }

  /**
   * Begins a heap; what pins the top is known per heap, and the last heap's stays.
   *
   * @param start its first chunk
   * @param base its first page
   */
  void beginSegment(long start, long base) {
    strip.begin(base);
    int at = Arrays.binarySearch(fastbinChunks, start);
    fastbinAt = at >= 0 ? at : -at - 1;
    runStart = -1;
    trailingFree = 0;
    heapFree = 0;
    lastInUse = 0;
    lastInUseBytes = 0;
    freeBelowLast = 0;
  }

  /**
   * Takes chunks from a journal.
   *
   * @param journal chunk addresses in order, bit 0 set when in use
   * @param count chunks; {@code journal[count]} is the address behind the last one
   */
  void commit(long[] journal, int count) {
    if (visitor != ObjectVisitor.NONE) {
      report(journal, count);
    }
    long used = 0;
    long chunks = 0;
    int cacheBytes = candidates.chunkBytes();
    long nextFastbin = fastbinAt < fastbinChunks.length ? fastbinChunks[fastbinAt] : Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      long entry = journal[i];
      long address = entry & -16L;
      long size = (journal[i + 1] & -16L) - address;
      if (address >= nextFastbin) {
        nextFastbin = skipFastbins(address);
        if (fastbinAt > 0 && fastbinChunks[fastbinAt - 1] == address && (entry & 1) != 0) {
          cachedBytes += size;
          addFree(address, size);
          continue;
        }
      }
      if ((entry & 1) != 0) {
        used += size;
        chunks++;
        strip.use(address, size);
        census.add(size);
        if (size > pageBytes) {
          untouchedBytes += presence.untouchedBytes(address, address + size);
        }
        if (size == cacheBytes) {
          candidates.add(address);
        }
        if (runStart >= 0) {
          returnedPinnedBytes += closeRun(address);
          freeBelowLast = trailingFree;
        } else {
          freeBelowLast = 0;
        }
        trailingFree = 0;
        lastInUse = address;
        lastInUseBytes = size;
      } else {
        addFree(address, size);
      }
    }
    inUseBytes += used;
    inUseChunks += chunks;
  }

  private void report(long[] journal, int count) {
    for (int i = 0; i < count; i++) {
      long address = journal[i] & -16L;
      boolean inUse = (journal[i] & 1) != 0 && Arrays.binarySearch(fastbinChunks, address) < 0;
      long bytes = (journal[i + 1] & -16L) - address;
      visitor.object(address + HEADER_BYTES, bytes - HEADER_BYTES, inUse);
    }
  }

  private long skipFastbins(long address) {
    while (fastbinAt < fastbinChunks.length && fastbinChunks[fastbinAt] <= address) {
      fastbinAt++;
    }
    return fastbinAt < fastbinChunks.length ? fastbinChunks[fastbinAt] : Long.MAX_VALUE;
  }

  private void addFree(long address, long size) {
    freeBytes += size;
    heapFree += size;
    trailingFree += size;
    if (runStart < 0) {
      runStart = address;
    }
  }

  /** Ends a run of free chunks; returns its bytes without memory behind them. */
  private long closeRun(long end) {
    long start = runStart;
    runStart = -1;
    if (end - start > pageBytes - 1 + CHUNK_STRUCT_BYTES) {
      long from = start + CHUNK_STRUCT_BYTES + pageBytes - 1 & -pageBytes;
      long length = end - from & -pageBytes;
      if (length > 0) {
        trimmableBytes += presence.presentBytes(from, from + length);
        long returned = presence.untouchedBytes(from, from + length);
        returnedBytes += returned;
        return returned;
      }
    }
    return 0;
  }

  /** Books a stretch that could not be walked. */
  void gap(long start, long bytes) {
    if (runStart >= 0) {
      closeRun(start);
    }
    trailingFree = 0;
    unknownBytes += bytes;
    strip.unknown(start, bytes);
  }

  /** Fence posts and headers of arena and heap. */
  void overhead(long bytes) {
    overheadBytes += bytes;
  }

  /** Memory that others got by sbrk between two parts of the main arena. */
  void foreign(long start, long bytes) {
    strip.unknown(start, bytes);
    overheadBytes += bytes;
    foreignBytes += bytes;
  }

  /** The pages by which the program break is trimmed, when they are larger than the kernel's. */
  void trimBy(long unitBytes) {
    trimUnitBytes = Math.max(pageBytes, unitBytes);
  }

  /**
   * Books what the arena has from the system beyond what was walked or left out.
   *
   * @param systemBytes what malloc says to have
   * @param countsForeign whether that includes what others got by sbrk, as it does while the arena
   *     is contiguous
   */
  void countMissing(long systemBytes, boolean countsForeign) {
    long passed = walkedBytes() - (countsForeign ? 0 : foreignBytes);
    unknownBytes += Math.max(0, systemBytes - passed);
  }

  /**
   * Ends a heap that has the arena's top. A run that reaches it ends in fastbin chunks and becomes
   * part of it. {@code systrim} gives the main arena's top in brk back, but for 33 bytes and what
   * is no whole page; {@code malloc_trim} leaves a top elsewhere alone.
   */
  void endAtTop(long top, long bytes, boolean brk) {
    topBytes += bytes;
    topAt = top;
    topAtBytes = bytes;
    long trimmableBefore = trimmableBytes;
    long start = runStart >= 0 ? runStart : top;
    topReturnedBytes = presence.untouchedBytes(start, top + bytes);
    returnedBytes += topReturnedBytes;
    runStart = -1;
    if (brk) {
      long end = top + bytes;
      long area = end - start - MINSIZE - 1;
      long extra = area > 0 ? area & -trimUnitBytes : 0;
      if (extra > 0 && end % pageBytes == 0) {
        trimmableBytes += presence.presentBytes(end - extra, end);
      }
    }
    topTrimmableBytes = trimmableBytes - trimmableBefore;
    endSegment(top + bytes);
  }

  /** Where the top was met, 0 where it was not. */
  long topAt() {
    return topAt;
  }

  /** Takes back what was booked of the top: it has moved on, and chunks follow where it was. */
  void reopenTop() {
    topBytes -= topAtBytes;
    trimmableBytes -= topTrimmableBytes;
    returnedBytes -= topReturnedBytes;
    topAt = 0;
    topAtBytes = 0;
    topTrimmableBytes = 0;
    topReturnedBytes = 0;
  }

  /** Books a chunk that was counted as in use and sits in a tcache. */
  void takeBack(long address, long bytes) {
    if (bytes <= inUseBytes && inUseChunks > 0) {
      visitor.cached(address + HEADER_BYTES, bytes - HEADER_BYTES);
      inUseBytes -= bytes;
      inUseChunks--;
      freeBytes += bytes;
      cachedBytes += bytes;
    }
  }

  /** Everything that was passed or left out. */
  long walkedBytes() {
    return inUseBytes + freeBytes + topBytes + overheadBytes + unknownBytes;
  }

  /** Ends a heap behind its last byte. */
  void endSegment(long end) {
    if (runStart >= 0) {
      closeRun(runStart + trailingFree);
    }
    pinnedBytes += heapFree - trailingFree;
    strip.end(end, lastInUse, heapFree - trailingFree);
    heapFree = 0;
    trailingFree = 0;
  }
}
