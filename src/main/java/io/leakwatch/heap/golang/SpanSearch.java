package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.Variables;
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
  private static final int SLICE_WORDS = 3;
  private static final long SPANS_MIN = 8;
  private static final long SPANS_MAX = 1L << 26;
  private static final int PROOFS = 64;
  private static final int TABLES_MAX = 8;

  private final HeapMemory memory;
  private final AddressSpace space;
  private final PageCache pages;
  private final Variables variables;
  private final List<Found> found = new ArrayList<>();
  private final Set<Long> arrays = new HashSet<>();

  /**
   * A slice that looks like a table of spans.
   *
   * @param address of the slice itself
   */
  record Found(long address, SpanTable table) {}

  SpanSearch(HeapMemory memory, AddressSpace space, PageCache pages, Variables variables) {
    this.memory = memory;
    this.space = space;
    this.pages = pages;
    this.variables = variables;
  }

  int failure() {
    return variables.failure();
  }

  /** The tables; none where there is no runtime that is understood. */
  List<Found> find() {
    for (AddressSpace.DataSegment data : space.data()) {
      if (!data.libc()) {
        variables.search(data, SLICE_WORDS, this::search);
      }
    }
    return found;
  }

  private boolean search(long address, long[] words, int count) {
    for (int i = 0; i + SLICE_WORDS <= count && found.size() < TABLES_MAX; i++) {
      long length = words[i + 1];
      if (length >= SPANS_MIN
          && length <= words[i + 2]
          && words[i + 2] < SPANS_MAX
          && isArray(words[i], words[i + 2])
          && !arrays.contains(words[i])) {
        prove(address + 8L * i, words[i], length);
      }
    }
    return found.size() < TABLES_MAX;
  }

  private boolean isArray(long array, long capacity) {
    return array > 0 && (array & 7) == 0 && space.anonymous().endOf(array) >= array + 8 * capacity;
  }

  private void prove(long address, long array, long length) {
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
