package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the tables of spans of a process' Go runtimes. {@code mheap_.allspans} is a slice among the
 * variables of the executable or of a library: an address, a length and a capacity, one behind the
 * other. Nearly all of the first elements must look like spans of one layout; then the sum of their
 * pages is compared with the count that the runtime keeps beside the slice ({@code pagesInUse}).
 */
final class SpanSearch {
  private static final int PIECE_WORDS = 4096;
  private static final long SPANS_MIN = 8;
  private static final long SPANS_MAX = 1L << 26;
  private static final int PROOFS = 64;
  private static final int TABLES_MAX = 8;

  private final HeapMemory memory;
  private final AddressSpace space;
  private final ByteBudget budget;
  private final PageCache pages;
  private final Presence presence;
  private final long[] piece = new long[PIECE_WORDS + 2];
  private final Set<Long> arrays = new HashSet<>();

  /**
   * A slice that looks like a table of spans.
   *
   * @param address of the slice itself
   */
  record Found(long address, SpanTable table) {}

  SpanSearch(HeapMemory memory, AddressSpace space, ByteBudget budget, PageCache pages) {
    this.memory = memory;
    this.space = space;
    this.budget = budget;
    this.pages = pages;
    this.presence = new Presence(memory);
  }

  int failure() {
    return presence.failure();
  }

  /** The tables; none where there is no runtime that is understood. */
  List<Found> find(long scanBytesMax) {
    List<Found> found = new ArrayList<>();
    long left = scanBytesMax;
    for (AddressSpace.DataSegment data : space.data()) {
      if (data.libc()) {
        continue;
      }
      long at = presence.nextPresent(data.start(), data.end());
      while (at < data.end() && left > 0 && found.size() < TABLES_MAX && failure() == 0) {
        int wanted = (int) Math.min(piece.length, (data.end() - at) >>> 3);
        int count = Math.max(0, memory.peek(at, piece, wanted));
        budget.spend(Math.max(8, count * 8L));
        left -= Math.max(memory.pageBytes(), count * 8L);
        scan(at, count, found);
        long passed = count >= piece.length ? PIECE_WORDS * 8L : Math.max(count * 8L, 8);
        long next = at + passed;
        at =
            count >= piece.length
                ? next
                : presence.nextPresent(
                    (next + memory.pageBytes() - 1) & -memory.pageBytes(), data.end());
      }
    }
    return found;
  }

  private void scan(long address, int count, List<Found> found) {
    for (int i = 0; i + 2 < count; i++) {
      long length = piece[i + 1];
      if (length >= SPANS_MIN
          && length <= piece[i + 2]
          && piece[i + 2] < SPANS_MAX
          && isArray(piece[i], piece[i + 2])
          && !arrays.contains(piece[i])) {
        prove(address + 8L * i, piece[i], length, found);
      }
    }
  }

  private boolean isArray(long array, long capacity) {
    return array > 0 && (array & 7) == 0 && space.anonymous().endOf(array) >= array + 8 * capacity;
  }

  private void prove(long address, long array, long length, List<Found> found) {
    for (SpanLayout layout : SpanLayout.values()) {
      SpanTable table = new SpanTable(pages, new Presence(memory), array, length, layout);
      if (table.proves(PROOFS)) {
        arrays.add(array);
        found.add(new Found(address, table));
        return;
      }
    }
  }
}
