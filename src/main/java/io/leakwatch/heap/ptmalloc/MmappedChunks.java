package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageHeads;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.memory.AddressRanges;

/**
 * Finds chunks that malloc got by mmap. Such a chunk starts on a page with {@code size|2} and fills
 * whole pages, and the kernel fuses its mapping with its neighbours', so the search goes from page
 * to page and from the end of one chunk to the next. Only the first two words of present pages are
 * read. It ends when malloc's own count is reached, or its bound.
 */
final class MmappedChunks {
  private final long pageBytes;
  private final Presence presence;
  private final ByteBudget budget;
  private final WalkSettings settings;
  private final SizeCensus census;
  private final ObjectVisitor visitor;
  private final PageHeads heads;
  private long count;
  private long bytes;
  private long untouchedBytes;

  MmappedChunks(
      HeapMemory memory,
      Presence presence,
      ByteBudget budget,
      WalkSettings settings,
      SizeCensus census,
      ObjectVisitor visitor) {
    this.pageBytes = memory.pageBytes();
    this.presence = presence;
    this.budget = budget;
    this.settings = settings;
    this.census = census;
    this.visitor = visitor;
    this.heads = new PageHeads(memory, presence, budget, settings.mmapProbePagesMax());
  }

  long count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /** Of them whole pages that are neither present nor swapped out. */
  long untouchedBytes() {
    return untouchedBytes;
  }

  /** Whether the bound on pages ended the search. */
  boolean isCut() {
    return heads.isCut();
  }

  /**
   * Searches.
   *
   * @param heaps what belongs to arenas and holds no such chunk
   * @param expectedCount malloc's own count, negative when unknown
   */
  void search(AddressRanges ranges, AddressRanges heaps, GlibcLayout layout, long expectedCount) {
    for (int i = 0; i < ranges.count(); i++) {
      long at = ranges.start(i);
      long end = ranges.end(i);
      while (at < end && !isDone(expectedCount)) {
        long behindHeap = heaps.endOf(at);
        at = behindHeap != 0 ? behindHeap : batch(at, end, heaps, layout);
      }
    }
  }

  private boolean isDone(long expectedCount) {
    return count == expectedCount
        || count >= settings.mmappedChunksMax()
        || heads.isCut()
        || budget.isExhausted()
        || presence.failure() != 0;
  }

  /** Probes the next present pages up to the first chunk found; returns where to go on. */
  private long batch(long from, long end, AddressRanges heaps, GlibcLayout layout) {
    int n = heads.read(from, end, heaps);
    long skipUntil = 0;
    for (int i = 0; i < n; i++) {
      long page = heads.page(i);
      if (page >= skipUntil) {
        long total = total(heads.first(i), heads.second(i), layout, pageBytes);
        if (total > 0 && total <= end - page) {
          count++;
          bytes += total;
          untouchedBytes += presence.untouchedBytes(page, page + total);
          census.add(total);
          visitor.object(page + ArenaTally.HEADER_BYTES, total - ArenaTally.HEADER_BYTES, true);
          skipUntil = page + total;
        }
      }
    }
    return Math.max(heads.next(), skipUntil);
  }

  /** Pages of the chunk that starts with these words, 0 when none does. */
  static long total(long previousSize, long head, GlibcLayout layout, long pageBytes) {
    if ((head & 15) != 2) {
      return 0;
    }
    long size = head & -8L & ~2L;
    long padding = previousSize & -16L;
    long total = size + (layout.mmappedSizeLacksHeader() ? 16 : 0) + padding;
    boolean sound =
        size >= 32
            && size < 1L << 46
            && padding >= 0
            && padding < pageBytes
            && (previousSize & 15) <= 1
            && total % pageBytes == 0;
    return sound ? total : 0;
  }
}
