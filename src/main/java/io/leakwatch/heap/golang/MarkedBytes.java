package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Variables;
import org.jspecify.annotations.Nullable;

/**
 * What a runtime's last collection marked, by its own count ({@code gcController.heapMarked}, one
 * word that each collection writes once): while a program makes garbage by the gigabyte its spans
 * change under a walk, and this word does not. It is found by its neighbour {@code heapInUse}, 120
 * bytes behind it from Go 1.19 to 1.26 (runtime/mgcpacer.go), which is at every time the number of
 * pages in use, in bytes, and has the sums that belong to it behind it.
 */
final class MarkedBytes {
  private static final long DISTANCE = 120;
  private static final int WORDS = 6;
  private static final int TRIES_MAX = 32;
  private static final long SCAN_BYTES_MAX = 64 << 20;

  private final HeapMemory memory;
  private final long[] words = new long[1];
  private long found;

  /**
   * Searches for it.
   *
   * @param data the variables of the runtime, null where they are not known
   * @param pagesInUse address of the count of pages
   */
  MarkedBytes(
      HeapMemory memory,
      ByteBudget budget,
      AddressSpace.@Nullable DataSegment data,
      long pagesInUse) {
    this.memory = memory;
    if (data == null) {
      return;
    }
    Variables variables = new Variables(memory, budget, SCAN_BYTES_MAX);
    for (int i = 0; i < TRIES_MAX && found == 0 && variables.failure() == 0; i++) {
      long pages = word(pagesInUse);
      if (pages <= 0) {
        return;
      }
      long bytes = pages * SpanTable.PAGE_BYTES;
      variables.search(
          data,
          WORDS,
          (address, window, count) -> {
            for (int at = 0; at + WORDS <= count && found == 0; at++) {
              if (window[at] == bytes && isHeapInUse(window, at)) {
                found = address + 8L * at - DISTANCE;
              }
            }
            return found == 0;
          });
    }
  }

  /** Behind it stand what was returned and what is free, all allocated and freed, all mapped. */
  private static boolean isHeapInUse(long[] window, int at) {
    long pageMask = SpanTable.PAGE_BYTES - 1;
    return window[at + 1] >= 0
        && (window[at + 1] & pageMask) == 0
        && window[at + 2] >= 0
        && (window[at + 2] & pageMask) == 0
        && window[at + 3] > 0
        && window[at + 3] >= window[at + 4]
        && window[at + 4] >= 0
        && window[at + 5] >= window[at];
  }

  /** The count as it is now; -1 where it is not known. */
  long now() {
    return found == 0 ? -1 : word(found);
  }

  private long word(long address) {
    return memory.peek(address, words, 1) == 1 ? words[0] : -1;
  }
}
